import ClusterKit
import ServiceLifecycle

/// What a read looks at: its revision, and what wakes those who wait for something newer.
struct Watch: Sendable {
    /// The longest that an agent's request may be held.
    static let longest = Duration.seconds(300)

    let topics: [Topic]
    /// The revision of what is looked at, where that is only a part of the topics.
    private let part: (@Sendable (Snapshot) -> Revision)?

    init(_ topics: Topic...) {
        self.topics = topics
        part = nil
    }

    /// Looks at a part of `topics` whose revision `part` gives: changes of the rest wake nobody.
    init(_ topics: Topic..., part: @escaping @Sendable (Snapshot) -> Revision) {
        self.topics = topics
        self.part = part
    }

    /// The newest revision of what is looked at; at least 1, as clients take 0 for "none".
    func revision(in snapshot: Snapshot) -> Revision {
        max(Revision(1), part?(snapshot) ?? topicRevision(in: snapshot))
    }

    private func topicRevision(in snapshot: Snapshot) -> Revision {
        topics.reduce(.zero) { max($0, $1.revision(in: snapshot)) }
    }

    /// The state that a request asks for: now, or as soon as it is newer than the revision that the request names.
    func snapshot(for request: APIRequest) async throws -> Snapshot {
        let server = request.server
        let waits = request.dialect.waits
        let known = try request.query.revision("index")
        let stated = try request.query.span("wait") ?? waits.usual
        let now = server.snapshot
        guard known > .zero, revision(in: now) <= known else { return now }
        // A little longer for each, so that clients that came together do not come back together.
        let wait = min(stated == .zero ? waits.usual : stated, waits.longest)
        let jitter = Duration.nanoseconds(Int64.random(in: 0...max(1, wait.nanoseconds / 16)))
        return await cancelWhenGracefulShutdown { await wake(server, beyond: known, atMost: wait + jitter) }
    }

    /// Waits until what is looked at is newer than `known`. What else wakes the topics is slept through.
    private func wake(_ server: Server, beyond known: Revision, atMost wait: Duration) async -> Snapshot {
        let end = ContinuousClock.now + wait
        var seen = known
        var last = server.snapshot.revision
        while true {
            let snapshot = await change(server, beyond: seen, atMost: ContinuousClock.now.duration(to: end))
            let isOver = Task.isCancelled || ContinuousClock.now >= end
            if isOver || revision(in: snapshot) > known { return snapshot }
            // A server that has ended holds nobody any more: do not ask it in a hurry.
            if snapshot.revision == last { try? await Task.sleep(for: .milliseconds(20)) }
            last = snapshot.revision
            seen = max(seen, topicRevision(in: snapshot))
        }
    }

    private func change(_ server: Server, beyond revision: Revision, atMost wait: Duration) async -> Snapshot {
        guard topics.count > 1 else {
            return await server.snapshot(of: topics[0], beyond: revision, atMost: wait)
        }
        return await withTaskGroup(of: Snapshot.self) { group in
            for topic in topics {
                group.addTask { await server.snapshot(of: topic, beyond: revision, atMost: wait) }
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? server.snapshot
        }
    }
}
