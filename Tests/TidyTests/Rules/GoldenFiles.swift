import Foundation
import Testing

/// Expected texts are renewed by a person who reads the difference, never by a CI run that then passes.
struct GoldenFiles: Rule {
    /// The switch that renews expected texts, as a literal; put together so that this file does not hold it.
    static let literal = "\"REW" + "RITE\""

    func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.filter { $0.text.contains(Self.literal) && !$0.text.contains("\"CI\"") }.map { file in
            let line = file.lines.firstIndex { $0.contains(Self.literal) } ?? 0
            return Finding(
                path: file.path, line: line + 1, what: "reads \(Self.literal) without looking whether `CI` is set",
                instead: "renew nothing when it is")
        }
    }
}

@Suite struct GoldenFilesTests {
    @Test func ciMustBeAsked() {
        let careless = "let renew = env[\(GoldenFiles.literal)] != nil"
        #expect(GoldenFiles().found(in: "\n" + careless, at: "Tests/A.swift") == ["2"])
        #expect(GoldenFiles().found(in: careless + " && env[\"CI\"] == nil", at: "Tests/A.swift") == [])
    }

    @Test func thePackageAsks() { GoldenFiles().verify() }

    @Test func ciDoesNotRenew() {
        let environment = ProcessInfo.processInfo.environment
        #expect(environment["CI"] == nil || environment["REWRITE"] == nil, "unset REWRITE: CI renews no expected text")
    }
}
