import Testing

@testable import ClusterKit

@Suite struct KeyValueStoreTests {
    let keeper = MemoryKeeper()
    var store: KeyValueStore { KeyValueStore(keeper: keeper) }

    private func fill(_ keys: String...) async throws {
        for key in keys { _ = try await store.put(key, Array(key.utf8)) }
    }

    @Test func whatIsPutIsThere() async throws {
        #expect(store.get("a/b") == nil)
        #expect(try await store.put("a/b", [1, 2], flags: .max))
        let record = try #require(store.get("a/b"))
        #expect(record.value == [1, 2] && record.flags == .max)
        #expect(record.createRevision == Revision(1) && record.modifyRevision == Revision(1))
        #expect(try await store.put("a/b", []))
        #expect(store.get("a/b")?.value == [] && store.get("a/b")?.flags == 0)
        #expect(store.get("a/b")?.createRevision == Revision(1))
        #expect(store.get("a/b")?.modifyRevision == Revision(2))
    }

    @Test func whatIsThereAlreadyIsNotWrittenAgain() async throws {
        try await fill("a")
        #expect(try await store.put("a", Array("a".utf8)))
        #expect(keeper.snapshot.revision == Revision(1))
        #expect(try await store.put("a", Array("a".utf8), flags: 1))
        #expect(keeper.snapshot.revision == Revision(2))
    }

    @Test func putComparesRevisions() async throws {
        #expect(try await !store.put("a", [1], cas: Revision(7)))
        #expect(store.get("a") == nil)
        #expect(try await store.put("a", [1], cas: .zero))
        #expect(try await !store.put("a", [2], cas: .zero))
        #expect(try await store.put("a", [2], cas: Revision(1)))
        #expect(try await !store.put("a", [3], cas: Revision(1)))
        #expect(store.get("a")?.value == [2])
    }

    @Test func deleteComparesRevisions() async throws {
        try await fill("a")
        #expect(try await !store.delete("a", cas: .zero))
        #expect(try await !store.delete("a", cas: Revision(9)))
        #expect(store.get("a") != nil)
        #expect(try await store.delete("a", cas: Revision(1)))
        #expect(store.get("a") == nil)
        #expect(try await store.delete("a"), "what is not there is gone")
        #expect(try await store.delete("a", cas: Revision(1)))
    }

    @Test func aPrefixIsDeletedInOneStep() async throws {
        try await fill("a", "a/1", "a/2", "ab", "b")
        let before = keeper.snapshot.revision
        #expect(try await store.delete(prefix: "a/") == 2)
        #expect(keeper.snapshot.revision == before.next)
        #expect(store.keys(prefix: "") == ["a", "ab", "b"])
        #expect(try await store.delete(prefix: "zzz") == 0)
        #expect(keeper.snapshot.revision == before.next)
        #expect(try await store.delete(prefix: "") == 3)
        #expect(keeper.snapshot.keys.count == 0)
    }

    @Test func listsByPrefixInOrder() async throws {
        try await fill("b", "web/c", "web/a/2", "web/a/1", "web", "website", "web-2")
        #expect(store.list(prefix: "web/").map(\.key) == ["web/a/1", "web/a/2", "web/c"])
        #expect(store.list(prefix: "web").map(\.key) == ["web", "web-2", "web/a/1", "web/a/2", "web/c", "website"])
        #expect(store.list(prefix: "none") == [])
        #expect(store.list(prefix: "").count == 7)
    }

    @Test(arguments: [
        ("", "/", ["b", "web", "web-2", "web/"]), ("web/", "/", ["web/a/", "web/c"]),
        ("web", "/", ["web", "web-2", "web/"]), ("web/a/", "/", ["web/a/1", "web/a/2"]),
        ("web/", "", ["web/a/1", "web/a/2", "web/c"]), ("web/", "a/", ["web/a/", "web/c"]), ("x", "/", []),
        ("", "zzz", ["b", "web", "web-2", "web/a/1", "web/a/2", "web/c"]),
    ]) func keysFallTogetherInFolders(_ prefix: String, _ separator: String, _ expected: [String]) async throws {
        try await fill("web/c", "web/a/2", "web/a/1", "b", "web", "web-2")
        #expect(store.keys(prefix: prefix, separator: separator) == expected)
    }

    @Test func prefixesAreCountedInBytes() async throws {
        // A letter and an accent: the plain letter is a prefix of the bytes, though not of the text.
        try await fill("e\u{301}x")
        #expect(store.list(prefix: "e").count == 1)
    }

    @Test(arguments: ["", "/a", "a\u{0}", "a\nb", String(repeating: "x", count: 1025)])
    func refusesWhatIsNoKey(_ key: String) async throws {
        #expect(await code { try await store.put(key, []) } == .invalid)
        #expect(await code { try await store.delete(key) } == .invalid)
        #expect(keeper.snapshot.revision == .zero)
    }

    @Test(arguments: ["a", "a/", "a//b", "ü", "a b?", String(repeating: "x", count: 1024)])
    func takesOtherKeys(_ key: String) async throws {
        #expect(try await store.put(key, []))
        #expect(store.keys(prefix: "") == [key])
    }

    @Test func valuesHaveALimit() async throws {
        #expect(try await store.put("a", Array(repeating: 0, count: 512 * 1024)))
        #expect(await code { try await store.put("b", Array(repeating: 0, count: 512 * 1024 + 1)) } == .tooLarge)
    }

    @Test func aBlockingReadSeesItsOwnChanges() async throws {
        func below(_ prefix: String) -> Revision { keeper.snapshot.keys.revision(below: prefix) }
        func of(_ key: String) -> Revision { keeper.snapshot.keys.revision(of: key) }
        #expect(below("a/") == .zero && of("a/1") == .zero)
        try await fill("a/1", "a/2", "b")
        #expect(below("a/") == Revision(2) && below("b") == Revision(3) && below("") == Revision(3))
        #expect(of("a/1") == Revision(1))
        // The newest goes away: the number must not go back to that of the one before.
        _ = try await store.delete("a/2")
        #expect(below("a/") == Revision(4))
        #expect(of("a/2") == Revision(4) && of("a/1") == Revision(1))
        try await fill("a/2")
        #expect(below("a/") == Revision(5) && of("a/2") == Revision(5))
        #expect(below("b") >= Revision(3))
    }

    @Test func whoeverIsSlowerLooksAgain() async throws {
        try await fill("a")
        keeper.interfere(with: [.putKey(KeyRecord(key: "a", value: [9]))])
        #expect(try await store.put("a", [1]))
        #expect(store.get("a")?.value == [1])
        keeper.interfere(with: [.putKey(KeyRecord(key: "a", value: [9]))])
        let seen = try #require(store.get("a")?.modifyRevision)
        #expect(try await !store.put("a", [2], cas: seen), "somebody changed it first")
        #expect(store.get("a")?.value == [9])
        keeper.interfere(with: [.putKey(KeyRecord(key: "a", value: [10]))])
        #expect(try await store.delete("a"))
        #expect(store.get("a") == nil)
    }

    @Test func aLockOutlivesAWrite() async throws {
        keeper.put([.putKey(KeyRecord(key: "a", value: [], lockIndex: 3, session: "held"))])
        #expect(try await store.put("a", [1]))
        #expect(store.get("a")?.session == "held" && store.get("a")?.lockIndex == 3)
    }

    @Test func aHundredWritersCountToAHundred() async throws {
        try await withServer { server in
            _ = await server.untilLeading()
            let store = KeyValueStore(keeper: server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        while true {
                            let record = store.get("count")
                            let next = (record?.value.first ?? 0) + 1
                            let last = record?.modifyRevision ?? .zero
                            if try await store.put("count", [next], cas: last) { return }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(store.get("count")?.value == [100])
        }
    }
}
