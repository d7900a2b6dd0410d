import ClusterKit
import ClusterTesting
import Foundation
import Logging
import ServiceLifecycle
import Testing

/// The whole agent, with scripted tasks and fake servers.
@Suite(.timeLimit(.minutes(10))) struct AgentTests {
    private let scratch: ScratchFolder
    private let servers = FakeServers()
    private let driver = ScriptedDriver()
    private let quick = RestartPolicy(attempts: 2, interval: .seconds(600), delay: .milliseconds(20))

    init() throws { scratch = try ScratchFolder() }

    private func configuration(
        stopTasks: Bool = false, secrets: AgentConfiguration.SecretsPlace = .folder
    ) -> AgentConfiguration {
        var configuration = AgentConfiguration(dataFolder: scratch.path + "/data")
        configuration.nodeName = "node-a"
        configuration.address = "127.0.0.1"
        configuration.secrets = secrets
        configuration.stopTasksOnShutdown = stopTasks
        return configuration
    }

    private func makeAgent(
        stopTasks: Bool = false, secrets: AgentConfiguration.SecretsPlace = .folder
    ) -> Agent {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Agent(
            link: servers, drivers: [driver], configuration: configuration(stopTasks: stopTasks, secrets: secrets),
            logger: logger)
    }

    /// Runs an agent while `body` does, then shuts it down gracefully and waits for its end.
    private func withAgent(
        stopTasks: Bool = false, secrets: AgentConfiguration.SecretsPlace = .folder,
        _ body: @escaping @Sendable (NodeID) async throws -> Void
    ) async throws {
        let agent = makeAgent(stopTasks: stopTasks, secrets: secrets)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let group = ServiceGroup(services: [agent], logger: logger)
        let before = servers.registrations
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await servers.waitForRegistrations(before + 1)
            let text = String(decoding: try scratch.read("data/node-id"), as: UTF8.self)
            try await body(try #require(NodeID(text.split(separator: "\n")[0])))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func aBatchJobRunsToItsEndAndItsRequestIsResolved() async throws {
        driver.script("main", .exits(code: 0))
        let spec = TaskSpec(name: "main", config: ["command": "${NOMAD_TASK_DIR}/x"])
        let assignment = Assignment.sample(tasks: [spec], kind: .batch)
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            let report = await servers.wait(for: assignment.allocation.id) { $0.client.isTerminal }
            #expect(report?.client == .complete)
        }
        #expect(driver.count(of: .start) == 1 && driver.count(of: .remove) == 1)
        #expect(scratch.exists("data/alloc/\(assignment.allocation.id)/alloc/logs"))
    }

    @Test func aServiceIsRestartedAndFailsWhenItsAttemptsAreUsedUp() async throws {
        driver.script("main", .exits(code: 3))
        let assignment = Assignment.sample(restart: quick)
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            let report = await servers.wait(for: assignment.allocation.id) { $0.client.isTerminal }
            #expect(report?.client == .failed && report?.tasks["main"]?.restarts == 2)
        }
        #expect(driver.count(of: .start) == 3)
    }

    @Test func tasksGoOnWithoutTheAgentAndAreFoundByTheNext() async throws {
        let assignment = Assignment.sample(kind: .batch)
        let id = assignment.allocation.id
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: id) { $0.client == .running }
        }
        #expect(driver.running.count == 1)
        for _ in 0..<5 {
            try await withAgent { [servers] _ in await servers.wait(for: id) { $0.client == .running } }
        }
        // It ends while no agent runs; the code is not lost.
        driver.end("main", code: 0)
        try await withAgent { [servers] _ in
            #expect(await servers.wait(for: id) { $0.client.isTerminal }?.client == .complete)
        }
        #expect(driver.count(of: .start) == 1 && driver.doubleStarts == 0)
    }

    @Test func aMachineThatLostItsPowerRestartsItsTasks() async throws {
        let assignment = Assignment.sample(restart: quick)
        let id = assignment.allocation.id
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: id) { $0.client == .running }
        }
        driver.losePower()
        try await withAgent { [servers] _ in
            let report = await servers.wait(for: id) {
                $0.tasks["main"]?.restarts == 1 && $0.tasks["main"]?.phase == .running
            }
            #expect(report?.tasks["main"]?.events.contains { $0.message.contains("supervisor lost") } == true)
        }
        #expect(driver.running.count == 1)
    }

    @Test func inDevelopmentTasksEndWithTheAgent() async throws {
        let assignment = Assignment.sample()
        try await withAgent(stopTasks: true) { [servers] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: assignment.allocation.id) { $0.client == .running }
        }
        #expect(driver.running.isEmpty && driver.count(of: .stop) == 1)
        #expect(servers.report(of: assignment.allocation.id)?.client == .complete)
    }

    #if os(Linux)
        @Test(.enabled(if: geteuid() == 0, "only root may mount"))
        func secretsOfEndedTasksDoNotStayInMemoryBehindTheAgent() async throws {
            driver.script("done", .exits(code: 0))
            let done = Assignment.sample(1, tasks: [TaskSpec(name: "done")], kind: .batch)
            let running = Assignment.sample(2)
            try await withAgent(secrets: .memory) { [servers] node in
                servers.assign(done, to: node)
                servers.assign(running, to: node)
                await servers.wait(for: done.allocation.id) { $0.client.isTerminal }
                await servers.wait(for: running.allocation.id) { $0.client == .running }
            }
            func device(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.systemNumber] as? Int
            }
            let root = "\(scratch.path)/data/alloc"
            let place = "\(root)/\(done.allocation.id)/done"
            #expect(try device(place + "/secrets") == device(place))
            let other = "\(root)/\(running.allocation.id)/main"
            #expect(try device(other + "/secrets") != nil, "it runs on")
            try AllocationFolders(dataFolder: scratch.path + "/data").remove(running.allocation.id)
        }
    #endif

    @Test func aStopIsCarriedOut() async throws {
        let assignment = Assignment.sample()
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: assignment.allocation.id) { $0.client == .running }
            servers.assign(assignment.desiring(.stop), to: node)
            #expect(await servers.wait(for: assignment.allocation.id) { $0.client.isTerminal }?.client == .complete)
        }
        #expect(driver.running.isEmpty)
    }

    @Test func anAgentSurvivesServersThatAreGoneAndForget() async throws {
        let assignment = Assignment.sample(kind: .batch)
        let id = assignment.allocation.id
        try await withAgent { [servers, driver] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: id) { $0.client == .running }
            servers.setReachable(false)
            driver.end("main", code: 0)
            servers.setReachable(true)
            #expect(await servers.wait(for: id) { $0.client.isTerminal }?.client == .complete)
            let before = servers.registrations
            servers.forgetNode()
            await servers.waitForRegistrations(before + 1)
        }
    }

    @Test func anUnknownDriverFailsTheAllocationAndSaysWhichThereAre() async throws {
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "main", driver: "docker")])
        try await withAgent { [servers] node in
            servers.assign(assignment, to: node)
            let report = await servers.wait(for: assignment.allocation.id) { $0.client.isTerminal }
            let failure = report?.tasks["main"]?.events.first { $0.kind == .driverFailure }
            #expect(failure?.message == "node node-a has no driver \"docker\"; it has raw_exec")
        }
    }

    @Test func questionsAboutLogsAreAnswered() async throws {
        let assignment = Assignment.sample()
        let id = assignment.allocation.id
        try await withAgent { [servers, scratch] node in
            servers.assign(assignment, to: node)
            await servers.wait(for: id) { $0.client == .running }
            try scratch.write(Array("hello".utf8), to: "data/alloc/\(id)/alloc/logs/main.stdout.0")
            func ask(_ number: UInt64, task: String) async -> InquiryAnswer? {
                let request = LogRequest(task: task, stream: .stdout, offset: 1)
                return await servers.ask(
                    Inquiry(id: InquiryID(high: 1, low: number), allocation: id, question: .logs(request)))
            }
            guard case .logs(let chunk) = await ask(1, task: "main"), case .notFound = await ask(2, task: "other")
            else {
                Issue.record("the output of a task was not found, or that of a task that is not there was")
                return
            }
            #expect(chunk.data == Array("ello".utf8) && chunk.offset == 1 && !chunk.isEnd)
        }
    }

    @Test func aSecondAgentOnTheSameFolderIsRefused() async throws {
        try await withAgent { _ in
            await #expect { try await makeAgent().run() } throws: { ($0 as? ClusterError)?.code == .inUse }
        }
    }

    @Test func aDamagedRecordDoesNotKeepTheAgentFromStarting() async throws {
        try await withAgent { _ in }
        let name = "data/state/\(AllocationID(high: 5, low: 5)).record"
        try scratch.write([1, 2, 3], to: name)
        try await withAgent { _ in }
        #expect(scratch.exists(name + ".damaged"))
    }

    @Test func theMachineIsDescribedByItsTotals() throws {
        let found = Fingerprint(dataFolder: scratch.path)
        #expect(found.cores >= 1 && found.capacity.cpuMHz >= found.cores && found.capacity.memoryMiB > 64)
        let disk = found.attributes["unique.storage.bytestotal"].flatMap(Int.init)
        #expect(disk.map { $0 >> 20 } == found.capacity.diskMiB)
        for name in [
            "kernel.name", "kernel.version", "os.name", "os.version", "cpu.arch", "cpu.numcores", "cpu.frequency",
            "cpu.totalcompute", "memory.totalbytes", "unique.hostname", "unique.network.ip-address", "nomad.version",
            "os.signals",
        ] {
            #expect(found.attributes[name]?.isEmpty == false, "\(name)")
        }
        let node = Node(
            id: NodeID(high: 1, low: 1), fingerprint: found, configuration: configuration(),
            drivers: ["raw_exec": DriverStatus(healthy: true), "docker": DriverStatus(healthy: false)])
        #expect(node.attributes["driver.raw_exec"] == "1" && node.attributes["driver.docker"] == nil)
        #expect(node.name == "node-a" && node.attributes["unique.network.ip-address"] == "127.0.0.1")
    }

    @Test func coresThatAreKeptBackTakeTheirShareAlong() throws {
        var found = Fingerprint(dataFolder: scratch.path)
        found.cores = 4
        var configuration = configuration()
        configuration.capacity = Resources(cpuMHz: 8000, memoryMiB: 1000, diskMiB: 1000)
        let node = { (kept: [Int], cpuMHz: Int) in
            configuration.reservedCores = kept
            configuration.reserved.cpuMHz = cpuMHz
            return Node(
                id: NodeID(high: 1, low: 1), fingerprint: found, configuration: configuration,
                drivers: ["raw_exec": DriverStatus(healthy: true)])
        }
        let some = node([3, 0, 3], 500)
        #expect(some.reservedCores == [0, 3] && some.reserved.cpuMHz == 4500)
        #expect(node([0, 1, 2, 3], 500).reserved.cpuMHz == 8000)
        #expect(node([], 500).reserved.cpuMHz == 500)
        // What cannot be is left to be refused.
        #expect(node([1], .max).reserved.cpuMHz == .max)
        #expect(node([1, 64], 0).reservedCores == [1, 64])
    }

    @Test func theFakeKeepsTheLinksPromises() async {
        let suite = AgentLinkConformance {
            let servers = FakeServers()
            let numbers = Counter()
            return AgentLinkConformance.Fixture(
                link: servers, node: .sample,
                place: {
                    let assignment = Assignment.sample(numbers.next())
                    servers.assign(assignment)
                    return assignment.allocation.id
                },
                known: { id in
                    let report = servers.report(of: id)
                    return (report?.client ?? .pending, report?.tasks.keys.sorted() ?? [])
                })
        }
        #expect(await suite.violations().isEmpty)
    }
}
