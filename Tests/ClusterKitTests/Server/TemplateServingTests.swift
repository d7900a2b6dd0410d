import ClusterTesting
import Foundation
import Logging
import Synchronization
import Testing

@testable import ClusterKit

/// Secrets in memory, which a test seals and opens.
private final class MemorySecrets: SecretStore {
    private struct State {
        var reason: String?
        var values: [SecretPath: [String: ConfigValue]] = [:]
        var version = 1
    }

    private let state = Mutex(State())

    func set(_ path: SecretPath, _ values: [String: ConfigValue]) {
        state.withLock {
            $0.values[path] = values
            $0.version += 1
        }
    }

    func seal(_ reason: String?) { state.withLock { $0.reason = reason } }

    var seal: SealStatus { get async { SealStatus(isSealed: state.withLock { $0.reason != nil }) } }

    func read(_ path: SecretPath, version: Int?) async throws -> SecretValue {
        try state.withLock { state in
            if let reason = state.reason { throw ClusterError(.unavailable, reason) }
            guard let values = state.values[path] else { throw ClusterError(.notFound, "no secret at \(path)") }
            return SecretValue(
                values: Secret(values), version: .init(number: state.version, createTime: WallTime(nanoseconds: 0)))
        }
    }

    func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) async throws -> SecretRecord.Version {
        set(path, values)
        return .init(number: 1, createTime: WallTime(nanoseconds: 0))
    }

    func change(_ path: SecretPath, _ change: SecretChange) async throws {}
    func record(of path: SecretPath) async throws -> SecretRecord? { nil }
    func list(_ path: SecretPath) async throws -> [String] { [] }
}

/// A server, an agent and templates, in one process.
@Suite(.timeLimit(.minutes(10))) struct TemplateServingTests {
    private let scratch: ScratchFolder
    private let secrets = MemorySecrets()
    private let driver = ScriptedDriver()
    private let path = SecretPath("db")
    private let log = LoggedLines()

    init() throws { scratch = try ScratchFolder() }

    private func withCluster(
        _ body: (Server, AllocationID) async throws -> Void, _ templates: [TemplateSpec], count: Int = 1
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = Server(
            store: MemoryStore(), secrets: { [secrets] _ in secrets }, configuration: patient, logger: quiet, seed: 1)
        var configuration = AgentConfiguration(dataFolder: scratch.path + "/data")
        configuration.nodeName = "one"
        configuration.address = "127.0.0.1"
        configuration.secrets = .folder
        let agent = Agent(
            link: server, drivers: [driver], configuration: configuration,
            logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await agent.run() }
            let task = TaskSpec(name: "main", config: ["command": "/bin/true"], templates: templates)
            var job = Job(id: JobID("t"), groups: [TaskGroup(name: "g", count: count, tasks: [task])])
            if count > 1 { job.update = UpdateStrategy(maxParallel: 1, minHealthyTime: .milliseconds(1)) }
            try await eventually { server.snapshot.nodes.count == 1 }
            _ = try await server.register(job)
            try await eventually { server.snapshot.allocations.count == count }
            try await body(server, try #require(server.snapshot.allocations.sorted.first).id)
            group.cancelAll()
        }
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come about; the log says \(log.text)")
        throw CancellationError()
    }

    private func events(_ server: Server, _ id: AllocationID) -> [TaskEvent] {
        server.snapshot.allocations[id]?.tasks["main"]?.events ?? []
    }

    /// Tells the servers that the secret changed, as a store that keeps its records with them does.
    private func touch(_ server: Server) async throws {
        _ = try await server.keep([.putSecret(SecretRecord(path: path, time: WallTime(nanoseconds: 0)))], if: [])
    }

    private static let secretText = #"{{ with secret "secret/data/db" }}{{ .Data.data.password }}{{ end }}"#

    @Test func aSealedStoreHoldsTheStartAndAChangeRestarts() async throws {
        secrets.set(path, ["password": "hidden-one"])
        secrets.seal("the store of secrets is sealed")
        let file = TemplateSpec(
            data: Self.secretText, destination: "${NOMAD_SECRETS_DIR}/db", splay: .zero, permissions: "0400")
        let environment = TemplateSpec(
            data: "export TOKEN=\"\(Self.secretText)\"", destination: "secrets/env", changeMode: .noop, splay: .zero,
            isEnvironment: true)
        try await withCluster(
            { server, id in
                try await eventually {
                    events(server, id).contains {
                        $0.kind == .template && $0.message == "Missing: secret/data/db (the store of secrets is sealed)"
                    }
                }
                #expect(driver.count(of: .start) == 0)
                secrets.seal(nil)
                await driver.wait { $0.count == 1 }
                let request = try #require(driver.running.first).request
                #expect(request.environment["TOKEN"] == "hidden-one")
                let name = "data/alloc/\(id)/main/secrets/db"
                #expect(try scratch.read(name) == Array("hidden-one".utf8) && scratch.mode(name) == 0o400)

                secrets.set(path, ["password": "hidden-two"])
                try await touch(server)
                await driver.wait { $0.first?.request.attempt == 1 }
                #expect(try scratch.read(name) == Array("hidden-two".utf8))
                #expect(driver.running.first?.request.environment["TOKEN"] == "hidden-two")
                try await eventually {
                    events(server, id).contains { $0.message == "Template with change_mode restart re-rendered" }
                }
                try expectNoSecret(server, id)
            }, [file, environment])
    }

    /// The secret stands in its files and in the environment that the driver was given, and nowhere else.
    private func expectNoSecret(_ server: Server, _ id: AllocationID) throws {
        let state = try scratch.names("data/state").map { try scratch.read("data/state/\($0)") }
        let stored = server.snapshot.allocations[id]?.encoded ?? []
        for bytes in state + [stored, Array(log.text.utf8)] {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("hidden"))
        }
        #expect(!state.isEmpty && !stored.isEmpty)
    }

    @Test func aChangedKeySendsASignalAndNoopOnlyWrites() async throws {
        let loud = TemplateSpec(
            data: #"{{ keyOrDefault "a" "none" }}"#, destination: "local/a", changeMode: .signal,
            changeSignal: "SIGHUP",
            splay: .zero)
        let still = TemplateSpec(
            data: #"{{ keyOrDefault "b" "none" }}"#, destination: "local/b", changeMode: .noop, splay: .zero)
        try await withCluster(
            { server, id in
                await driver.wait { $0.count == 1 }
                _ = try await server.keep([.putKey(KeyRecord(key: "b", value: Array("2".utf8)))], if: [])
                try await eventually { (try? scratch.read("data/alloc/\(id)/main/local/b")) == Array("2".utf8) }
                #expect(driver.signals == [])
                _ = try await server.keep([.putKey(KeyRecord(key: "a", value: Array("1".utf8)))], if: [])
                try await eventually { driver.signals == ["SIGHUP"] }
                #expect(try scratch.read("data/alloc/\(id)/main/local/a") == Array("1".utf8))
                #expect(driver.count(of: .start) == 1 && driver.count(of: .stop) == 0)
            }, [loud, still])
    }

    /// The one that is held back by a task that does not start again has its turn once that does.
    @Test func instancesTakeTurns() async throws {
        let file = TemplateSpec(data: #"{{ keyOrDefault "a" "none" }}"#, destination: "local/a", splay: .zero)
        try await withCluster(
            { server, _ in
                await driver.wait { $0.count == 2 }
                let ids = server.snapshot.allocations.sorted.map(\.id)
                try await eventually { server.snapshot.allocations.sorted.allSatisfy { $0.client == .running } }
                _ = try await server.keep([.putKey(KeyRecord(key: "a", value: Array("1".utf8)))], if: [])
                await driver.wait { running in running.count == 2 && running.allSatisfy { $0.request.attempt == 1 } }
                for id in ids {
                    #expect(try scratch.read("data/alloc/\(id)/main/local/a") == Array("1".utf8))
                    let words = events(server, id).map(\.message)
                    let waits = words.firstIndex(
                        of: "Templates changed; the task goes on until it is its turn (max_parallel = 1)")
                    let acts = words.firstIndex(of: "Template with change_mode restart re-rendered")
                    #expect(waits != nil && acts != nil && (waits ?? 0) < (acts ?? 0), "\(words)")
                }
                // The second began to act once the first ran again.
                let all = server.snapshot.allocations.sorted.compactMap { $0.tasks["main"] }
                let ends = all.compactMap { $0.events.first { $0.kind == .restartSignal }?.time }.sorted()
                let starts = all.compactMap { $0.events.last { $0.kind == .started }?.time }.sorted()
                #expect(ends.count == 2 && starts.count == 2 && starts[0] <= ends[1])
                try await eventually { server.snapshot.allocations.sorted.allSatisfy { $0.reload == nil } }
            }, [file], count: 2)
    }

    @Test func whatIsComputedFromASecretIsNotTold() async throws {
        secrets.set(path, ["password": "hidden-key"])
        let data = #"{{ with secret "secret/data/db" }}{{ key .Data.data.password }}{{ end }}{{ key "named" }}"#
        try await withCluster(
            { server, id in
                try await eventually {
                    events(server, id).contains { $0.message == "Missing: key named, a key whose name is computed" }
                        || events(server, id).contains {
                            $0.message == "Missing: a key whose name is computed, key named"
                        }
                }
                try expectNoSecret(server, id)
            }, [TemplateSpec(data: data, destination: "local/x")])
    }

    @Test func onlyAChangeOfWhatIsAskedForIsAnswered() async throws {
        try await withCluster(
            { server, id in
                let node = try #require(server.snapshot.allocations[id]).node
                let query = [TemplateQuery.keys(prefix: "a/")]
                _ = try await server.keep([.putKey(KeyRecord(key: "a/1", value: [49]))], if: [])
                let first = try await server.values(of: query, for: id, from: node, after: .zero, wait: .zero)
                async let next = server.values(
                    of: query, for: id, from: node, after: first.revision, wait: .seconds(600))
                for number in 0..<20 {
                    // Wakes whoever waits for keys, as a publication for something else does.
                    _ = try await server.keep([.putKey(KeyRecord(key: "b/\(number)", value: [49]))], if: [])
                    try await Task.sleep(for: .milliseconds(2))
                }
                _ = try await server.keep([.putKey(KeyRecord(key: "a/2", value: [50]))], if: [])
                let value = try await next.values[query[0]]
                #expect(
                    value
                        == .known(
                            .list([
                                .list([.string("a/1"), .string("1")]), .list([.string("a/2"), .string("2")]),
                            ])))

                // More than is told at once is refused, whole.
                let large = [UInt8](repeating: 120, count: 500_000)
                for number in 0..<17 {
                    _ = try await server.keep([.putKey(KeyRecord(key: "a/\(number)", value: large))], if: [])
                }
                let error = await #expect(throws: ClusterError.self) {
                    try await server.values(of: query, for: id, from: node, after: .zero, wait: .zero)
                }
                #expect(error?.code == .tooLarge)
            }, [TemplateSpec(data: #"{{ range ls "a" }}{{ end }}"#, destination: "local/x")])
    }

    @Test func onlyTheNodeOfARunningAllocationIsTold() async throws {
        try await withCluster(
            { server, id in
                let node = try #require(server.snapshot.allocations[id]).node
                let query = [TemplateQuery.key("a")]
                let answer = try await server.values(of: query, for: id, from: node, after: .zero, wait: .zero)
                #expect(answer.values == [.key("a"): .absent])
                for (allocation, sender) in [(id, NodeID(high: 9, low: 9)), (AllocationID(high: 9, low: 9), node)] {
                    let error = await #expect(throws: ClusterError.self) {
                        try await server.values(of: query, for: allocation, from: sender, after: .zero, wait: .zero)
                    }
                    #expect(error?.code == .denied)
                }
                for other in [TemplateQuery.key("b"), .secret(path, version: nil), .services] {
                    let error = await #expect(throws: ClusterError.self) {
                        try await server.values(of: query + [other], for: id, from: node, after: .zero, wait: .zero)
                    }
                    #expect(error?.code == .denied && error?.message.contains(other.kindName) == true)
                }
                let many = (0..<300).map { TemplateQuery.key("\($0)") }
                let error = await #expect(throws: ClusterError.self) {
                    try await server.values(of: many, for: id, from: node, after: .zero, wait: .zero)
                }
                #expect(error?.code == .tooLarge)
            }, [TemplateSpec(data: #"{{ keyOrDefault "a" "" }}"#, destination: "local/x")])
    }
}
