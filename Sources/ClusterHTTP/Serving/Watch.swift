import ClusterKit
import ServiceLifecycle

/// What a read looks at: its revision, and what wakes those who wait for something newer.
struct Watch: Sendable {
    /// The longest that a request may be held.
    static let longest = Duration.seconds(300)

    let topics: [Topic]

    init(_ topics: Topic...) { self.topics = topics }

    /// The newest revision among the topics.
    func revision(in snapshot: Snapshot) -> Revision {
        topics.reduce(Revision(1)) { max($0, $1.revision(in: snapshot)) }
    }

    /// The state that a request asks for: now, or as soon as it is newer than the revision that the request names.
    func snapshot(for request: APIRequest) async throws -> Snapshot {
        let server = request.server
        let known = try request.query.revision("index")
        let stated = try request.query.span("wait") ?? Self.longest
        let now = server.snapshot
        guard known > .zero, revision(in: now) <= known else { return now }
        // A little longer for each, so that clients that came together do not come back together.
        let wait = min(stated == .zero ? Self.longest : stated, Self.longest)
        let jitter = Duration.nanoseconds(Int64.random(in: 0...max(1, wait.nanoseconds / 16)))
        return await cancelWhenGracefulShutdown { await wake(server, beyond: known, atMost: wait + jitter) }
    }

    private func wake(_ server: Server, beyond revision: Revision, atMost wait: Duration) async -> Snapshot {
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
