import ClusterTesting
import Foundation
import Testing

struct MutantTests {
    @Test func eachIsFoundByRulesOfItsOwn() {
        #expect(Mutant.allCases.filter { $0.rules.isEmpty } == [])
        #expect(!Mutant.available.isEmpty)
    }

    @Test func theTableInTheDocumentsIsCurrent() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = package.appending(path: "docs/Simulation.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let (begin, end) = ("<!-- table begins -->\n", "<!-- table ends -->")
        let start = try #require(text.range(of: begin)?.upperBound)
        let stop = try #require(text.range(of: end)?.lowerBound)
        let rows = Mutant.allCases.map { "| `\($0.rawValue)` | \($0.rules.joined(separator: "; ")) |\n" }
        let table = "| fault | found by the rule |\n|---|---|\n" + rows.joined()
        let environment = ProcessInfo.processInfo.environment
        if environment["REWRITE"] == "1", environment["CI"] == nil {
            try (text[..<start] + table + text[stop...]).write(to: page, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            String(text[start..<stop]) == table,
            "docs/Simulation.md is old; renew it: REWRITE=1 swift test --filter MutantTests")
    }
}
