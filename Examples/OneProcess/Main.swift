import ClusterKit
import FoundationEssentials
import Logging
import ServiceLifecycle

/// A whole cluster inside one program: server, agent, a job, and what the job says.
@main enum OneProcess {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/one-process-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var logger = Logger(label: "example")
        logger.logLevel = .warning
        let server = Server(store: MemoryStore(), logger: logger)
        let driver = try ProcessDriver(supervision: .inProcess, stateFolder: folder + "/tasks", logger: logger)
        var settings = AgentConfiguration(dataFolder: folder + "/agent")
        settings.secrets = .folder
        let agent = Agent(link: server, drivers: [driver], configuration: settings, logger: logger)
        let group = ServiceGroup(services: [server, agent], logger: logger)
        async let running: Void = group.run()
        _ = await server.untilLeading()
        let job = Job("hello", kind: .batch) { Group("greeters") { TaskSpec("greet", command: "/bin/echo", "Hello!") } }
        _ = try await server.register(job)
        var seen: [Allocation] { server.snapshot.allocations.sorted }
        while seen.first?.client != .complete { try await Task.sleep(for: .milliseconds(20)) }
        let log = try await server.logs(of: seen[0].id, LogRequest(task: "greet", stream: .stdout))
        print(seen[0].name, "says:", String(decoding: log.data, as: UTF8.self))
        await group.triggerGracefulShutdown()
        try await running
    }
}
