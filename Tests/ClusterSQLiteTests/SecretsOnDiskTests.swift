import ClusterKit
import Foundation
import Testing

@testable import ClusterSQLite

/// What secrets leave behind in the files of a store.
@Suite struct SecretsOnDiskTests {
    let folder: TemporaryFolder
    let key: SealKey
    let canary = "canary-77e1-in-a-coal-mine"

    init() throws {
        folder = try TemporaryFolder()
        key = try SealKey.generate(allowsUnlockedMemory: true)
    }

    /// Runs a server on the folder for as long as `body` runs.
    private func withServer(key: SealKey?, _ body: (Server) async throws -> Void) async throws {
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        let server = Server(
            store: store, secrets: { SealedSecretStore(keeper: $0, key: key) }, logger: silent, seed: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = await server.untilLeading()
            try await body(server)
            group.cancelAll()
        }
        await store.close()
    }

    private func code(_ secrets: any SecretStore, _ path: String) async -> ClusterError.Code? {
        do {
            _ = try await secrets.read(SecretPath(path), version: nil)
            return nil
        } catch {
            return (error as? ClusterError)?.code
        }
    }

    private func write() async throws {
        try await withServer(key: key) { server in
            for path in ["one", "two"] {
                _ = try await server.secrets.write(
                    ["word": .string("\(canary) \(path)")], to: SecretPath(path), expecting: 0)
            }
        }
    }

    @Test func noFileHoldsOneInClear() async throws {
        try await write()
        var size = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let data = FileManager.default.contents(atPath: folder(name)) ?? Data()
            #expect(data.range(of: Data(canary.utf8)) == nil, "\(name) holds it")
            size += data.count
        }
        #expect(size > 0)
        try await withServer(key: key) { server in
            let value = try await server.secrets.read(SecretPath("two"), version: 1)
            #expect(value.values.reveal() == ["word": .string("\(canary) two")])
        }
    }

    @Test func aStoreWithoutItsKeyStaysSealed() async throws {
        try await write()
        try await withServer(key: nil) { server in
            #expect(await server.secrets.seal.isSealed)
            #expect(await code(server.secrets, "one") == .unavailable)
            let names = try await server.secrets.list(SecretPath(""))
            #expect(names == ["one", "two"])
        }
        let other = try SealKey.generate(allowsUnlockedMemory: true)
        try await withServer(key: other) { server in
            let seal = await server.secrets.seal
            #expect(seal.isSealed && seal.reason.contains(key.id) && seal.reason.contains(other.id))
            #expect(await code(server.secrets, "one") == .unavailable)
        }
    }

    @Test func swappedRecordsAreFoundOutAfterARestart() async throws {
        try await write()
        try await withServer(key: key) { server in
            let snapshot = server.snapshot
            var planted = try #require(snapshot.sealed[SecretVersionID(SecretPath("two"), 1)])
            planted.path = SecretPath("one")
            _ = try await server.keep([.putSealed(planted)], if: [])
        }
        try await withServer(key: key) { server in
            #expect(await code(server.secrets, "one") == .corrupt)
            #expect(await code(server.secrets, "two") == nil)
        }
    }
}
