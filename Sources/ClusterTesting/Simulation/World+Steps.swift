import ClusterKit

/// Each durable step, in the states just before and just after it.
extension World {
    /// Checks what a batch made of the state before it.
    func checkStep(_ batch: ChangeBatch) {
        let before = past
        // What a store invents or leaves out is found by comparing it with what it was given.
        guard past.apply(batch) else { return past = store.truth }
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
        drains.look(at: store.truth, led: unhinderedServer, at: now, into: &report)
        returns.look(at: store.truth, led: unhinderedServer, at: now, into: &report)
        guard isSettling, let restSince, reachableServer != nil else { return }
        rollouts.look(at: store.truth, since: restSince, at: now, into: &report)
    }

    /// The server that leads, if nothing keeps it from doing its work.
    private var unhinderedServer: Int? {
        guard let number = reachableServer, !servers[number].isPaused, !network.isDiskFull,
            network.storeDelay == .zero
        else { return nil }
        return number
    }
}
