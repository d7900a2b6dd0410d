import ClusterKit

/// Which ways are cut, and how the store behaves.
struct Network {
    /// Agents whose messages to the servers are lost.
    var cutOutward: Set<Int> = []
    /// Agents that no message of the servers reaches.
    var cutInward: Set<Int> = []
    /// How much slower the store is than usual.
    var storeDelay: Duration = .zero
    /// Whether the store refuses writes.
    var isDiskFull = false
    /// What becomes of the next write, whose writer does not learn it.
    var doubt: Doubt?

    /// What becomes of a write of which nobody learns whether it was done.
    enum Doubt: CaseIterable { case written, unwritten }

    mutating func takeDoubt() -> Doubt? {
        defer { doubt = nil }
        return doubt
    }
}

/// One call of an agent on its way.
struct AgentCall {
    /// What is asked.
    enum Question {
        indirect case register(Node)
        case heartbeat(NodeID)
        case assignments(after: ViewStamp, wait: Duration, number: UInt64)
        case report([AllocationReport])
    }

    let id: UInt64
    let agent: Int
    let life: Int
    let node: NodeID
    let question: Question

    /// The link call that a failure names.
    var call: LinkCall {
        switch question {
        case .register: .register
        case .heartbeat: .heartbeat
        case .assignments: .assignments
        case .report: .report
        }
    }

    /// What the agent hears when the server's core has answered.
    func answer(to result: Result<ServerReply, ClusterError>) -> AgentEvent {
        switch (result, question) {
        case (.success(.registration(let granted)), .register): .registered(granted)
        case (.success(.registration(let granted)), _): .heartbeatAccepted(granted)
        case (.success, _): .reported
        case (.failure(let error), _): failure(error)
        }
    }

    /// What the agent hears when nobody has answered.
    func failure(_ error: ClusterError) -> AgentEvent { .callFailed(call, error, number: number) }

    /// What the agent hears of a state.
    func view(of snapshot: Snapshot) -> AgentEvent {
        .assigned(Assignments(for: node, in: snapshot), number: number)
    }

    private var number: UInt64? { if case .assignments(_, _, let number) = question { number } else { nil } }
}

extension World {
    /// The time a message takes; some come late, so that they overtake each other.
    func transit() -> Duration {
        let base = roughness.latency / 2 + .microseconds(entropy.below(Int(roughness.latency.nanoseconds / 1000)))
        guard draws(roughness.latePerMille, "late") else { return base }
        return base + .milliseconds(entropy.below(20_000))
    }

    private func draws(_ perMille: Int, _ kind: String) -> Bool {
        guard !isSettling, entropy.below(1000) < perMille else { return false }
        report.messages[kind, default: 0] += 1
        return true
    }

    var isLost: Bool { draws(roughness.lostPerMille, "lost") }
    var isRepeated: Bool { draws(roughness.repeatedPerMille, "repeated") }

    /// An agent calls.
    func place(_ question: AgentCall.Question, from agent: Int, patience: Duration = .seconds(10)) {
        nextCall += 1
        let call = AgentCall(
            id: nextCall, agent: agent, life: agents[agent].life, node: agents[agent].node.id, question: question)
        agents[agent].calls.insert(call.id)
        var patience = patience
        if case .assignments(_, let wait, _) = question { patience += wait }
        later(patience, .callTimesOut(call))
        guard !network.cutOutward.contains(agent), !isLost else { return }
        later(transit(), .call(call))
        if isRepeated { later(transit(), .call(call)) }
    }

    /// A call reaches whichever server is there.
    func arrive(_ call: AgentCall) {
        guard let number = reachableServer else {
            let refused = ClusterError(.unavailable, "nobody answers")
            return send(call.failure(refused), for: call, from: nil)
        }
        mark(6, call.id)
        switch call.question {
        case .register(let node): ask(number, .registerNode(node), for: call)
        case .heartbeat(let node): ask(number, .heartbeat(node), for: call)
        case .report(let reports):
            for report in reports where report.client.isTerminal {
                tell("agent \(call.agent) reports \(report.id.short): \(report.client), \(report.description)")
            }
            ask(number, .report(call.node, reports), for: call)
        case .assignments(let stamp, let wait, _):
            if Assignments.isNewer(for: call.node, than: stamp, in: servers[number].durable),
                !servers[number].isPaused
            {
                send(call.view(of: servers[number].durable), for: call, from: number)
            } else {
                servers[number].polls.append(call)
                later(wait, .pollEnds(number, life: number, call))
            }
        }
    }

    private func ask(_ number: Int, _ request: ServerRequest, for call: AgentCall) {
        servers[number].nextRequest += 1
        let id = servers[number].nextRequest
        servers[number].calls[id] = call
        tellServer(number, number, .request(id, request))
    }

    /// Answers the parked calls for whom there is news.
    func wakePolls(of number: Int) {
        guard !servers[number].isPaused else { return }
        let durable = servers[number].durable
        var parked: [AgentCall] = []
        for call in servers[number].polls {
            guard case .assignments(let stamp, _, _) = call.question else { continue }
            if Assignments.isNewer(for: call.node, than: stamp, in: durable) {
                send(call.view(of: durable), for: call, from: number)
            } else {
                parked.append(call)
            }
        }
        servers[number].polls = parked
    }

    /// A parked call has waited long enough: it gets what there is.
    func endPoll(_ number: Int, _ life: Int, _ call: AgentCall) {
        guard servers[number].isAlive, !servers[number].isPaused,
            let place = servers[number].polls.firstIndex(where: { $0.id == call.id })
        else { return }
        servers[number].polls.remove(at: place)
        send(call.view(of: servers[number].durable), for: call, from: number)
    }

    /// An answer on its way back; it may come late, and a view may come twice.
    func send(_ event: AgentEvent, for call: AgentCall, from number: Int?) {
        guard !network.cutInward.contains(call.agent), !isLost else { return }
        later(transit(), .answered(call, event))
        if case .assigned = event, isRepeated {
            later(transit() + .milliseconds(entropy.below(30_000)), .answered(call, event))
        }
    }

    /// An answer arrives. Nobody waits any more for one that comes after its call was given up; only views are handed
    /// on all the same, for a link may repeat and delay them.
    func deliver(_ event: AgentEvent, for call: AgentCall) {
        guard agents[call.agent].life == call.life else { return }
        if agents[call.agent].calls.remove(call.id) != nil {
            tellAgent(call.agent, call.life, event)
        } else if case .assigned(let view, _) = event {
            report.messages["view that no call awaits", default: 0] += 1
            tellAgent(call.agent, call.life, .overheard(view))
        }
    }

    /// No answer came in time.
    func timeOut(_ call: AgentCall) {
        guard agents[call.agent].life == call.life, agents[call.agent].calls.remove(call.id) != nil else { return }
        let error = ClusterError(.unavailable, "no answer came in time")
        tellAgent(call.agent, call.life, call.failure(error))
    }
}
