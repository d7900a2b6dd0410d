/// How long nodes count as alive, and how long what has a lease may run there.
///
/// Terms grow with the number of nodes. A server that takes the lead has to wait for the longest that may be left, also
/// of a node that is known no longer, and cannot tell from the nodes of today how many there were. So the store holds
/// how long terms may be: none is granted that is longer than what is durable.
extension ServerCore {
    /// Terms are told apart by so much: the store is written to once for many nodes.
    private static let leaseStep = Duration.seconds(10)

    /// The term among few nodes, which every server of one configuration grants, whatever the store holds.
    private var leastLease: Duration { configuration.grantedTTL(nodes: 0) + configuration.heartbeatGrace }

    /// The term among the nodes that there are.
    private var usualLease: Duration {
        configuration.grantedTTL(nodes: head.nodes.count) + configuration.heartbeatGrace
    }

    /// The longest term that other servers may have granted. A store that an older program wrote to holds none.
    var inheritedLease: Duration { max(durable.longestLease, leastLease, usualLease) }

    /// Gives a node its next term.
    mutating func grant(_ id: NodeID, at now: Now, into effects: inout [Effect]) -> Registration {
        noteLease(of: usualLease, at: now, into: &effects)
        // Agents count from when they asked, which was before: their leases are over when the node is lost.
        let term = min(usualLease, max(durable.longestLease, leastLease))
        if takesSilenceForLoss { watch.extend(id, until: now.uptime + term) }
        silence.longestLease = max(silence.longestLease, term)
        return Registration(heartbeatTTL: term - configuration.heartbeatGrace, lease: term)
    }

    /// Has the store know of longer terms before they are granted, and forget them once the last of them is over.
    private mutating func noteLease(of term: Duration, at now: Now, into effects: inout [Effect]) {
        guard !isPaused else { return }
        let known = max(head.longestLease, leastLease)
        let needed = term <= leastLease ? leastLease : term.roundedUp(to: Self.leaseStep)
        if needed >= known { lesserLease = .zero } else { lesserLease = max(lesserLease, needed) }
        if needed >= known { longLeases = now.uptime }
        if needed > known {
            commit([.putLongestLease(needed)], at: now, into: &effects)
        } else if needed < known, now.uptime - longLeases > known + known / 100 {
            // Nodes may have gone one after the other: terms in between may be left still.
            commit([.putLongestLease(lesserLease)], at: now, into: &effects)
            silence.longestLease = lesserLease
            (longLeases, lesserLease) = (now.uptime, .zero)
        }
    }
}

extension Duration {
    /// The least multiple of `step` that is no shorter.
    fileprivate func roundedUp(to step: Duration) -> Duration {
        let rest = nanoseconds % step.nanoseconds
        return rest == 0 ? self : self + .nanoseconds(step.nanoseconds - rest)
    }
}
