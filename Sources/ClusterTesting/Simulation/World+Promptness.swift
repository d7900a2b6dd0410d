import ClusterKit

/// What must be known in time wherever nothing stands in the way. Written from the promises, not from the code.
extension World {
    /// How long after the last fault messages of before may still be on their way.
    private static let echo = Duration.seconds(20)

    /// While messages are lost, a report may have to be sent again, more than once.
    private static let losses = Duration.seconds(75)

    /// How long a failing instance may be offered: its check's interval and timeout, as often as it has to fail, a
    /// second, and a message each to the agent's server and back.
    private func patience(with allocation: Allocation) -> Duration {
        let group = truth.job(of: allocation)?.group(allocation.group)
        let checks = group?.placedServices.flatMap(\.spec.checks) ?? []
        let longest = checks.map { ($0.interval + $0.timeout) * (1 + $0.failuresBeforeCritical) }.max() ?? .zero
        return longest + .seconds(2) + (isSettling ? .zero : Self.losses)
    }

    /// How long servers may count a node as alive that says nothing, once nothing more of it can arrive.
    private var silencePatience: Duration {
        options.server.grantedTTL(nodes: agents.count) + options.server.heartbeatGrace + .seconds(5) + Self.echo
    }

    /// An instance is offered: it is well, or has become unwell just now, or nobody could hear of that.
    func checkIsWellKnown(_ instance: ServiceInstance, of allocation: Allocation) {
        guard areServersUndisturbed, let number = number(of: allocation.node), isUndisturbed(number),
            let unwellSince = agents[number].machine.running(of: allocation.id)?.unwellSince
        else { return }
        let since = max(unwellSince, max(disturbed, agents[number].disturbed) + Self.echo)
        guard now - since > patience(with: allocation) else { return }
        violate("a failing check is known in time", "\(instance.id) fails since \(unwellSince) and is still offered")
    }

    /// How long a look at a job may be due.
    private static let lookPatience = Duration.seconds(10)

    /// A look that waits for no time is made, wherever a server can write what it decides. When one with a time is due
    /// depends on clocks that jump.
    func checkLooks() {
        var due: [EvaluationID: Uptime] = [:]
        for evaluation in truth.evaluations.unordered
        where evaluation.status == .pending && evaluation.waitUntil == nil {
            let since = dueLooks[evaluation.id] ?? now
            due[evaluation.id] = since
            guard areServersUndisturbed, now - max(since, disturbed) > Self.lookPatience else { continue }
            violate(
                "a look at a job comes in time",
                "\(evaluation.id.short) of \(evaluation.job) (\(evaluation.trigger)) is due since \(since)")
        }
        dueLooks = due
    }

    /// What is to be looked at does not pile up: one look at a job waits for room, and those that wait for a time are
    /// about as many as its instances at most.
    func checkQueues() {
        var waiting: [JobID: (forRoom: Int, forTime: Int)] = [:]
        for evaluation in truth.evaluations.unordered {
            if evaluation.status == .blocked { waiting[evaluation.job, default: (0, 0)].forRoom += 1 }
            if evaluation.status == .pending, evaluation.waitUntil != nil {
                waiting[evaluation.job, default: (0, 0)].forTime += 1
            }
        }
        for (job, looks) in waiting.sorted(by: { $0.key < $1.key }) {
            let bound = truth.allocations(of: job).count + 2
            guard looks.forRoom > 1 || looks.forTime > bound else { continue }
            violate("looks at a job do not pile up", "\(job): \(looks), at most 1 and \(bound)")
        }
    }

    /// The agent of a node.
    func number(of node: NodeID) -> Int? { agents.indices.first { agents[$0].node.id == node } }

    /// A machine of which servers could hear nothing for long enough is known to be down.
    func checkSilence() {
        guard areServersUndisturbed else { return }
        for agent in agents.indices {
            guard let silentSince = agents[agent].silentSince else { continue }
            guard now - max(silentSince, disturbed) > silencePatience else { continue }
            guard let node = truth.nodes[agents[agent].node.id] else { continue }
            report.outcomes["silence known in time", default: 0] += 1
            guard node.status != .down else { continue }
            violate("who falls silent is lost in time", "\(node.name) is \(node.status), silent since \(silentSince)")
        }
    }

    /// Since when nothing of an agent can reach a server is noted whenever that may have changed.
    func noteSilence(of number: Int) {
        agents[number].disturbed = now
        let isSilent = !agents[number].isAlive || agents[number].isPaused || network.cutOutward.contains(number)
        agents[number].silentSince = isSilent ? agents[number].silentSince ?? now : nil
    }

    private func isUndisturbed(_ number: Int) -> Bool {
        agents[number].isAlive && !agents[number].isPaused
            && !network.cutOutward.contains(number) && !network.cutInward.contains(number)
    }

    /// Whether the server that leads can decide and write at once.
    var areServersUndisturbed: Bool {
        guard let number = reachableServer else { return false }
        return !servers[number].isPaused && servers[number].edge.offeredAtLoss == nil && !network.isDiskFull
            && network.storeDelay == .zero
    }
}
