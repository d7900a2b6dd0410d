import ClusterShimCore

extension ProcessDriver {
    /// What came of an earlier start under this name: the agent that asked for it was killed before it heard, or before
    /// it wrote down, that the task runs. The next one asks again, and the task must not run twice. `nil` when no task
    /// came of it, or its shim was lost.
    func adopted(_ name: String) async throws -> TaskTrace? {
        let state = stateFolder + "/" + name
        for _ in 0..<500 {
            guard let text = contents(of: state + "/" + TaskTrace.file) else { return nil }
            if let trace = TaskTrace(text: text) {
                let entry = TaskEntry(state: state, trace: trace)
                // Asked in this order: a shim records the end before its own.
                let isWatched = entry.isOfThisBoot && trace.shim.isRunning
                if let record = entry.record { return record.isLost ? nil : trace }
                guard isWatched else { return nil }
                if trace.task != nil { return trace }
            }
            // A shim is just about to start the task, or to leave its trace.
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }
}
