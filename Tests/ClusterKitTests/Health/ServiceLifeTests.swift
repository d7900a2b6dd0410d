import ClusterTesting
import Logging
import Testing

@testable import ClusterKit

/// Services from the job file to the registry, with a server, an agent, processes and sockets.
@Suite(.timeLimit(.minutes(10))) struct ServiceLifeTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` on a server with an agent, and ends all tasks afterwards.
    private func withCluster(_ body: (Server, ScratchFolder) async throws -> Void) async throws {
        let folder = try ScratchFolder()
        try await withServer { server in
            var settings = AgentConfiguration(dataFolder: folder.path + "/agent")
            settings.secrets = .folder
            settings.stopTasksOnShutdown = true
            settings.address = "127.0.0.1"
            let driver = try ProcessDriver(
                supervision: .inProcess, stateFolder: folder.path + "/tasks", logger: Self.quiet)
            let agent = Agent(link: server, drivers: [driver], configuration: settings, logger: Self.quiet)
            let loop = AgentRun(agent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await loop.run() }
                try await body(server, folder)
                for job in server.snapshot.jobs.sorted { _ = try await server.stop(job.job.id) }
                try await until("all has ended") { server.snapshot.allocations.sorted.allSatisfy(\.isTerminal) }
                group.cancelAll()
            }
        }
    }

    private struct AgentRun: Sendable {
        let agent: Agent
        init(_ agent: Agent) { self.agent = agent }
        func run() async throws { try await agent.run() }
    }

    private func until(_ what: String, _ holds: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            if try holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ClusterError(.unavailable, "waited in vain until \(what)")
    }

    private func job(_ checks: [CheckSpec], script: String = "exec sleep 600", port: Int) -> Job {
        let service = ServiceSpec(name: "web", portLabel: "\(port)", checks: checks)
        let task = TaskSpec(
            name: "main", config: ["command": "/bin/sh", "args": ["-c", .string(script)]], services: [service])
        let restart = RestartPolicy(attempts: 3, interval: .seconds(600), delay: .milliseconds(50), mode: .fail)
        return Job(id: JobID("site"), groups: [TaskGroup(name: "g", tasks: [task], restart: restart)])
    }

    @Test func aServiceIsOfferedWhileItIsWellAndGoneWithItsAllocation() async throws {
        let endpoint = try ScriptedEndpoint(.nothing)
        let check = CheckSpec(name: "alive", kind: "tcp", interval: .seconds(1), timeout: .seconds(60))
        try await withCluster { server, _ in
            _ = try await server.register(job([check], port: endpoint.port))
            try await until("it is offered") { !server.registry.catalog.offered("web").isEmpty }
            let instance = try #require(server.registry.catalog.instances(of: "web").first)
            #expect(instance.address == "127.0.0.1" && instance.port == endpoint.port)
            #expect(instance.checks.map(\.name) == ["alive"])
            endpoint.close()
            try await until("it is critical") {
                server.registry.catalog.instances(of: "web").first?.health == .critical
            }
            #expect(server.registry.catalog.offered("web").isEmpty)
            #expect(server.snapshot.allocations[instance.allocation]?.client == .running)
            _ = try await server.stop(JobID("site"))
            try await until("the order is there") {
                server.snapshot.allocations[instance.allocation]?.desired == .stop
            }
            let snapshot = server.snapshot
            #expect(snapshot.catalog.instances(of: "web").isEmpty, "it leaves in the batch that stops it")
        }
    }

    @Test func aScriptRunsInTheTaskAndSeesWhatItSees() async throws {
        let check = CheckSpec(
            name: "script", kind: "script", command: "/bin/sh",
            arguments: ["-c", "echo $NOMAD_TASK_NAME in $(basename $PWD); test -f local/ready || exit 1"],
            interval: .seconds(1), timeout: .seconds(120))
        try await withCluster { server, folder in
            _ = try await server.register(
                job(
                    [check],
                    script: "while [ ! -f \(folder.path)/go ]; do sleep 0.05; done; touch local/ready; "
                        + "exec sleep 600", port: 9))
            func status() -> CheckStatus? { server.snapshot.allocations.sorted.first?.checks.first }
            try await until("it warns") { status()?.health == .warning }
            #expect(status()?.output == "main in main\n")
            try folder.write([], to: "go")
            try await until("it passes") { status()?.health == .passing }
        }
    }

    /// Also what templates stated of it when the task started, although they say something else by now.
    @Test func aScriptSeesTheEnvironmentThatTheTaskWasStartedWith() async throws {
        let check = CheckSpec(
            name: "script", kind: "script", command: "/bin/sh",
            arguments: ["-c", "echo \"$WORD\"; grep -q two local/env"], interval: .seconds(1), timeout: .seconds(120))
        try await withCluster { server, _ in
            var job = job([check], port: 9)
            job.groups[0].tasks[0].templates = [
                TemplateSpec(
                    data: "WORD=\"word {{ keyOrDefault \"word\" \"one\" }}\"", destination: "local/env",
                    changeMode: .noop, splay: .zero, isEnvironment: true)
            ]
            _ = try await server.register(job)
            func status() -> CheckStatus? { server.snapshot.allocations.sorted.first?.checks.first }
            try await until("it warns") { status()?.health == .warning }
            #expect(status()?.output == "word one\n")
            _ = try await server.keep([.putKey(KeyRecord(key: "word", value: Array("two".utf8)))], if: [])
            try await until("it finds the new file") { status()?.health == .passing }
            #expect(status()?.output == "word one\n")
        }
    }

    @Test func aTaskThatDoesNotGetWellIsRestarted() async throws {
        let endpoint = try ScriptedEndpoint(.nothing)
        endpoint.close()
        let check = CheckSpec(
            name: "alive", kind: "tcp", interval: .seconds(1), timeout: .seconds(60), restartLimit: 1,
            restartGrace: .zero)
        try await withCluster { server, _ in
            _ = try await server.register(job([check], port: endpoint.port))
            func task() -> TaskState? { server.snapshot.allocations.sorted.first?.tasks["main"] }
            try await until("it was restarted") { (task()?.restarts ?? 0) > 0 }
            #expect(task()?.events.contains { $0.message == "healthcheck: check \"alive\" unhealthy" } == true)
        }
    }

    @Test func anHTTPCheckWithoutAProberSaysSo() async throws {
        let check = CheckSpec(name: "page", kind: "http", path: "/", interval: .seconds(1), timeout: .seconds(60))
        try await withCluster { server, _ in
            _ = try await server.register(job([check], port: 9))
            func status() -> CheckStatus? { server.snapshot.allocations.sorted.first?.checks.first }
            try await until("it was made") { status() != nil }
            #expect(status()?.health == .critical)
            #expect(status()?.output == "this agent has no prober for http checks")
        }
    }
}
