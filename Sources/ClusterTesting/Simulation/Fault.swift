import ClusterKit

/// Something bad that happens to the cluster and, after a while, passes.
enum Fault {
    case agentCrash(Int)
    case machineLoss(Int)
    case agentPause(Int)
    case serverCrash
    case serverPause(Int, takeover: Bool)
    case cut(Set<Int>, outward: Bool, inward: Bool)
    case clockJump(Duration)
    case strayClock(Int, Duration)
    case newDescription(Int)
    case doubtfulWrite(Network.Doubt)
    case diskFull
    case slowStore
    case silentStore

    /// The name in statistics.
    var kind: String {
        switch self {
        case .agentCrash: "agent crash"
        case .machineLoss: "machine loss"
        case .agentPause: "agent pause"
        case .serverCrash: "server crash"
        case .serverPause(_, let takeover): takeover ? "server pause with takeover" : "server pause"
        case .cut(_, let outward, let inward): outward && inward ? "partition" : "one-way partition"
        case .clockJump(let jump):
            jump > .seconds(3600) || jump < .seconds(-3600) ? "clock jump of a day" : "clock jump"
        case .strayClock: "one machine's clock jumps"
        case .newDescription: "machine described anew"
        case .doubtfulWrite: "doubtful write"
        case .diskFull: "full disk"
        case .slowStore: "slow store"
        case .silentStore: "silent store"
        }
    }
}

extension World {
    /// Chance picks a fault, and when the next one comes.
    func strike() {
        guard !isSettling, let interval = roughness.faultInterval else { return }
        later(.microseconds(entropy.below(Int(clamping: interval.nanoseconds / 500))), .fault)
        guard let fault = pickFault(), begin(fault) else { return }
        report.faults[fault.kind, default: 0] += 1
        mark(8, UInt64(fault.kind.utf8.count))
        tell("fault: \(fault)")
    }

    private func pickFault() -> Fault? {
        let agent = entropy.below(agents.count)
        switch entropy.below(16) {
        case 0, 1: return agents[agent].isAlive ? .agentCrash(agent) : nil
        case 2: return agents[agent].isAlive ? .machineLoss(agent) : nil
        case 3: return agents[agent].isAlive && !agents[agent].isPaused ? .agentPause(agent) : nil
        case 4: return .serverCrash
        case 5, 6:
            guard let number = reachableServer, !servers[number].isPaused else { return nil }
            return .serverPause(number, takeover: entropy.below(2) == 0)
        case 7, 8:
            let group = Set((0...entropy.below(8)).map { _ in entropy.below(agents.count) })
            let ways = entropy.below(3)
            return .cut(group, outward: ways != 1, inward: ways != 0)
        case 9:
            guard entropy.below(5) > 0 else { return .clockJump(.seconds(entropy.below(2) == 0 ? 86_400 : -86_400)) }
            return .clockJump(.seconds(entropy.below(7200) - 3600))
        case 10: return network.isDiskFull ? nil : .diskFull
        case 11: return .silentStore
        case 13: return .strayClock(agent, .seconds(entropy.below(1200) - 600))
        case 14: return agents[agent].isAlive ? .newDescription(agent) : nil
        case 15: return .doubtfulWrite(entropy.below(2) == 0 ? .written : .unwritten)
        default: return .slowStore
        }
    }

    /// Gives whether there was something for it to happen to.
    private func begin(_ fault: Fault) -> Bool {
        let lasts = Duration.milliseconds(500 + entropy.below(60_000))
        switch fault {
        case .agentCrash(let number):
            crashAgent(number)
            later(lasts / 4, .heal(fault))
        case .machineLoss(let number):
            loseMachine(number)
            if goneForGood.count < 3, entropy.below(3) == 0 {
                goneForGood.insert(number)
                tell("machine \(number) never comes back")
            } else {
                later(lasts, .heal(fault))
            }
        case .agentPause(let number):
            agents[number].isPaused = true
            noteSilence(of: number)
            later(lasts, .heal(fault))
        case .newDescription(let number): describe(number)
        case .cut(let group, let outward, let inward):
            if outward { network.cutOutward.formUnion(group) }
            if inward { network.cutInward.formUnion(group) }
            for number in group.sorted() { noteSilence(of: number) }
            later(lasts, .heal(fault))
        case .clockJump(let jump): wallSkew += jump
        case .strayClock(let number, let jump): agents[number].clock.skew += jump
        case .serverCrash, .serverPause, .diskFull, .silentStore, .slowStore, .doubtfulWrite:
            return beginOnServers(fault, for: lasts)
        }
        return true
    }

    private func beginOnServers(_ fault: Fault, for lasts: Duration) -> Bool {
        guard let number = reachableServer else { return false }
        disturbed = max(disturbed, now)
        switch fault {
        case .serverCrash:
            crashServer(number)
            if reachableServer == nil { later(lasts / 4, .serverStarts) }
        case .serverPause(let number, let takeover):
            servers[number].isPaused = true
            later(lasts / 2, .heal(fault))
            if takeover { later(lasts / 4, .serverStarts) }
        case .diskFull:
            network.isDiskFull = true
            later(lasts / 3, .heal(fault))
        case .silentStore:
            servers[number].edge.loseSource()
            later(lasts / 2, .sourceReturns(number))
        case .doubtfulWrite(let doubt): network.doubt = doubt
        default:
            network.storeDelay = .milliseconds(50 + entropy.below(2000))
            later(lasts / 2, .heal(fault))
        }
        return true
    }

    func heal(_ fault: Fault) {
        tell("healed: \(fault.kind)")
        switch fault {
        case .agentCrash(let number), .machineLoss(let number):
            guard !agents[number].isAlive, !goneForGood.contains(number) else { return }
            note("the agent of \(agents[number].node.name) starts again")
            startAgent(number)
        case .agentPause(let number): resumeAgent(number)
        case .serverPause(let number, _): resumeServer(number)
        case .cut(let group, let outward, let inward):
            if outward { network.cutOutward.subtract(group) }
            if inward { network.cutInward.subtract(group) }
            for number in group.sorted() { noteSilence(of: number) }
            note("machines \(group.sorted().map(String.init).joined(separator: ", ")) are cut off no longer")
        case .diskFull:
            network.isDiskFull = false
            disturbed = max(disturbed, now)
        case .slowStore:
            network.storeDelay = .zero
            disturbed = max(disturbed, now)
        case .serverCrash, .clockJump, .strayClock, .newDescription, .silentStore, .doubtfulWrite: break
        }
    }

    /// Ends all faults: from here on the cluster must come to rest by itself.
    func settle() {
        isSettling = true
        restSince = now
        disturbed = max(disturbed, now)
        network = Network()
        for number in agents.indices { noteSilence(of: number) }
        for number in servers.indices { servers[number].edge.regainSource(servers[number].durable) }
        tell("all faults end")
        for number in servers.indices where servers[number].isPaused { resumeServer(number) }
        if reachableServer == nil { later(.milliseconds(100), .serverStarts) }
        for number in agents.indices {
            if !agents[number].isAlive, !goneForGood.contains(number) { startAgent(number) }
            if agents[number].isPaused { resumeAgent(number) }
        }
        if options.hasUsers { later(.seconds(2), .operatorRests) }
    }

    /// Nothing moves any more for tidiness' sake once the cluster comes to rest.
    func restOperator() {
        guard truth.schedulingRules.movesPerHour > 0 else { return }
        ask { _ in .setSchedulingRules(SchedulingRules(), ifUnchangedSince: nil) }
        // The server may not be there yet, or have to start anew.
        later(.seconds(5), .operatorRests)
    }
}
