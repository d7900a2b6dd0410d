import Testing

@testable import ClusterKit

@Suite struct SealedSecretStoreTests {
    let keeper = MemoryKeeper()
    let time = SetTime()
    let path = SecretPath("app/db")

    private func store(maxVersions: Int = 10) throws -> SealedSecretStore {
        SealedSecretStore(keeper: keeper, key: try .generate(), maxVersions: maxVersions, time: time)
    }

    private var sealed: [Int] { keeper.snapshot.sealed.sorted.map(\.version) }

    @Test func keepsTenVersionsUnlessTold() async throws {
        let store = SealedSecretStore(keeper: keeper, key: try .generate())
        for number in 1...12 { _ = try await store.write(["n": .int(number)], to: path, expecting: nil) }
        #expect(sealed == Array(3...12))
        #expect(await code { try await store.read(path, version: 2) } == .notFound)
        #expect(try await store.read(path, version: 3).values.reveal() == ["n": 3])
    }

    @Test func prunesInTheBatchThatWrites() async throws {
        let store = try store(maxVersions: 2)
        for _ in 1...3 { _ = try await store.write([:], to: path, expecting: nil) }
        #expect(sealed == [2, 3])
        #expect(keeper.snapshot.revision == Revision(3))
        try await store.change(
            path, .settings(maxVersions: 1, requiresCheckAndSet: nil, deleteVersionAfter: nil, customMetadata: nil))
        #expect(sealed == [2, 3], "a rule holds from the next write on")
        _ = try await store.write([:], to: path, expecting: nil)
        #expect(sealed == [4])
        #expect(keeper.snapshot.secrets[path]?.versions.map(\.number) == [4])
    }

    @Test func destroyingTakesTheDataInTheSameBatch() async throws {
        let store = try store()
        for _ in 1...3 { _ = try await store.write([:], to: path, expecting: nil) }
        try await store.change(path, .destroy([1, 3]))
        #expect(keeper.snapshot.revision == Revision(4))
        #expect(sealed == [2])
        #expect(keeper.snapshot.secrets[path]?.versions.map(\.isDestroyed) == [true, false, true])
        try await store.change(path, .remove)
        #expect(keeper.snapshot.sealed.count == 0 && keeper.snapshot.secrets.count == 0)
    }

    @Test func whatIsDeletedLaterIsReadUntilThen() async throws {
        let store = try store()
        try await store.change(
            path,
            .settings(
                maxVersions: nil, requiresCheckAndSet: nil, deleteVersionAfter: .seconds(60), customMetadata: nil))
        _ = try await store.write(["a": 1], to: path, expecting: nil)
        time.advance(by: .seconds(59))
        #expect(try await store.read(path, version: nil).values.reveal() == ["a": 1])
        time.advance(by: .seconds(1))
        #expect(await code { try await store.read(path, version: nil) } == .notFound)
        try await store.change(path, .undelete([1]))
        time.advance(by: .seconds(3600))
        #expect(try await store.read(path, version: nil).values.reveal() == ["a": 1])
    }

    @Test func deletingTwiceKeepsTheFirstTime() async throws {
        let store = try store()
        _ = try await store.write([:], to: path, expecting: nil)
        try await store.change(path, .delete([]))
        let first = keeper.snapshot.secrets[path]?.versions[0].deletionTime
        time.advance(by: .seconds(5))
        try await store.change(path, .delete([1]))
        #expect(first == WallTime(nanoseconds: 1_000_000_000_000))
        #expect(keeper.snapshot.secrets[path]?.versions[0].deletionTime == first)
    }

    @Test func refusalsSayWhatVaultSays() async throws {
        let store = try store()
        do {
            _ = try await store.write([:], to: path, expecting: 1)
            Issue.record("it was written")
        } catch let error as ClusterError {
            #expect(error.code == .conflict)
            #expect(error.message == "check-and-set parameter did not match the current version")
        }
        try await store.change(
            path, .settings(maxVersions: nil, requiresCheckAndSet: true, deleteVersionAfter: nil, customMetadata: nil))
        do {
            _ = try await store.write([:], to: path, expecting: nil)
            Issue.record("it was written")
        } catch let error as ClusterError {
            #expect(error.code == .invalid)
            #expect(error.message == "check-and-set parameter required for this call")
        }
        #expect(try await store.write([:], to: path, expecting: 0).number == 1)
    }

    @Test func rulesHaveLimits() async throws {
        let store = try store()
        func setting(
            maxVersions: Int? = nil, deleteVersionAfter: Duration? = nil, customMetadata: [String: String]? = nil
        ) async -> ClusterError.Code? {
            await code {
                try await store.change(
                    path,
                    .settings(
                        maxVersions: maxVersions, requiresCheckAndSet: nil, deleteVersionAfter: deleteVersionAfter,
                        customMetadata: customMetadata))
            }
        }
        #expect(await setting(maxVersions: -1) == .invalid)
        #expect(await setting(deleteVersionAfter: .seconds(-1)) == .invalid)
        #expect(await setting(customMetadata: ["": "a"]) == .invalid)
        #expect(await setting(customMetadata: ["a": String(repeating: "x", count: 513)]) == .invalid)
        #expect(await setting(customMetadata: [String(repeating: "x", count: 129): ""]) == .invalid)
        let many = Dictionary(uniqueKeysWithValues: (0..<65).map { ("\($0)", "") })
        #expect(await setting(customMetadata: many) == .invalid)
        #expect(keeper.snapshot.secrets.count == 0)
        #expect(await setting(maxVersions: 0, deleteVersionAfter: .zero, customMetadata: [:]) == nil)
    }

    @Test func whoeverIsSlowerLooksAgain() async throws {
        let store = try store()
        _ = try await store.write(["by": "first"], to: path, expecting: nil)
        var other = try #require(keeper.snapshot.secrets[path])
        other.customMetadata = ["seen": "yes"]
        // Neither write lost anything by it: the version that was expected is still the current one.
        keeper.interfere(with: [.putSecret(other)])
        #expect(try await store.write(["by": "second"], to: path, expecting: nil).number == 2)
        other = try #require(keeper.snapshot.secrets[path])
        keeper.interfere(with: [.putSecret(other)])
        #expect(try await store.write(["by": "third"], to: path, expecting: 2).number == 3)
        #expect(keeper.snapshot.secrets[path]?.customMetadata == ["seen": "yes"])
        // Here it is not.
        var newer = try #require(keeper.snapshot.secrets[path])
        _ = try newer.addVersion(expecting: 3, at: time.now().wall)
        keeper.interfere(with: [.putSecret(newer)])
        #expect(await code { try await store.write(["by": "late"], to: path, expecting: 3) } == .conflict)
    }

    @Test func aHundredWritersOfOneVersionHaveOneWinner() async throws {
        try await withServer { server in
            _ = await server.untilLeading()
            let store = SealedSecretStore(keeper: server, key: try .generate())
            let path = path
            for current in 0..<2 {
                let won: [Int] = await withTaskGroup(of: Int?.self) { group in
                    for writer in 0..<100 {
                        group.addTask {
                            (try? await store.write(["by": .int(writer)], to: path, expecting: current)).map { _ in
                                writer
                            }
                        }
                    }
                    return await group.reduce(into: [Int]()) { if let winner = $1 { $0.append(winner) } }
                }
                #expect(won.count == 1)
                let read = try await store.read(path, version: nil)
                #expect(read.version.number == current + 1)
                #expect(read.values.reveal() == ["by": .int(won.first ?? -1)])
            }
        }
    }

    @Test func canonicallyEqualNamesAreOneSecret() async throws {
        let store = try store()
        _ = try await store.write(["a": 1], to: SecretPath("caf\u{E9}"), expecting: nil)
        _ = try await store.write(["a": 2], to: SecretPath("cafe\u{301}"), expecting: 1)
        #expect(try await store.read(SecretPath("caf\u{E9}"), version: 2).values.reveal() == ["a": 2])
        #expect(try await store.read(SecretPath("cafe\u{301}"), version: 1).values.reveal() == ["a": 1])
    }
}
