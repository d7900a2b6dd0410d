import Testing

/// One place that breaks a rule, and the way out.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    /// What an exemption may name: a function, a word; empty if the whole file is meant.
    var subject = ""
    let what: String
    let instead: String

    var description: String { "\(path):\(line): \(what); \(instead)" }
}

/// A rule reads the sources and reports what breaks it. It must be able to fail: each has snippets that it refuses.
protocol Rule {
    func findings(in tree: SourceTree) -> [Finding]
}

extension Rule {
    /// Fails the running test once for each place of the package that breaks the rule.
    func verify() {
        for finding in broken() { Issue.record("\(finding)") }
    }

    /// What a snippet breaks, as `line subject`, for the tests of the rules.
    func found(in text: String, at path: String = "Sources/ClusterKit/Store/Snippet.swift") -> [String] {
        findings(in: SourceTree(path, text)).map { $0.subject.isEmpty ? "\($0.line)" : "\($0.line) \($0.subject)" }
    }

    /// What the package breaks, without what is exempt; and the exemptions that nothing needs any more.
    func broken(in tree: SourceTree = .package, exempt: [Exemption] = Exemption.all) -> [Finding] {
        let findings = findings(in: tree)
        let rule = "\(Self.self)"
        let mine = exempt.filter { $0.rule == rule }
        let unused = mine.filter { exemption in !findings.contains { exemption.covers($0) } }.map {
            Finding(
                path: "Tests/TidyTests/Exemption.swift", line: 1, subject: $0.path,
                what: "the exemption of \($0.path) \($0.subject) from \(rule) is not needed any more",
                instead: "remove it: the list may only shrink")
        }
        return findings.filter { finding in !mine.contains { $0.covers(finding) } } + unused
    }
}
