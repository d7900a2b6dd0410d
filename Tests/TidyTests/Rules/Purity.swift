import Testing

/// What decides neither waits, nor reads a clock, nor draws lots: time and chance come in as parameters.
struct Purity: Rule {
    /// Folders in which every file is pure. `…Core.swift` and `…Core+Part.swift` are pure wherever they stand.
    static let folders = [
        "Sources/HCL", "Sources/Patterns", "Sources/ClusterKit/Records", "Sources/ClusterKit/Scheduling",
        "Sources/ClusterKit/Claims",
    ]
    /// File names that begin so are pure too.
    static let names = ["Reconciler"]

    static func covers(_ file: SourceFile) -> Bool {
        guard file.module != nil else { return false }
        return file.name.hasSuffix("Core.swift") || file.name.contains("Core+")
            || names.contains { file.name.hasPrefix($0) }
            || folders.contains { file.path.hasPrefix($0 + "/") }
    }

    func findings(in tree: SourceTree) -> [Finding] {
        tree.sources.filter(Self.covers).flatMap { file in
            file.tokens.indices.compactMap { index in
                Self.impurity(at: index, in: file.tokens).map { instead in
                    let token = file.tokens[index]
                    return Finding(
                        path: file.path, line: token.line, subject: token.text, what: "`\(token.text)` in a pure file",
                        instead: instead)
                }
            }
        }
    }

    /// What to do instead of the word at `index`, if it is impure.
    private static func impurity(at index: Int, in tokens: [Token]) -> String? {
        let before = tokens.text(index - 1)
        let after = tokens.text(index + 1)
        switch tokens[index].text {
        case "async" where before != ".", "await": return "let the shell wait, and take what it found as an event"
        case "ContinuousClock", "SuspendingClock", "clock_gettime": return "take the time as a parameter"
        case "Date" where after == "(" || after == ".": return "take the time as a parameter"
        case "now" where before == "." && isStatic(index - 1, in: tokens): return "take the time as a parameter"
        case "random" where before == "." && isStatic(index - 1, in: tokens): return "draw from the `Entropy` given"
        case "shuffled", "shuffle", "randomElement": return after == "(" ? "draw from the `Entropy` given" : nil
        case "SystemRandomNumberGenerator", "arc4random", "getrandom": return "draw from the `Entropy` given"
        case "UUID" where after == "(": return "take new identifiers from the `Entropy` given"
        case "Foundation", "FoundationEssentials", "Dispatch": return before == "import" ? "do without it" : nil
        default: return nil
        }
    }

    /// Whether the dot at `index` reaches into a type, named or implied, not into a value.
    private static func isStatic(_ index: Int, in tokens: [Token]) -> Bool {
        let before = index > 0 ? tokens[index - 1] : nil
        return tokens[index].isApart || before?.isWord != true && before?.text != ")" || before?.isTypeName == true
    }
}

@Suite struct PurityTests {
    @Test(arguments: [
        "import FoundationEssentials", "internal import Foundation", "func f() async {}", "let a = await b",
        "let t = Date()", "let t = ContinuousClock().now", "let t: Date = .now", "let t = Int.random(in: 0..<2)",
        "let t = a.shuffled()", "let t = a.randomElement()", "let t = UUID()", "let t = \"\\(UUID())\"",
    ])
    func refuses(code: String) {
        for path in [
            "Records/A.swift", "Scheduling/A.swift", "Server/ServerCore.swift", "Server/ServerCore+Nodes.swift",
            "Jobs/ReconcilerSteps.swift",
        ] {
            #expect(!Purity().found(in: code, at: "Sources/ClusterKit/" + path).isEmpty, "\(path)")
        }
        #expect(!Purity().found(in: code, at: "Sources/HCL/Lexer.swift").isEmpty)
        #expect(Purity().found(in: code, at: "Sources/ClusterKit/Server/Server.swift").isEmpty)
    }

    @Test(arguments: [
        "let t = moment.now", "let t = clock().now", "// async, Date()", "let t = \"await UUID()\"", "let date: Date",
        "let t = #\"\\(UUID())\"#", "let random = entropy.next()", "let t = event.random",
    ])
    func accepts(code: String) {
        #expect(Purity().found(in: code, at: "Sources/HCL/Lexer.swift").isEmpty)
    }

    @Test func pureFilesOfThePackageArePure() { Purity().verify() }

    @Test func everyPureFolderExists() {
        for folder in Purity.folders {
            #expect(SourceTree.package.paths.contains(folder), "\(folder) is gone: its rule guards nothing")
        }
    }
}
