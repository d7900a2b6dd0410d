import ClusterKit

extension SecretStoreConformance {
    /// A secret with versions 1 to `count`, each holding its number.
    private static func write(_ count: Int, _ store: any SecretStore, to path: SecretPath) async throws {
        for number in 1...count { _ = try await store.write(["n": .int(number)], to: path, expecting: nil) }
    }

    private static func expectReadable(
        _ numbers: [Int], of count: Int, _ store: any SecretStore, _ path: SecretPath, _ findings: inout Findings,
        after what: String
    ) async {
        for number in 1...count {
            if numbers.contains(number) {
                let values = try? await store.read(path, version: number).values.reveal()
                findings.expect(values == ["n": .int(number)], "version \(number) is not read after \(what)")
            } else {
                await findings.expect(.notFound, from: "reading version \(number) after \(what)") {
                    try await store.read(path, version: number)
                }
            }
        }
    }

    static func checkDeleting(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("deleted")
        try await write(3, store, to: path)
        try await store.change(path, .delete([1, 99]))
        await expectReadable([2, 3], of: 3, store, path, &findings, after: "version 1 was deleted")
        try await store.change(path, .delete([]))
        await expectReadable([2], of: 3, store, path, &findings, after: "the current one was deleted")
        await findings.expect(.notFound, from: "reading the current version, which is deleted") {
            try await store.read(path, version: nil)
        }
        let record = try await store.record(of: path)
        findings.expect(record?.currentVersion == 3, "deleting changes which version is current")
        let deleted = record?.versions.filter { $0.deletionTime != nil }.map(\.number) ?? []
        findings.expect(deleted == [1, 3], "versions \(deleted) have a time of deletion, not 1 and 3")
        try await store.change(path, .undelete([1, 3]))
        await expectReadable([1, 2, 3], of: 3, store, path, &findings, after: "1 and 3 were brought back")
    }

    static func checkDestroying(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("destroyed")
        try await write(3, store, to: path)
        try await store.change(path, .delete([3]))
        try await store.change(path, .destroy([1, 3]))
        try await store.change(path, .undelete([1, 3]))
        await expectReadable([2], of: 3, store, path, &findings, after: "1 and 3 were destroyed")
        let record = try await store.record(of: path)
        let destroyed = record?.versions.filter(\.isDestroyed).map(\.number) ?? []
        findings.expect(destroyed == [1, 3], "the record says that \(destroyed) are destroyed, not 1 and 3")
        let next = try await store.write(["n": 4], to: path, expecting: 3)
        findings.expect(next.number == 4, "version \(next.number) follows version 3, which is destroyed")
        await findings.expect(.invalid, from: "destroying nothing") { try await store.change(path, .destroy([])) }
    }

    static func checkSettings(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("ruled")
        try await store.change(
            path,
            .settings(
                maxVersions: 2, requiresCheckAndSet: nil, deleteVersionAfter: nil,
                customMetadata: ["owner": "builders"]))
        try await write(4, store, to: path)
        await expectReadable([3, 4], of: 4, store, path, &findings, after: "two versions were to be kept")
        let record = try await store.record(of: path)
        findings.expect(record?.versions.map(\.number) == [3, 4], "the record lists versions that are not kept")
        findings.expect(record?.customMetadata == ["owner": "builders"], "the record has other metadata than was set")
        let value = try await store.read(path, version: nil)
        findings.expect(value.customMetadata == ["owner": "builders"], "what is read has other metadata than was set")

        try await store.change(
            path,
            .settings(maxVersions: nil, requiresCheckAndSet: true, deleteVersionAfter: nil, customMetadata: nil))
        let ruled = try await store.record(of: path)
        findings.expect(
            ruled?.maxVersions == 2 && ruled?.customMetadata == ["owner": "builders"],
            "setting one rule changes another")
        await findings.expect(.invalid, from: "a write that asks for no version where it must") {
            try await store.write(["n": 5], to: path, expecting: nil)
        }
        try await store.change(
            path,
            .settings(
                maxVersions: nil, requiresCheckAndSet: nil, deleteVersionAfter: .seconds(3600), customMetadata: nil))
        let version = try await store.write(["n": 5], to: path, expecting: 4)
        findings.expect(
            version.deletionTime == version.createTime + .seconds(3600),
            "a version is not deleted an hour after it was written, as was set")
        let read = try? await store.read(path, version: 5)
        findings.expect(read != nil, "a version that is deleted in an hour cannot be read")
        let older = try? await store.read(path, version: 4)
        findings.expect(older?.version.deletionTime == nil, "the rule changes versions that were there before")
    }

    static func checkRemoving(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("folder/removed")
        try await write(3, store, to: path)
        try await store.change(path, .remove)
        let record = try await store.record(of: path)
        findings.expect(record == nil, "there is a record of it")
        let names = try await store.list(SecretPath(""))
        findings.expect(names.isEmpty, "\(names) are listed")
        await expectReadable([], of: 3, store, path, &findings, after: "it was removed")
        let first = try await store.write(["n": 1], to: path, expecting: 0)
        findings.expect(first.number == 1, "it begins anew at version \(first.number)")
        await expectReadable([1], of: 3, store, path, &findings, after: "it was written again")
    }

    static func checkListing(_ store: any SecretStore, _ findings: inout Findings) async throws {
        for text in ["zone", "app/web/db", "app/web", "app/batch/a", "app/batch/b", "apple"] {
            _ = try await store.write([:], to: SecretPath(text), expecting: nil)
        }
        _ = try await store.write([:], to: SecretPath("elsewhere", mount: "other"), expecting: nil)
        for (folder, expected) in [
            ("", ["app/", "apple", "zone"]), ("app", ["batch/", "web", "web/"]), ("app/batch", ["a", "b"]),
            ("zone", []), ("ap", []), ("nothing", []),
        ] {
            let names = try await store.list(SecretPath(folder))
            findings.expect(names == expected, "\(names) are listed below \"\(folder)\", not \(expected)")
        }
    }
}
