import ClusterKit
import ClusterTesting
import FoundationEssentials
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A store of secrets of one's own: shows with the public suite that it keeps its promises, and then serves with it.
@main enum CustomSecretStore {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/custom-secrets-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = try SealKey.generate(allowsUnlockedMemory: true)

        let count = Mutex(0)
        let suite = SecretStoreConformance {
            try bytes(below: folder)
        } makeStore: {
            let number = count.withLock { count in
                count += 1
                return count
            }
            return FolderSecretStore(folder: "\(folder)/\(number)", key: key)
        }
        let violations = await suite.run()
        violations.forEach { print($0) }
        print(violations.isEmpty ? "the store keeps its promises" : "\(violations.count) promises are broken")

        let served = try await serve(FolderSecretStore(folder: folder + "/served", key: key))
        print(served ? "a server wrote and read a secret with it" : "a server read something else than it wrote")
        guard violations.isEmpty, served else {
            try? FileManager.default.removeItem(atPath: folder)
            exit(1)
        }
    }

    /// Runs a server with the store; gives whether what is written through it is read.
    private static func serve(_ store: FolderSecretStore) async throws -> Bool {
        let server = Server(store: MemoryStore(), secrets: { _ in store })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            _ = await server.untilLeading()
            let path = SecretPath("builds/upload")
            let version = try await server.secrets.write(["password": "hunter2"], to: path, expecting: 0)
            let read = try await server.secrets.read(path, version: version.number)
            group.cancelAll()
            return read.values.reveal() == ["password": "hunter2"]
        }
    }

    /// All that is kept in files.
    private static func bytes(below folder: String) throws -> [UInt8] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { path in
            let data = FileManager.default.contents(atPath: folder + "/" + path)
            return Array(path.utf8) + (data.map { Array($0) } ?? [])
        }
    }
}
