import ClusterKit

extension SecretStoreConformance {
    static func checkSeal(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let seal = await store.seal
        findings.expect(!seal.isSealed, "it says that it is sealed: \(seal.reason)")
    }

    static func checkValues(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let all: [String: ConfigValue] = [
            "": .null, "flag": true, "count": -7, "large": .int(.max), "part": .double(0.25), "text": "grüße\n\u{0}",
            "list": ["a", 1, ["b"]], "tree": .object(["a": .object(["b": "c"])]),
            "long": .string(String(repeating: "x", count: 70_000)),
        ]
        let path = SecretPath("a/b c/ü", mount: "other")
        for values in [all, [:], ["only": "this"]] {
            _ = try await store.write(values, to: path, expecting: nil)
            let read = try await store.read(path, version: nil).values.reveal()
            findings.expect(read == values, "other values are read than the \(values.count) that were written")
        }
        let elsewhere = SecretPath("a/b c/ü")
        await findings.expect(.notFound, from: "the same path of another engine") {
            try await store.read(elsewhere, version: nil)
        }
    }

    static func checkVersions(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("counted")
        for number in 1...3 {
            let version = try await store.write(["n": .int(number)], to: path, expecting: nil)
            findings.expect(version.number == number, "write \(number) makes version \(version.number)")
            findings.expect(version.deletionTime == nil && !version.isDestroyed, "a new version is not there")
        }
        for number in 1...3 {
            let value = try await store.read(path, version: number)
            findings.expect(value.version.number == number, "version \(value.version.number) is read for \(number)")
            findings.expect(value.values.reveal() == ["n": .int(number)], "version \(number) holds something else")
        }
        let current = try await store.read(path, version: nil)
        findings.expect(current.version.number == 3, "the current version is \(current.version.number), not 3")
        let record = try await store.record(of: path)
        findings.expect(record?.currentVersion == 3, "the record's current version is not 3")
        findings.expect(
            record?.versions.map(\.number) == [1, 2, 3], "the record does not list versions 1 to 3 in order")
        findings.expect(record?.path == path, "the record is of another path")
        await findings.expect(.notFound, from: "version 4 of 3") { try await store.read(path, version: 4) }
    }

    static func checkExpecting(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("expected")
        await findings.expect(.conflict, from: "expecting 1 of none") {
            try await store.write(["a": 0], to: path, expecting: 1)
        }
        let first = try await store.write(["a": 1], to: path, expecting: 0)
        findings.expect(first.number == 1, "the first version is \(first.number)")
        for wrong in [0, 2, -1] {
            await findings.expect(.conflict, from: "expecting \(wrong) of 1") {
                try await store.write(["a": 0], to: path, expecting: wrong)
            }
        }
        let read = try await store.read(path, version: nil)
        findings.expect(read.version.number == 1 && read.values.reveal() == ["a": 1], "a refused write left a trace")
        let second = try await store.write(["a": 2], to: path, expecting: 1)
        findings.expect(second.number == 2, "the second version is \(second.number)")
        try await store.change(path, .delete([]))
        let third = try await store.write(["a": 3], to: path, expecting: 2)
        findings.expect(third.number == 3, "a deleted version is no longer the current one")
    }

    static func checkRace(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("raced")
        for current in 0..<3 {
            let won = await winners(of: 12) { writer in
                try await store.write(["by": .int(writer)], to: path, expecting: current)
            }
            findings.expect(won.count == 1, "\(won.count) of 12 writers that expect \(current) succeed")
            let read = try await store.read(path, version: nil)
            findings.expect(read.version.number == current + 1, "version \(read.version.number) is current afterwards")
            if won.count == 1 {
                findings.expect(read.values.reveal()["by"] == .int(won[0]), "the loser's value is read")
            }
        }
    }

    static func checkCrowd(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("crowded")
        let won = await winners(of: 8) { try await store.write(["by": .int($0)], to: path, expecting: nil) }
        findings.expect(won.count == 8, "\(won.count) of 8 succeed")
        let current = try await store.record(of: path)?.currentVersion
        findings.expect(current == won.count, "\(won.count) writes make version \(current ?? 0)")
    }

    private static func winners(
        of writers: Int, _ write: @escaping @Sendable (Int) async throws -> SecretRecord.Version
    ) async -> [Int] {
        await withTaskGroup(of: Int?.self) { group in
            for writer in 0..<writers { group.addTask { (try? await write(writer)).map { _ in writer } } }
            return await group.reduce(into: []) { if let winner = $1 { $0.append(winner) } }
        }
    }

    static func checkUnknown(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let path = SecretPath("never/written")
        await findings.expect(.notFound, from: "reading it") { try await store.read(path, version: nil) }
        await findings.expect(.notFound, from: "reading its version 1") { try await store.read(path, version: 1) }
        for change in [SecretChange.delete([]), .undelete([1]), .destroy([1]), .remove] {
            await findings.expect(.notFound, from: "\(change)") { try await store.change(path, change) }
        }
        let record = try await store.record(of: path)
        findings.expect(record == nil, "there is a record of it")
        let names = try await store.list(SecretPath(""))
        findings.expect(names.isEmpty, "an empty store lists \(names)")
    }

    static func checkPaths(_ store: any SecretStore, _ findings: inout Findings) async throws {
        let long = String(repeating: "x", count: SecretPath.longest)
        for text in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\u{7}b", "a\u{0}", long] {
            let path = SecretPath(text)
            await findings.expect(.invalid, from: "writing to \(text.debugDescription)") {
                try await store.write([:], to: path, expecting: nil)
            }
            await findings.expect(.invalid, from: "reading \(text.debugDescription)") {
                try await store.read(path, version: nil)
            }
        }
    }
}
