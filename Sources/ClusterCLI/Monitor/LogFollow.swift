import ClusterClient
import ClusterKit

/// Shows what a task writes until it has ended for good, also when the server or the agent of the node goes away
/// meanwhile and comes back: then it goes on after the last byte that was shown.
struct LogFollow {
    let client: ClusterClient
    let allocation: AllocationWire
    let task: String
    let stream: LogStream
    /// How long it waits before it asks again.
    var pause = Duration.seconds(1)
    /// How long nothing is said about output that does not come back.
    var silence = Duration.seconds(3)
    /// How long output that does not come back is waited for.
    var patience = Duration.seconds(600)
    /// Shows output.
    var write: ([UInt8]) -> Void = { Terminal.write($0) }
    /// Tells a line that is none of the output.
    var complain: (String) -> Void = { Terminal.complain($0) }

    /// Shows the output from `origin` on. Throws what the first request is refused with, `.notFound` when the output
    /// is gone, and `.unavailable` when it does not come back.
    func run(from origin: LogOrigin) async throws {
        var place = Place(origin: origin)
        var isOpen = false
        var absence: Absence?
        while true {
            do {
                let pieces = try await client.followLogs(
                    of: allocation.id, task: task, stream: stream, from: place.origin)
                if absence?.isTold == true { complain("==> The output goes on") }
                (isOpen, absence) = (true, nil)
                for try await piece in pieces { write(place.new(in: piece)) }
                // A server that shuts down in good order ends its streams as if all had been said.
                if await isOver() { return }
            } catch let error as ClusterError where error.code == .unavailable && isOpen {
                absence = try await wait(absence ?? Absence(), because: error)
            }
            place.isResumed = true
            try await Task.sleep(for: pause)
        }
    }

    /// Since when no output comes.
    private struct Absence {
        let start = ContinuousClock.now
        var isTold = false
    }

    /// How much was shown.
    private struct Place {
        var origin: LogOrigin
        /// Whether the next piece is the first one after a pause: it may begin with what was shown.
        var isResumed = false

        init(origin: LogOrigin) { self.origin = origin }

        /// What of a piece was not yet shown.
        mutating func new(in piece: LogPiece) -> [UInt8] {
            guard let end = piece.end else { return piece.bytes }
            var known = 0
            if isResumed, case .start(let shown) = origin { known = max(0, shown - (end - piece.bytes.count)) }
            isResumed = false
            origin = .start(offset: end)
            return Array(piece.bytes.dropFirst(known))
        }
    }

    /// Whether the task has ended for good, as far as the server knows.
    private func isOver() async -> Bool {
        guard let found = try? await newest() else { return false }
        return found.isOver || found.tasks?[task]?.state == "dead"
    }

    private func newest() async throws -> AllocationWire {
        try await client.allocation(allocation.id, ReadOptions(namespace: allocation.namespace)).value
    }

    /// Says once that no output comes; throws when none will, or when it was waited for long enough.
    private func wait(_ absence: Absence, because error: ClusterError) async throws -> Absence {
        var absence = absence
        let lasting = ContinuousClock.now - absence.start
        guard lasting >= silence else { return absence }
        if let found = try? await newest(), found.clientStatus == "lost" {
            throw ClusterError(
                .unavailable, "The allocation is lost, and its output is out of reach: \(error.message)")
        }
        guard lasting < patience else {
            throw ClusterError(
                .unavailable,
                "The output did not come back: \(error.message)\nTo go on: cluster alloc logs -f -tail "
                    + "\(AllocationTable.shown(allocation.id)) \(task)")
        }
        if !absence.isTold { complain("==> No output comes: \(error.message)\n    It is waited for; Ctrl-C ends that") }
        absence.isTold = true
        return absence
    }
}

extension AllocationWire {
    /// Whether none of its tasks runs any more, nor will.
    var isOver: Bool { ["complete", "failed", "lost"].contains(clientStatus) }
}
