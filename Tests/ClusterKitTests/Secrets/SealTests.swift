import Testing

@testable import ClusterKit

/// With the key, without it, with another one; and with records that someone changed outside.
@Suite struct SealTests {
    let keeper = MemoryKeeper()
    let key: SealKey
    let store: SealedSecretStore
    let one = SecretPath("one"), two = SecretPath("two")

    init() async throws {
        key = try .generate()
        store = SealedSecretStore(keeper: keeper, key: key)
        for number in 1...2 {
            _ = try await store.write(["word": .string("one \(number)")], to: one, expecting: nil)
            _ = try await store.write(["word": .string("two \(number)")], to: two, expecting: nil)
        }
    }

    private func record(_ path: SecretPath, _ version: Int) throws -> SealedSecret {
        try #require(keeper.snapshot.sealed[SecretVersionID(path, version)])
    }

    private func message(of call: () async throws -> SecretValue) async -> String {
        do {
            _ = try await call()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// Only that version is lost, and its error says where and why.
    private func expectLost(_ path: SecretPath, _ version: Int, _ why: String = "was changed outside") async throws {
        #expect(await code { try await store.read(path, version: version) } == .corrupt)
        let message = await message { try await store.read(path, version: version) }
        #expect(message.contains("version \(version) of secret \(path)") && message.contains(why), "\(message)")
        for other in [one, two] {
            for number in 1...2 where other != path || number != version {
                let word = try await store.read(other, version: number).values.reveal()["word"]
                #expect(word == .string("\(other.path) \(number)"))
            }
        }
    }

    // MARK: - The key

    @Test func withoutAKeyNothingIsReadButMuchIsKnown() async throws {
        let sealed = SealedSecretStore(keeper: keeper)
        let status = await sealed.seal
        #expect(status.isSealed)
        #expect(status.reason == "the store of secrets is sealed: start the server with --seal-key FILE")
        #expect(await code { try await sealed.read(one, version: nil) } == .unavailable)
        #expect(await code { try await sealed.write([:], to: one, expecting: nil) } == .unavailable)
        #expect(await code { try await sealed.change(one, .destroy([1])) } == .unavailable)
        #expect(try await sealed.record(of: one)?.currentVersion == 2)
        #expect(try await sealed.list(SecretPath("")) == ["one", "two"])
        try sealed.unseal(with: key)
        #expect(await sealed.seal == SealStatus(isSealed: false))
        #expect(try await sealed.read(one, version: nil).values.reveal() == ["word": "one 2"])
        sealed.reseal()
        #expect(await sealed.seal.isSealed)
        #expect(await code { try await sealed.read(one, version: nil) } == .unavailable)
    }

    @Test func anotherKeyIsRefusedByName() async throws {
        let other = try SealKey.generate()
        do {
            try store.unseal(with: other)
            Issue.record("it took another key")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains(key.id) && error.message.contains(other.id))
        }
        #expect(try await store.read(one, version: nil).values.reveal() == ["word": "one 2"], "it kept its own")

        let started = SealedSecretStore(keeper: keeper, key: other)
        let status = await started.seal
        #expect(status.isSealed && status.reason.contains(key.id) && status.reason.contains(other.id))
        #expect(await code { try await started.read(one, version: nil) } == .unavailable)
        #expect(await code { try await started.write([:], to: SecretPath("new"), expecting: nil) } == .unavailable)
        #expect(keeper.snapshot.secrets.count == 2)
        try started.unseal(with: key)
        #expect(try await started.read(one, version: nil).values.reveal() == ["word": "one 2"])
    }

    @Test func aStoreWhoseKeyIsLostCanBeCleared() async throws {
        let fresh = try SealKey.generate()
        let sealed = SealedSecretStore(keeper: keeper, key: fresh)
        try await sealed.change(one, .remove)
        #expect(await sealed.seal.isSealed)
        try await sealed.change(two, .remove)
        #expect(await sealed.seal == SealStatus(isSealed: false))
        #expect(try await sealed.write(["a": 1], to: one, expecting: 0).number == 1)
    }

    @Test func sealingAndUnsealingAtTheSameTimeIsSafe() async throws {
        let path = one
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask { [store, key] in
                    switch index % 4 {
                    case 0: store.reseal()
                    case 1: try? store.unseal(with: key)
                    default:
                        let code = await code { try await store.read(path, version: nil) }
                        #expect(code == nil || code == .unavailable)
                    }
                }
            }
        }
        try store.unseal(with: key)
        #expect(try await store.read(one, version: nil).version.number == 2)
    }

    // MARK: - Changed outside

    @Test func swappedRecordsAreFoundOut() async throws {
        // The bytes of two paths change places, whole and well formed.
        let (a, b) = (try record(one, 1), try record(two, 1))
        var moved = b
        moved.path = one
        keeper.put([.putSealed(moved)])
        try await expectLost(one, 1)
        keeper.put([.putSealed(a)])
        // An older version in the place of a newer one.
        moved = try record(one, 1)
        moved.version = 2
        keeper.put([.putSealed(moved)])
        try await expectLost(one, 2)
    }

    @Test func aTruncatedRecordIsFoundOut() async throws {
        let whole = try record(one, 2)
        for count in [0, 1, 15, 16, whole.bytes.count - 1] {
            var short = whole
            short.bytes = Array(whole.bytes.prefix(count))
            keeper.put([.putSealed(short)])
            try await expectLost(one, 2)
        }
    }

    @Test func aFlippedBitIsFoundOut() async throws {
        let whole = try record(two, 1)
        for bit in stride(from: 0, to: whole.bytes.count * 8, by: 37) {
            var flipped = whole
            flipped.bytes = whole.bytes.flipping(bit)
            keeper.put([.putSealed(flipped)])
            #expect(await code { try await store.read(two, version: 1) } == .corrupt, "bit \(bit)")
        }
        var flipped = whole
        flipped.nonce = whole.nonce.flipping(5)
        keeper.put([.putSealed(flipped)])
        try await expectLost(two, 1)
    }

    @Test func aMissingRecordIsFoundOut() async throws {
        keeper.put([.removeSealed(SecretVersionID(two, 2))])
        try await expectLost(two, 2, "missing")
    }

    @Test func aRecordOfAnotherKeyIsRefusedAlone() async throws {
        let other = try SealKey.generate()
        keeper.put([.putSealed(try other.seal(["word": "planted"], as: SecretVersionID(one, 1)))])
        #expect(await code { try await store.read(one, version: 1) } == .invalid)
        let message = await message { try await store.read(one, version: 1) }
        #expect(message.contains(other.id) && message.contains(key.id))
        #expect(try await store.read(one, version: 2).values.reveal() == ["word": "one 2"])
        #expect(await SealedSecretStore(keeper: keeper, key: key).seal == SealStatus(isSealed: false))
        // A name of the key alone proves nothing.
        var renamed = try record(one, 1)
        renamed.keyID = key.id
        keeper.put([.putSealed(renamed)])
        try await expectLost(one, 1)
    }

    @Test func anotherSnapshotOfTheSameRecordsIsRead() async throws {
        // What a store reads back after a restart.
        var records: [Change] = []
        keeper.snapshot.records { records.append($0) }
        let again = MemoryKeeper()
        again.put(try records.map { try Change(decoding: $0.encoded) })
        let read = try await SealedSecretStore(keeper: again, key: key).read(two, version: 1)
        #expect(read.values.reveal() == ["word": "two 1"])
    }
}
