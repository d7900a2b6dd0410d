import ClusterKit

/// What the script does to the world, step by step.
extension World {
    /// Schedules what the script says.
    func prepareScript() {
        for (place, step) in options.script.enumerated() {
            if let stranger = step.machines.sorted().first(where: { !agents.indices.contains($0) }) {
                violate(
                    "a script names machines that are there",
                    "its step \(place) names machine \(stranger); they are numbered from 0 to \(agents.count - 1)")
            }
            later(step.time, .scripted(place))
        }
    }

    func follow(_ place: Int) {
        mark(10, UInt64(place))
        switch options.script[place].act {
        case .ask(let question): ask(question, told: true)
        case .askAbout(let machine, let request):
            let node = agents[machine].node.id
            ask({ _ in request(node) }, told: true)
        case .inquire(let question): inquire(question)
        case .crashAgent(let machine, let lasts):
            guard agents[machine].isAlive else { return }
            crashAgent(machine)
            note("the agent of \(agents[machine].node.name) is killed")
            later(lasts, .heal(.agentCrash(machine)))
        case .pauseAgent(let machine, let lasts):
            guard agents[machine].isAlive, !agents[machine].isPaused else { return }
            agents[machine].isPaused = true
            noteSilence(of: machine)
            note("the agent of \(agents[machine].node.name) stands still")
            later(lasts, .heal(.agentPause(machine)))
        case .loseMachine(let machine, let lasts):
            guard agents[machine].isAlive else { return }
            loseMachine(machine)
            note("\(agents[machine].node.name) loses power")
            if let lasts { later(lasts, .heal(.machineLoss(machine))) } else { goneForGood.insert(machine) }
        case .cut(let machines, let direction, let lasts): cut(machines, direction, for: lasts)
        case .setClock(let jump):
            wallSkew += jump
            note("the clock is set by \(jump.shortText)")
        case .crashServer, .pauseServer, .fillDisk, .slowStore, .silenceStore:
            followAtServer(options.script[place].act)
        }
    }

    /// What is done to the server and its store.
    private func followAtServer(_ act: ScriptStep.Act) {
        switch act {
        case .crashServer(let lasts):
            guard let number = reachableServer else { return }
            note("the server is killed")
            crashServer(number)
            later(lasts, .serverStarts)
        case .pauseServer(let lasts, let successor):
            guard let number = reachableServer, !servers[number].isPaused else { return }
            note("the server stands still")
            servers[number].isPaused = true
            later(lasts, .heal(.serverPause(number, takeover: successor != nil)))
            if let successor { later(successor, .serverStarts) }
        case .fillDisk(let lasts):
            network.isDiskFull = true
            note("the disk is full")
            later(lasts, .heal(.diskFull))
        case .slowStore(let delay, let lasts):
            network.storeDelay = delay
            note("the store is slow")
            later(lasts, .heal(.slowStore))
        case .silenceStore(let lasts):
            guard let number = reachableServer else { return }
            note("the store falls silent")
            servers[number].edge.loseSource()
            later(lasts, .sourceReturns(number))
        default: break
        }
    }

    private func cut(_ machines: Set<Int>, _ direction: ScriptStep.Direction, for lasts: Duration) {
        let (outward, inward) = (direction != .inward, direction != .outward)
        if outward { network.cutOutward.formUnion(machines) }
        if inward { network.cutInward.formUnion(machines) }
        for machine in machines.sorted() { noteSilence(of: machine) }
        note("machines \(machines.sorted().map(String.init).joined(separator: ", ")) are cut off")
        later(lasts, .heal(.cut(machines, outward: outward, inward: inward)))
    }

    /// Asks the agent, as its server would: the answer is part of the chronicle.
    private func inquire(_ question: @Sendable (Snapshot) -> (AllocationID, Inquiry.Question)?) {
        guard let (id, question) = question(truth), let node = truth.allocations[id]?.node,
            let agent = agents.firstIndex(where: { $0.node.id == node })
        else { return refuse("there is nothing to ask for") }
        if case .restart = question { askedToRestart.insert(id) }
        let inquiry = Inquiry(id: entropy.identifier(), allocation: id, question: question)
        tellAgent(agent, agents[agent].life, .inquired([inquiry]))
    }

    /// Whoever asks learns what came of it; a refusal is part of the chronicle, and of the report when the script asks.
    func ask(_ question: @Sendable (Snapshot) -> ServerRequest?, told: Bool = false) {
        guard let number = reachableServer else {
            if told { refuse("nobody answers") }
            return
        }
        guard let request = question(servers[number].durable) else {
            if told { refuse("there is nothing to ask for") }
            return
        }
        servers[number].nextRequest += 1
        let id = servers[number].nextRequest
        if told { servers[number].asked.insert(id) }
        tellServer(number, number, .request(id, request))
    }

    /// Something that the script asks for does not happen.
    func refuse(_ reason: String) {
        note(reason)
        let time = (now - Uptime(nanoseconds: 0)).clockText
        report.scriptFailures.append("\(time) \(reason)")
    }
}

extension ScriptStep {
    /// The machines that it names, by their places.
    fileprivate var machines: Set<Int> {
        switch act {
        case .askAbout(let machine, _), .crashAgent(let machine, _), .pauseAgent(let machine, _),
            .loseMachine(let machine, _):
            [machine]
        case .cut(let machines, _, _): machines
        default: []
        }
    }
}
