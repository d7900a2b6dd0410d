import ClusterKit

/// Each durable step, in the states just before and just after it.
extension World {
    /// Checks what a batch made of the state before it.
    func checkStep(_ batch: ChangeBatch, isLast: Bool) {
        let before = past
        // What a store invents or leaves out is found by comparing it with what it was given. One that does neither
        // holds by now what the last batch of a group leads to.
        if isLast, store is FaithfulStore {
            past = truth
        } else if !past.apply(batch) {
            return past = truth
        }
        rollouts.check(batch, from: before, to: past, at: now, into: &report)
        canaries.check(batch, leadingTo: past, into: &report)
        GateChecker.check(batch, from: before, into: &report)
        schedules.check(batch, from: before, into: &report)
        checkRemovals(batch, from: before, to: past)
        drains.check(batch, at: now)
        returns.check(batch)
    }

    /// Looks at what has to come about within a time.
    func checkProgress() {
        drains.look(at: truth, led: unhinderedServer, at: now, into: &report)
        returns.look(at: truth, led: unhinderedServer, at: now, into: &report)
        if unhinderedServer != nil { rollouts.lookForReady(at: truth, since: disturbed, at: now, into: &report) }
        guard isSettling, let restSince, reachableServer != nil else { return }
        rollouts.look(at: truth, since: restSince, at: now, into: &report)
    }

    /// The server that leads, if nothing keeps it from doing its work.
    private var unhinderedServer: Int? {
        guard let number = reachableServer, !servers[number].isPaused, !network.isDiskFull,
            network.storeDelay == .zero
        else { return nil }
        return number
    }
}
