import Logging
import Testing

@testable import ClusterKit

/// Keeps nodes for ready and waits for answers, however long a loaded machine takes.
let patient = ServerConfiguration(heartbeatTTL: .seconds(3600), inquiryTimeout: .seconds(600))

/// Runs a server on a store of its own for as long as `body` runs.
func withServer(
    store: any Store = MemoryStore(), configuration: ServerConfiguration = patient,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    _ body: (Server) async throws -> Void
) async throws {
    let server = Server(store: store, configuration: configuration, logger: logger, seed: 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        try await body(server)
        group.cancelAll()
    }
}

private let node = Node(
    id: NodeID(high: 1, low: 1), name: "one", capacity: Resources(cpuMHz: 4000, memoryMiB: 4096, diskMiB: 4096),
    drivers: ["raw_exec": DriverStatus(healthy: true)])

@Suite struct ServerTests {
    /// Whoever plans is told what would be refused, and warned, as if it were done.
    @Test func aPlanAsksForAllThatARegistrationAsksFor() async throws {
        try await withServer { server in
            var first = makeJob("first")
            first.after = [JobDependency(JobID("second"))]
            _ = try await server.register(first)
            var circle = makeJob("second")
            circle.after = [JobDependency(JobID("first"))]
            var (over, abroad) = (makeJob("over", kind: .batch), makeJob("abroad", kind: .batch))
            over.periodic = PeriodicSpec(["0 0 1 1 * 2001"])
            abroad.periodic = PeriodicSpec(["@daily"], timeZone: "Nowhere/Atall")
            for job in [circle, over, abroad] {
                let planned = await #expect(throws: ClusterError.self) { _ = try await server.plan(job) }
                let registered = await #expect(throws: ClusterError.self) { _ = try await server.register(job) }
                #expect(planned?.message == registered?.message && planned?.code == .invalid)
            }
            #expect(try await server.plan(first).warnings == server.register(first).warnings)
        }
    }

    @Test func aReaderWakesForItsTopicAlone() async throws {
        try await withServer { server in
            _ = try await server.register(makeJob("first"))
            let seen = server.snapshot
            async let woken = server.snapshot(
                of: .job(JobID("second")), beyond: seen.jobs.modifyRevision, atMost: .seconds(600))
            async let asleep = server.snapshot(
                of: .nodes, beyond: seen.revision, atMost: .milliseconds(300))
            _ = try await server.register(makeJob("second"))
            #expect(await woken.jobs[JobID("second")] != nil)
            _ = await asleep
        }
    }

    @Test func aReaderDoesNotWaitForWhatIsThere() async throws {
        try await withServer { server in
            _ = try await server.register(makeJob())
            let snapshot = await server.snapshot(of: .jobs, beyond: .zero, atMost: .seconds(600))
            #expect(snapshot.jobs.count == 1)
        }
    }

    @Test func anAgentGetsItsWorkAndReports() async throws {
        try await withServer { server in
            _ = try await server.register(node)
            let seen = ViewStamp(epoch: server.snapshot.epoch, revision: server.snapshot.revision)
            async let view = server.assignments(for: node.id, after: seen, wait: .seconds(600))
            _ = try await server.register(makeJob())
            let assignment = try #require(try await view.allocations.first)
            #expect(assignment.group?.tasks.first?.config == ["command": "/bin/true"])
            try await server.report(
                [AllocationReport(id: assignment.allocation.id, client: .running)], from: node.id)
            #expect(server.snapshot.allocations[assignment.allocation.id]?.client == .running)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aFirstNodeIsWaitedFor() async throws {
        try await withServer { server in
            async let isThere = server.untilPlaces()
            _ = try await server.register(node)
            #expect(await isThere)
            #expect(await server.untilPlaces())
        }
        let ended = Server(store: MemoryStore(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await ended.run() }
        async let isThere = ended.untilPlaces()
        running.cancel()
        _ = try? await running.value
        #expect(await isThere == false)
    }

    @Test func questionsReachTheAgentAndAnswersTheAsker() async throws {
        try await withServer { server in
            _ = try await server.register(node)
            _ = try await server.register(makeJob())
            let allocation = try #require(server.snapshot.allocations.sorted.first).id
            async let chunk = server.logs(of: allocation, LogRequest(task: "main", stream: .stdout))
            let inquiry = try #require(try await server.inquiries(for: node.id, wait: .seconds(600)).first)
            let found = LogChunk(data: [104, 105], offset: 0, file: "main.stdout.0", isEnd: true)
            let stranger = NodeID(high: 2, low: 2)
            try await server.answer(inquiry.id, with: .notFound("a lie"), from: stranger)
            try await server.answer(inquiry.id, with: .logs(found), from: node.id)
            #expect(try await chunk == found)
        }
    }

    @Test func unknownTasksAreNamed() async throws {
        try await withServer { server in
            _ = try await server.register(node)
            _ = try await server.register(makeJob())
            let allocation = try #require(server.snapshot.allocations.sorted.first).id
            let error = await #expect(throws: ClusterError.self) {
                _ = try await server.logs(of: allocation, LogRequest(task: "typo", stream: .stdout))
            }
            #expect(error?.code == .notFound && error?.message.contains("its tasks are: main") == true)
        }
    }

    @Test func silentAgentsDoNotHoldAskersForever() async throws {
        let configuration = ServerConfiguration(inquiryTimeout: .milliseconds(50))
        try await withServer(configuration: configuration) { server in
            _ = try await server.register(node)
            _ = try await server.register(makeJob())
            let allocation = try #require(server.snapshot.allocations.sorted.first).id
            let error = await #expect(throws: ClusterError.self) {
                _ = try await server.logs(of: allocation, LogRequest(task: "main", stream: .stdout))
            }
            #expect(error?.code == .unavailable)
        }
    }

    /// It would be asked for ten minutes here.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func whoCannotAnswerIsNotWaitedFor(isKnown: Bool) async throws {
        var bench = CoreBench()
        let place = bench.addNode(1)
        _ = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocation = try #require(bench.core.head.allocations.sorted.first).id
        var down = try #require(bench.core.head.nodes[place])
        down.status = .down
        let store = MemoryStore()
        let (epoch, _) = try await store.lead(as: ServerID("earlier"))
        var records: [Change] = []
        bench.core.head.records { records.append($0) }
        records.append(isKnown ? .putNode(down) : .removeNode(place))
        let batch = ChangeBatch(
            revision: Revision(1), epoch: epoch, time: WallTime(nanoseconds: 1), changes: records)
        var head = Snapshot()
        let follows = head.apply(batch)
        #expect(follows)
        try await store.append([batch], head: head)
        try await withServer(store: store) { server in
            #expect(await server.untilLeading())
            let words = isKnown ? "is down, so its agent cannot be asked" : "is gone, so its agent cannot be asked"
            let entries: [@Sendable () async throws -> Void] = [
                { _ = try await server.logs(of: allocation, LogRequest(task: "main", stream: .stdout)) },
                { try await server.signal(allocation, "SIGHUP") }, { try await server.restart(allocation) },
            ]
            for entry in entries {
                let error = await #expect(throws: ClusterError.self) { try await entry() }
                #expect(error?.code == .unavailable && error?.message.hasSuffix(words) == true)
            }
        }
    }

    @Test func everyEntryAsksTheAuthorizer() async throws {
        struct DenyAll: Authorizer {
            func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
                throw ClusterError(.denied, "Permission denied")
            }
        }
        let server = Server(store: MemoryStore(), authorizer: DenyAll())
        let id = AllocationID(high: 0, low: 1)
        let entries: [@Sendable () async throws -> Void] = [
            { _ = try await server.register(makeJob()) }, { _ = try await server.stop(JobID("web")) },
            { _ = try await server.scale(JobID("web"), group: "all", to: 1) },
            { _ = try await server.evaluate(JobID("web")) }, { _ = try await server.stopAllocation(id) },
            { _ = try await server.setEligibility(NodeID(high: 0, low: 1), .ineligible) },
        ]
        for entry in entries {
            let error = await #expect(throws: ClusterError.self) { try await entry() }
            #expect(error?.code == .denied)
        }
    }

    @Test func aNewerFetchTakesThePlaceOfOneThatWaits() async throws {
        try await withServer { server in
            _ = try await server.register(node)
            _ = try await server.register(makeJob())
            let allocation = try #require(server.snapshot.allocations.sorted.first).id
            async let stale = server.inquiries(for: node.id, wait: .seconds(600))
            while server.desk.isIdle(node.id) { await Task.yield() }
            async let fresh = server.inquiries(for: node.id, wait: .seconds(600))
            #expect(try await stale.isEmpty)
            async let chunk = server.logs(of: allocation, LogRequest(task: "main", stream: .stdout))
            let inquiry = try #require(try await fresh.first)
            try await server.answer(inquiry.id, with: .notFound("gone"), from: node.id)
            do {
                _ = try await chunk
                Issue.record("an answer was made up")
            } catch let error as ClusterError {
                #expect(error == ClusterError(.notFound, "gone"))
            }
        }
    }

    @Test(arguments: [Resources(cpuMHz: .max), Resources(memoryMiB: -1)])
    func impossibleMachinesAreRefused(capacity: Resources) async throws {
        try await withServer { server in
            var impossible = node
            impossible.capacity = capacity
            let error = await #expect(throws: ClusterError.self) { _ = try await server.register(impossible) }
            #expect(error?.code == .invalid)
        }
    }

    @Test func callersAreToldWhenTheStoreGivesNoLead() async throws {
        let store = MemoryStore()
        await store.close()
        let server = Server(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let receipt = server.register(makeJob())
        await #expect(throws: ClusterError.self) { try await server.run() }
        do {
            _ = try await receipt
            Issue.record("a write was acknowledged without a store")
        } catch let error as ClusterError {
            #expect(error.code == .unavailable)
        }
    }

    /// It has nothing to write by which it would learn that another leads, and its word would keep leases alive of
    /// which the other knows nothing.
    @Test(.timeLimit(.minutes(1))) func aServerWhoseLeadIsTakenAnswersNoAgentAnyMore() async throws {
        let store = MemoryStore()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let old = Server(store: store, configuration: patient, logger: quiet, seed: 1)
        let running = Task { try await old.run() }
        _ = try await old.register(node)
        _ = try await old.heartbeat(node.id)
        try await withServer(store: store) { new in
            #expect(await new.untilLeading())
            let error = await #expect(throws: ClusterError.self) { try await running.value }
            #expect(error?.code == .unavailable && error?.message.contains("another server leads") == true)
            await #expect(throws: ClusterError.self) { _ = try await old.heartbeat(node.id) }
            _ = try await new.heartbeat(node.id)
        }
    }

    @Test func requestsToAServerThatEndedFail() async throws {
        let store = MemoryStore()
        let server = Server(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        _ = try await server.register(makeJob())
        running.cancel()
        _ = try? await running.value
        await #expect(throws: ClusterError.self) { _ = try await server.register(makeJob("late")) }
    }
}
