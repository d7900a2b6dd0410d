import ClusterTesting
import Synchronization
import Testing

@testable import ClusterKit

@Suite struct SecretStoreConformanceTests {
    /// What the suite finds in a store that breaks one promise.
    private func rules(brokenBy fault: FaultySecretStore.Fault) async throws -> Set<String> {
        let keeper = MemoryKeeper()
        let suite = SecretStoreConformance {
            fault == .clear ? Array("canary-4d1f83c7-sings".utf8) : keeper.written
        } makeStore: {
            FaultySecretStore(fault: fault, key: try .generate())
        }
        return Set(await suite.run().map(\.rule))
    }

    @Test func theSealedStoreKeepsItsPromises() async throws {
        let keepers = Mutex<[MemoryKeeper]>([])
        let violations = await SecretStoreConformance {
            keepers.withLock { $0.flatMap(\.written) }
        } makeStore: {
            let keeper = MemoryKeeper()
            keepers.withLock { $0.append(keeper) }
            return SealedSecretStore(keeper: keeper, key: try .generate())
        }.run()
        #expect(violations == [])
    }

    @Test func itKeepsThemOnAServer() async throws {
        let folder = try ScratchFolder()
        let key = try SealKey.create(file: folder.path + "/key")
        try await withServer { server in
            _ = await server.untilLeading()
            let names = Mutex(0)
            let violations = await SecretStoreConformance {
                // One server for all, so that each store begins with what the one before left removed.
                let number = names.withLock { count in
                    count += 1
                    return count
                }
                let store = SealedSecretStore(keeper: server, key: key)
                if number > 1 {
                    for path in server.snapshot.secrets.sortedKeys { try await store.change(path, .remove) }
                }
                return store
            }.run()
            #expect(violations == [])
        }
    }

    @Test func aSealedStoreIsNotOneToCheck() async throws {
        let violations = await SecretStoreConformance { SealedSecretStore(keeper: MemoryKeeper()) }.run()
        #expect(violations.contains { $0.rule == "a store that has its key says so" })
    }

    @Test(arguments: [
        (FaultySecretStore.Fault.destroyedComesBack, "what is destroyed cannot be read again"),
        (.ignoresExpectation, "a write that expects another version changes nothing"),
        (.ignoresExpectation, "of writers that expect the same version, one succeeds"),
        (.reusesVersions, "versions count from 1 and only grow"),
        (.showsItself, "no value shows itself"),
        (.clear, "no value shows itself"),
        (.unsorted, "names are listed in order, folders with a slash"),
        (.anyPath, "a path that names nothing is invalid"),
        (.forgetsMount, "what was written is read"),
    ]) func aBrokenStoreIsFound(_ fault: FaultySecretStore.Fault, _ rule: String) async throws {
        let rules = try await rules(brokenBy: fault)
        #expect(rules.contains(rule), "found only \(rules.sorted())")
    }
}

/// A sealed store with one fault.
final class FaultySecretStore: SecretStore, CustomStringConvertible {
    enum Fault: Hashable, Sendable {
        case destroyedComesBack, ignoresExpectation, reusesVersions, showsItself, clear, unsorted, anyPath, forgetsMount
    }

    private let fault: Fault
    private let keeper = MemoryKeeper()
    private let store: SealedSecretStore
    private let seen = Mutex<[SecretVersionID: SecretValue]>([:])

    init(fault: Fault, key: SealKey) {
        self.fault = fault
        store = SealedSecretStore(keeper: keeper, key: key)
    }

    var description: String {
        fault == .showsItself ? seen.withLock { "\($0.values.map { $0.values.reveal() })" } : "a store"
    }

    var seal: SealStatus { get async { await store.seal } }

    private func place(_ path: SecretPath) -> SecretPath {
        if fault == .forgetsMount { return SecretPath(path.path) }
        return fault == .anyPath ? SecretPath("x" + path.path.filter { $0.isLetter }.prefix(9)) : path
    }

    func read(_ path: SecretPath, version: Int?) async throws -> SecretValue {
        let path = place(path)
        do {
            let value = try await store.read(path, version: version)
            seen.withLock { $0[SecretVersionID(path, value.version.number)] = value }
            return value
        } catch {
            let known = version.flatMap { number in seen.withLock { $0[SecretVersionID(path, number)] } }
            guard fault == .destroyedComesBack, let known else { throw error }
            return known
        }
    }

    func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) async throws -> SecretRecord.Version {
        let path = place(path)
        let version = try await store.write(
            values, to: path, expecting: fault == .ignoresExpectation ? nil : expected)
        let value = SecretValue(values: Secret(values), version: version)
        seen.withLock { $0[SecretVersionID(path, version.number)] = value }
        guard fault == .reusesVersions else { return version }
        return SecretRecord.Version(number: 1, createTime: version.createTime)
    }

    func change(_ path: SecretPath, _ change: SecretChange) async throws {
        try await store.change(place(path), change)
    }

    func record(of path: SecretPath) async throws -> SecretRecord? { try await store.record(of: place(path)) }

    func list(_ path: SecretPath) async throws -> [String] {
        let names = try await store.list(path)
        return fault == .unsorted ? names.reversed() : names
    }
}
