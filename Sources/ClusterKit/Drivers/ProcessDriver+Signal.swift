import ClusterShimCore

extension ProcessDriver: TaskSignaling {
    public func signal(_ handle: TaskHandle, _ name: String) async throws {
        let signal = try TaskSignal(named: name)
        guard let entry = entry(for: handle), entry.isOfThisBoot, entry.record == nil else { return }
        // The process alone: what a shell has started need not know the signal, and would end by it.
        entry.trace.task?.signal(signal.number)
    }
}
