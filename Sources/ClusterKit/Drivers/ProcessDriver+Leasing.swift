import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The shim of a task ends it when its lease is over, also while the agent stands still or is gone. Under
/// `Supervision.inProcess` a thread of the agent does, which stands still with it; tasks end with the agent's process
/// there.
extension ProcessDriver: TaskLeasing {
    public func renewLease(of handle: TaskHandle, until end: Uptime) async throws {
        guard let entry = entry(for: handle), entry.isOfThisBoot, entry.record == nil else { return }
        if let known = LeaseKeeper.end(in: entry.state), known >= end.nanoseconds { return }
        guard LeaseKeeper.leave(end.nanoseconds, in: entry.state) else {
            let code = errno
            // A task that was removed meanwhile needs none.
            guard entry.isKnown else { return }
            throw ClusterError(.unavailable, "cannot write to \(entry.state): \(reason(code))")
        }
    }
}
