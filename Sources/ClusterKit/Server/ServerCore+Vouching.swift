/// What this server says without having written anything for it.
///
/// Another server may take the lead while this one stands still, and this one finds out only when the store tells, or
/// refuses a write of it. Until then it knows less than the other, and what it grants the other does not wait for.
extension ServerCore {
    /// Answers a request as soon as everything up to the head is durable. Where nothing was written for it since
    /// `before`, an empty batch is: whoever hears that nothing is new, or that all is as wished, does not ask again, so
    /// it has to hold for the server that leads.
    mutating func confirm(
        _ id: RequestID, _ answer: ServerReply, since before: Revision, at now: Now, into effects: inout [Effect]
    ) {
        #if MUTANTS
            let mustShow = Sabotage.active != .credulousLeader
        #else
            let mustShow = true
        #endif
        if mustShow, head.revision == before { commit([], evenIfEmpty: true, at: now, into: &effects) }
        reply(id, answer, into: &effects)
    }

    /// Answers a request that needs no write: at once, also while the store is slow or refuses. After a standstill of
    /// this server, once a write has shown that it leads still.
    mutating func vouch(_ id: RequestID, _ answer: ServerReply, at now: Now, into effects: inout [Effect]) {
        guard let doubt else { return effects.append(.reply(id, .success(answer))) }
        if head.revision < doubt { commit([], evenIfEmpty: true, at: now, into: &effects) }
        reply(id, answer, into: &effects)
    }

    // MARK: - Standstills

    /// Twice in the time by which another leader waits longer than leases last: what is granted in a standstill too
    /// short to be noticed is over before that leader gives anything up.
    private var pulse: Duration { max(.milliseconds(100), configuration.heartbeatGrace / 2) }

    /// Begins to look at the clock.
    mutating func beginPulse(at now: Now) {
        nextPulse = now.uptime + pulse
        doubt = nil
    }

    /// Notices that this server stood still.
    mutating func noteStandstill(at now: Now, into effects: inout [Effect]) {
        guard takesSilenceForLoss, nextPulse <= now.uptime else { return }
        let delay = now.uptime - nextPulse
        nextPulse = now.uptime + pulse
        #if MUTANTS
            if Sabotage.active == .unawareLeader { return }
        #endif
        guard delay > Self.tolerance else { return }
        commit([], evenIfEmpty: true, at: now, into: &effects)
        doubt = head.revision
        // Nor was anybody heard of: what agents had to tell of instances may still come.
        guard let due = watch.nextDeadline, now.uptime - due > Self.tolerance else { return }
        rollouts.giveTime(after: inheritedLease, in: head, at: now)
    }
}
