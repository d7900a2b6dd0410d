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
    /// How many looks are taken at a batch before it is given up; each lasts until something changes, 5 s at most.
    var patience = 120
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
            let outcome = try await wait(for: batch.map(\.name), beside: known)
            if outcome != .success { return outcome }
        }
        return .success
    }

    /// Waits until the newest instance of each name runs. It may be placed only when the old one has ended.
    private func wait(for names: [String], beside known: Set<String>) async throws -> Ending {
        var missing = names
        var index = Revision.zero
        for _ in 0..<patience {
            let (all, next) = try await job.allocations(after: index)
            index = next
            let new = all.filter { !known.contains($0.id) }
            missing = []
            for name in names {
                let newest = new.filter { $0.name == name }.max { $0.createIndex < $1.createIndex }
                switch newest?.clientStatus {
                case "running", "complete": break
                case "failed":
                    let id = AllocationTable.shown(newest?.id ?? "")
                    say("==> What takes the place of \(name) failed; see: cluster alloc status \(id)")
                    return .failure
                default: missing.append(name)
                }
            }
            if missing.isEmpty { return .success }
        }
        say("==> Nothing runs yet in the place of \(missing.joined(separator: ", ")); the others were left alone")
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
        let answer = try await client.allocations(of: id, options)
        return (answer.value, answer.index)
    }
}
