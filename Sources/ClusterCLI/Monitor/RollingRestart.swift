import ClusterClient
import ClusterKit

/// What a rolling restart does with a job: on a server, or in a story made up by a test.
protocol RestartedJob: Sendable {
    /// Stops an allocation, so that another takes its place.
    func stop(_ allocation: String) async throws
    /// The allocations of the job, as soon as one is newer than `index`; after a while also when nothing changed.
    func allocations(after index: Revision) async throws -> ([AllocationWire], Revision)
}

/// Replaces instances, a batch at a time: the next ones end once what takes the place of the last ones runs.
struct RollingRestart {
    let job: any RestartedJob
    /// How long a batch is waited for.
    var patience = Duration.seconds(600)
    /// Tells a line.
    var say: (String) -> Void = { Terminal.say($0) }

    /// Replaces `chosen`, `size` of them at a time, and says how it ended. `known` are all that the job had before.
    func run(_ chosen: [AllocationWire], _ size: Int, among known: [AllocationWire]) async throws -> Ending {
        let known = Set(known.map(\.id))
        for start in stride(from: 0, to: chosen.count, by: size) {
            let batch = chosen[start..<min(start + size, chosen.count)]
            for old in batch {
                say("    Replacing \(old.name) (\(AllocationTable.shown(old.id)))")
                try await job.stop(old.id)
            }
            let outcome = try await wait(for: chosen[..<batch.endIndex], beside: known)
            if outcome != .success { return outcome }
        }
        return .success
    }

    /// Waits until as many new instances of each group run as were stopped.
    ///
    /// What takes the place of one may be placed only when that has ended, and need not have its number: the lowest
    /// that is free is given.
    private func wait(for stopped: ArraySlice<AllocationWire>, beside known: Set<String>) async throws -> Ending {
        let wanted = Dictionary(grouping: stopped, by: \.group).mapValues(\.count)
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        var missing = 0
        var index = Revision.zero
        repeat {
            let (all, next) = try await job.allocations(after: index)
            index = next
            let new = all.filter { !known.contains($0.id) }
            if let failed = new.first(where: { $0.clientStatus == "failed" }) {
                let id = AllocationTable.shown(failed.id)
                say("==> The new instance \(failed.name) failed; the others were left alone")
                say("    See: cluster alloc status \(id)")
                return .failure
            }
            let well = new.filter { $0.clientStatus == "running" || $0.clientStatus == "complete" }
            let running = Dictionary(grouping: well, by: \.group).mapValues(\.count)
            missing = wanted.reduce(0) { $0 + max(0, $1.value - running[$1.key, default: 0]) }
            if missing == 0 { return .success }
        } while clock.now < deadline
        say("==> \(missing) of \(stopped.count) new instances do not run yet; the others were left alone")
        return .notPlaced
    }
}

/// A job of a server.
struct ServedJob: RestartedJob {
    let client: ClusterClient
    let id: String
    let namespace: String

    func stop(_ allocation: String) async throws { _ = try await client.stopAllocation(allocation) }

    func allocations(after index: Revision) async throws -> ([AllocationWire], Revision) {
        let options = ReadOptions(namespace: namespace, index: index, wait: .seconds(5))
        let answer = try await Patience().ask { try await client.allocations(of: id, options) }
        return (answer.value, answer.index)
    }
}
