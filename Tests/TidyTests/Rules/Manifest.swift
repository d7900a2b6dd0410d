import Testing

/// No target is laxer than another, and no name of a feature is misspelled.
struct Manifest: Rule {
    static let canary = "Sources/ClusterKit/FeatureCanary.swift"

    func findings(in tree: SourceTree) -> [Finding] {
        guard let file = tree.file("Package.swift") else { return [] }
        return targets(in: file) + features(in: file, canary: tree.file(Self.canary))
    }

    private func targets(in file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        let kinds = ["target", "executableTarget", "testTarget", "macro"]
        return tokens.indices.compactMap { index in
            guard kinds.contains(tokens[index].text), tokens.text(index - 1) == ".", tokens[index - 1].isApart,
                tokens.text(index + 1) == "(", let close = tokens.closing(index + 1)
            else { return nil }
            let words = tokens[index...close].map(\.text)
            let isCommon = words.indices.contains {
                words[$0...].starts(with: ["swiftSettings", ":", "settings"]) && [",", ")"].contains(words[$0 + 3])
            }
            // A target of C has no settings of Swift.
            guard !isCommon, !file.lines[tokens[index].line - 1].contains("\"CLinux\"") else { return nil }
            return Finding(
                path: file.path, line: tokens[index].line, what: "a target without the common settings",
                instead: "write `swiftSettings: settings`")
        }
    }

    private func features(in file: SourceFile, canary: SourceFile?) -> [Finding] {
        file.lines.enumerated().compactMap { index, line in
            let parts = line.split(separator: "enableUpcomingFeature(\"")
            guard parts.count == 2, let name = parts[1].split(separator: "\"").first else { return nil }
            guard canary?.text.contains("#if !hasFeature(\(name))") != true else { return nil }
            return Finding(
                path: file.path, line: index + 1, subject: String(name), what: "nothing proves that `\(name)` is on",
                instead: "add it to \(Self.canary): a misspelled name is accepted in silence")
        }
    }
}

@Suite struct ManifestTests {
    private func found(_ manifest: String, canary: String = "") -> [String] {
        let files = [SourceFile("Package.swift", manifest), SourceFile(Manifest.canary, canary)]
        return Manifest().findings(in: SourceTree(files)).map { "\($0.line) \($0.subject)" }
    }

    @Test func everyTargetHasTheSettings() {
        #expect(found("[\n .target(name: \"A\"),\n .testTarget(name: \"B\", swiftSettings: other)]") == ["2 ", "3 "])
        #expect(found("[ .target(name: \"A\", swiftSettings: settings + [])]") == ["1 "])
        #expect(found("[ .target(name: \"A(\", swiftSettings: settings), .systemLibrary(name: \"C\")]") == [])
    }

    @Test func everyFeatureHasACanary() {
        let manifest = "let a = [\n .enableUpcomingFeature(\"ExistentialAny\")]"
        #expect(found(manifest) == ["2 ExistentialAny"])
        #expect(found(manifest, canary: "#if !hasFeature(ExistentialAny)\n#error(\"\")\n#endif") == [])
    }

    @Test func theManifestIsUniform() { Manifest().verify() }
}
