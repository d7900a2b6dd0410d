import ClusterClient
import ClusterKit
import ServiceLifecycle

/// Changes as they happen.
///
/// One line for each batch of changes, in the order of revisions; `{}` while nothing happens. With `index=N` the stream
/// begins with the changes of revision N, as far as they are kept one by one. What is no longer kept that way, and what
/// a slow reader missed, comes as one line for each revision with the records last changed by it, in their newest form:
/// nothing that still exists is missed, but what was removed meanwhile is. Without `index`, or with 0, the stream
/// begins with the newest hundred revisions: clients of Nomad begin to listen and to act at once, and count on its
/// buffer.
extension APIServer {
    static func eventRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.eventStream, .filtered) { request in
                let filter = try EventFilter(request)
                let index = try request.query.revision("index")
                var source = EventSource(
                    server: request.server, filter: filter, patience: configuration.streamHeartbeat)
                await source.begin(at: index)
                return APIAnswer(content: .stream(source, type: "application/json"))
            }
        ]
    }
}

/// Follows the store and writes what passes the filter.
struct EventSource: PieceSource {
    /// How many revisions a stream begins with that names none.
    private static let replayed: UInt64 = 100

    let server: Server
    let filter: EventFilter
    /// How long nothing may happen before the stream shows that it lives.
    let patience: Duration
    private var cursor = Cursor.start
    /// What ran under which service so far.
    private var services = ServiceHistory()
    /// What was found, oldest first: after a resync that may be all there is, so lines are made as they are sent.
    private var found: [(Revision, [Event])] = []
    /// How much of that was looked at.
    private var passed = 0

    init(server: Server, filter: EventFilter, patience: Duration) {
        self.server = server
        self.filter = filter
        self.patience = patience
    }

    /// Finds the place in the log. Only the log itself knows its lineage: the first element tells.
    mutating func begin(at index: Revision) async {
        guard case .element(let element, let place) = await step() else { return }
        cursor = place
        switch element {
        case .batch(_, let snapshot), .resync(let snapshot): services = ServiceHistory(snapshot.catalog)
        }
        let newest = place.revision.number
        let first = index > .zero ? index.number - 1 : newest - min(newest, Self.replayed)
        cursor.revision = Revision(min(first, newest))
    }

    mutating func next() async throws -> [UInt8]? {
        while true {
            if let line = nextLine() { return line }
            if Task.isShuttingDownGracefully { return nil }
            switch await step() {
            case .element(let element, let place):
                take(element, since: cursor.revision)
                cursor = place
            case .silence: return Array("{}\n".utf8)
            case .end: return nil
            }
        }
    }

    private mutating func take(_ element: FollowElement, since revision: Revision) {
        switch element {
        case .batch(let batch, let snapshot):
            let events = batch.changes.compactMap { Event($0, at: batch.revision, in: snapshot) }
            found = [(batch.revision, events + services.events(of: batch, in: snapshot))]
        case .resync(let snapshot):
            services = ServiceHistory(snapshot.catalog)
            found = Event.all(in: snapshot, after: revision)
        }
    }

    /// The line of the next revision of which something passes the filter; `nil` when there is none.
    private mutating func nextLine() -> [UInt8]? {
        while passed < found.count {
            let (revision, events) = found[passed]
            passed += 1
            let passing = events.filter(filter.passes)
            guard !passing.isEmpty else { continue }
            let line = AnswerWriter.bytes(capacity: passing.count * 4096) { writer in
                writer.object {
                    $0.field("Index", revision)
                    $0.name("Events")
                    $0.array(passing) { $0.event($1, at: revision) }
                }
            }
            return line + [UInt8(ascii: "\n")]
        }
        (found, passed) = ([], 0)
        return nil
    }

    private enum Step: Sendable {
        case element(FollowElement, Cursor)
        case silence
        case end
    }

    /// The next element after the cursor, or silence. Following starts anew each time, so that nothing is lost when the
    /// wait is given up.
    private func step() async -> Step {
        let (server, cursor, patience) = (server, cursor, patience)
        return await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Step.self) { group in
                group.addTask {
                    var iterator = server.changes(after: cursor).makeAsyncIterator()
                    guard let element = await iterator.next() else { return .end }
                    return .element(element, iterator.cursor)
                }
                group.addTask {
                    try? await Task.sleep(for: patience)
                    return .silence
                }
                let first = await group.next() ?? .end
                group.cancelAll()
                return first
            }
        }
    }
}
