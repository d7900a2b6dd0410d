import Testing

/// The tests that the document of the rules names are there.
struct NamedTests: Rule {
    private static let document = "docs/Semantics.md"

    func findings(in tree: SourceTree) -> [Finding] {
        guard let document = tree.file(Self.document) else { return [] }
        let suites = Self.suites(in: tree)
        return document.lines.enumerated().flatMap { index, line in
            Self.missing(in: line, suites).map {
                Finding(
                    path: document.path, line: index + 1, subject: $0, what: "there is no test `\($0)`",
                    instead: "name the one that proves the rule, or write it")
            }
        }
    }

    /// The functions of all files that have a part of a suite, by its name: `Suite`, and `Target.Suite` for those whose
    /// name is that of another as well.
    private static func suites(in tree: SourceTree) -> [String: Set<Substring>] {
        var suites: [String: Set<Substring>] = [:]
        for file in tree.swiftFiles where file.folders.first == "Tests" {
            let words = file.text.split { !isPartOfName($0) }
            let functions = zip(words, words.dropFirst()).filter { $0.0 == "func" }.map(\.1)
            for (keyword, name) in zip(words, words.dropFirst())
            where (keyword == "struct" || keyword == "extension" || keyword == "class") && isSuite(name) {
                suites[String(name), default: []].formUnion(functions)
                if file.folders.count > 1 { suites["\(file.folders[1]).\(name)", default: []].formUnion(functions) }
            }
        }
        return suites
    }

    /// What the last cell of a row names in vain: `Suite`, `Suite.test`, `Target.Suite.test`, or a further `test` of
    /// the suite before it.
    private static func missing(in line: Substring, _ suites: [String: Set<Substring>]) -> [String] {
        let cells = line.split(separator: "|")
        guard line.hasPrefix("| "), cells.count > 2, let last = cells.last, last != " test " else { return [] }
        var missing: [String] = []
        var suite = ""
        for word in last.split(whereSeparator: { !isPartOfName($0) && $0 != "." }) {
            let parts = word.split(separator: ".")
            let path = parts.prefix(while: isSuite)
            if !path.isEmpty { suite = path.joined(separator: ".") }
            guard let functions = suites[suite] else {
                missing.append(suite.isEmpty ? String(word) : suite)
                continue
            }
            for name in parts.dropFirst(path.count) where !functions.contains(name) {
                missing.append("\(suite).\(name)")
            }
        }
        return missing
    }

    private static func isSuite(_ word: Substring) -> Bool { word.hasSuffix("Tests") || word.hasSuffix("Scenarios") }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}

@Suite struct NamedTestsTests {
    private func found(_ row: String) -> [String] {
        let files = [
            SourceFile("docs/Semantics.md", "| rule | source | test |\n|---|---|---|\n" + row),
            SourceFile(
                "Tests/MineTests/ATests.swift",
                "@Suite struct ATests {\n    let count = 1\n    @Test func holds() {}\n}"),
            SourceFile("Tests/OtherTests/ATests.swift", "@Suite struct ATests {\n    @Test func other() {}\n}"),
        ]
        return NamedTests().findings(in: SourceTree(files)).map { "\($0.line) \($0.subject)" }
    }

    @Test func testsThatAreNotThereAreRefused() {
        #expect(found("| a | b | `ATests.holds`, `.fails` |") == ["3 ATests.fails"])
        #expect(found("| a | b | `BTests.holds` |") == ["3 BTests"])
        #expect(found("| a | b | `holds` |") == ["3 holds"])
        #expect(found("| a | b | `ATests.count` |") == ["3 ATests.count"])
        #expect(found("| a | b | `OtherTests.ATests.holds` |") == ["3 OtherTests.ATests.holds"])
        #expect(found("| a | b | `NoTests.ATests.holds` |") == ["3 NoTests.ATests"])
    }

    @Test func testsThatAreThereAreFine() {
        #expect(found("| a | b | `ATests` |\n| c | d | ATests.holds, `holds` |") == [])
        #expect(found("| a | b | `MineTests.ATests.holds`, `OtherTests.ATests.other` |") == [])
    }

    @Test func everyRuleNamesTestsThatAreThere() { NamedTests().verify() }
}
