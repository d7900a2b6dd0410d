import Synchronization
import Testing

@testable import ClusterKit

/// Servers that tell every template the same value of every key.
private final class KeyServers: AgentLink, TemplateLink {
    private let servers = FakeServers()
    private let state = Mutex((value: "one", revision: UInt64(1)))

    func set(_ value: String) { state.withLock { $0 = (value, $0.revision + 1) } }

    func values(
        of queries: [TemplateQuery], for allocation: AllocationID, from node: NodeID, after revision: Revision,
        wait: Duration
    ) async throws -> TemplateAnswer {
        while true {
            let (value, newest) = state.withLock { ($0.value, Revision($0.revision)) }
            guard newest > revision else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            return TemplateAnswer(
                values: Dictionary(uniqueKeysWithValues: queries.map { ($0, .known(.string(value))) }),
                revision: newest)
        }
    }

    func register(_ node: Node) async throws -> Registration { try await servers.register(node) }
    func heartbeat(_ node: NodeID) async throws -> Registration { try await servers.heartbeat(node) }
    func assignments(for node: NodeID, after stamp: ViewStamp, wait: Duration) async throws -> Assignments {
        try await servers.assignments(for: node, after: stamp, wait: wait)
    }
    func report(_ reports: [AllocationReport], from node: NodeID) async throws {
        try await servers.report(reports, from: node)
    }
    func inquiries(for node: NodeID, wait: Duration) async throws -> [Inquiry] {
        try await servers.inquiries(for: node, wait: wait)
    }
    func answer(_ inquiry: InquiryID, with answer: InquiryAnswer, from node: NodeID) async throws {
        try await servers.answer(inquiry, with: answer, from: node)
    }
}

/// A change waits for its splay, and an agent that ends meanwhile loses nothing.
@Suite(.timeLimit(.minutes(10))) struct TemplateSplayTests {
    private let scratch: ScratchFolder
    private let folders: AllocationFolders
    private let servers = KeyServers()

    init() throws {
        scratch = try ScratchFolder()
        folders = try AllocationFolders(dataFolder: scratch.path, secrets: .folder)
    }

    private func assignment(splay: Duration) -> Assignment {
        let text = #"{{ key "a" }}"#
        return .sample(tasks: [
            TaskSpec(
                name: "main",
                templates: [
                    TemplateSpec(
                        data: text, destination: "local/loud", changeMode: .signal, changeSignal: "SIGHUP",
                        splay: splay),
                    TemplateSpec(data: text, destination: "local/still", changeMode: .noop),
                ])
        ])
    }

    /// Follows the templates as an agent does that was started anew, for as long as `body` runs. `body` gets what the
    /// core is told.
    private func follow(
        _ assignment: Assignment, _ body: (AsyncStream<AgentEvent>) async throws -> Void
    ) async throws {
        let run = TaskRun(assignment.allocation.id, "main", attempt: 0)
        try folders.prepare(assignment.allocation.id, tasks: ["main"])
        let (events, post) = AsyncStream.makeStream(of: AgentEvent.self)
        let (told, tell) = AsyncStream.makeStream(of: AgentEvent.self)
        let watch = TemplateWatch(link: servers, node: .sample, folders: folders) { tell.yield($0) }
        watch.begin(run)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await watch.follow(run, assignment) }
            group.addTask {
                // As a core does that lets the task act at once.
                for await event in told {
                    guard case .templatesDue(let run) = event else {
                        post.yield(event)
                        continue
                    }
                    if let applied = await watch.apply(run) { post.yield(applied) }
                }
            }
            try await body(events)
            watch.end(run)
            group.cancelAll()
        }
    }

    private func text(_ assignment: Assignment, _ name: String) -> String? {
        (try? scratch.read("alloc/\(assignment.allocation.id)/main/local/\(name)")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func isSignal(_ event: AgentEvent?) -> Bool {
        if case .templatesChanged(_, .signals(["SIGHUP"]))? = event { true } else { false }
    }

    @Test func aChangeWithinTheSplayOutlivesTheAgent() async throws {
        // A random part of more than three years is not over during a test.
        let slow = assignment(splay: .seconds(100_000_000)), quick = assignment(splay: .zero)
        try scratch.prepare(slow, folders, "one")
        servers.set("two")
        try await follow(slow) { _ in
            #expect(await eventually { text(slow, "still") == "two" })
            #expect(text(slow, "loud") == "one", "it is written with its signal")
        }
        // The next agent, which has less patience so that the test ends.
        try await follow(quick) { events in
            var events = events.makeAsyncIterator()
            #expect(isSignal(await events.next()))
            #expect(text(quick, "loud") == "two")
        }
        // All is as it should be now: the one after it does nothing.
        servers.set("two")
        try await follow(quick) { events in
            servers.set("three")
            var events = events.makeAsyncIterator()
            #expect(isSignal(await events.next()))
            #expect(text(quick, "loud") == "three", "nothing was told before")
        }
    }

    @Test func whenTheSplayIsOverTheFileIsWrittenAndTheTaskIsTold() async throws {
        let soon = assignment(splay: .milliseconds(20))
        try scratch.prepare(soon, folders, "one")
        servers.set("two")
        try await follow(soon) { events in
            var events = events.makeAsyncIterator()
            #expect(isSignal(await events.next()))
            #expect(text(soon, "loud") == "two")
        }
    }
}

extension ScratchFolder {
    /// Lets a task's files be as they were when it started.
    fileprivate func prepare(_ assignment: Assignment, _ folders: AllocationFolders, _ text: String) throws {
        try folders.prepare(assignment.allocation.id, tasks: ["main"])
        for name in ["loud", "still"] {
            try write(Array(text.utf8), to: "alloc/\(assignment.allocation.id)/main/local/\(name)")
        }
    }
}
