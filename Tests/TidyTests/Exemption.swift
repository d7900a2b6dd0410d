import Testing

/// A place that may break a rule, and why. This list may only shrink: what is not needed any more fails.
struct Exemption {
    let rule: String
    let path: String
    /// The function or word that is exempt; empty for all of the file.
    var subject = ""
    let because: String

    static let all: [Exemption] = []

    func covers(_ finding: Finding) -> Bool {
        finding.path == path && (subject.isEmpty || finding.subject == subject)
    }
}

@Suite struct ExemptionTests {
    let tree = SourceTree("Sources/HCL/Long.swift", String(repeating: "let a = 1\n", count: FileLength.limit + 1))

    @Test func anExemptionCoversItsPlaceOnly() {
        let exemption = Exemption(rule: "FileLength", path: "Sources/HCL/Long.swift", because: "a table")
        #expect(FileLength().broken(in: tree, exempt: []).count == 1)
        #expect(FileLength().broken(in: tree, exempt: [exemption]).isEmpty)
        #expect(LineLength().broken(in: tree, exempt: [exemption]).isEmpty)
    }

    @Test func anExemptionThatNothingNeedsFails() {
        let exemption = Exemption(rule: "FileLength", path: "Sources/HCL/Gone.swift", because: "a table")
        #expect(FileLength().broken(in: tree, exempt: [exemption]).map(\.subject) == ["", "Sources/HCL/Gone.swift"])
    }

    @Test func everyExemptionGivesAReasonAndNamesARule() {
        let rules = [
            "FileLength", "FunctionLength", "LineLength", "Purity", "Imports", "FolderOrder", "DocComments", "Traps",
            "Leftovers", "BareTask",
        ]
        for exemption in Exemption.all {
            #expect(exemption.because.split(separator: " ").count >= 4, "\(exemption)")
            #expect(rules.contains(exemption.rule), "\(exemption)")
        }
    }
}

@Suite struct SourceTreeTests {
    @Test func thePackageIsFound() {
        let paths = SourceTree.package.files.map(\.path)
        #expect(paths.contains("Package.swift") && paths.contains("Makefile"))
        #expect(SourceTree.package.sources.contains { $0.module == "ClusterKit" })
        #expect(!paths.contains { $0.hasPrefix(".build") })
    }
}
