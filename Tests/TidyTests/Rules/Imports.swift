import Testing

/// A module imports what the table allows it: a new dependency is a decision, not an accident.
struct Imports: Rule {
    private static let system: Set = ["FoundationEssentials", "Glibc", "Musl", "Darwin", "Synchronization", "Dispatch"]

    /// What each module may import besides the system's own modules.
    static let table: [String: Set<String>] = [
        "Patterns": [],
        "HCL": ["Patterns"],
        "ClusterKit": [
            "HCL", "Patterns", "CLinux", "ClusterShimCore", "Logging", "ServiceLifecycle", "HashTreeCollections",
            "DequeModule", "HeapModule", "COpenSSL", "CoreMetrics",
        ],
        "ClusterEdge": ["ClusterKit", "Logging", "ServiceLifecycle", "NIOCore", "NIOPosix"],
        "ClusterSQLite": ["ClusterKit", "CSQLite", "GRDB", "Logging"],
        "ClusterClient": ["ClusterKit", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL"],
        "ClusterTesting": ["ClusterKit", "Logging", "HeapModule", "DequeModule"],
        "ClusterHTTP": [
            "ClusterKit", "ClusterClient", "HCL", "Logging", "ServiceLifecycle", "Hummingbird", "HTTPTypes", "NIOCore",
            "NIOHTTPTypes",
        ],
        "ClusterHosts": ["ClusterKit", "ClusterClient", "HCL", "ArgumentParser", "Logging"],
        "ClusterServer": [
            "ClusterKit", "ClusterSQLite", "ClusterEdge", "ClusterHTTP", "ClusterHosts", "HCL", "ArgumentParser",
            "Logging", "ServiceLifecycle", "UnixSignals",
        ],
        "ClusterAgent": [
            "ClusterKit", "ClusterClient", "ClusterHosts", "ArgumentParser", "Logging", "ServiceLifecycle",
            "UnixSignals",
        ],
        "ClusterCLI": ["ClusterKit", "ClusterClient", "HCL", "ArgumentParser"],
        "ClusterShimCore": ["CLinux"],
        "ClusterShim": ["ClusterShimCore"],
        "ClusterSimulate": ["ClusterKit", "ClusterTesting"],
    ]

    func findings(in tree: SourceTree) -> [Finding] {
        tree.sources.flatMap { file in
            file.tokens.indices.compactMap { finding(at: $0, in: file) }
        }
    }

    private func finding(at index: Int, in file: SourceFile) -> Finding? {
        let tokens = file.tokens
        guard tokens[index].text == "import", tokens.text(index - 1) != ".", index + 1 < tokens.count else {
            return nil
        }
        let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let name = tokens.text(kinds.contains(tokens[index + 1].text) ? index + 2 : index + 1)
        let line = tokens[index].line
        func refuse(_ what: String, _ instead: String) -> Finding {
            Finding(path: file.path, line: line, subject: name, what: what, instead: instead)
        }
        let attributes = tokens[..<index].suffix(4).filter { $0.line == line }.map(\.text)
        if let hidden = attributes.first(where: ["testable", "_exported", "_spi"].contains) {
            return refuse("`@\(hidden) import` in a source file", "make what is needed `package` or `public`")
        }
        guard let module = file.module, let allowed = Self.table[module] else {
            return refuse("the module `\(file.module ?? "")` has no line in the table", "add it to Imports.swift")
        }
        if name == "Foundation" {
            return isFallback(index, in: tokens)
                ? nil : refuse("all of Foundation", "use FoundationEssentials: the rest is 50 MB of a static binary")
        }
        if allowed.contains(name) || Self.system.contains(name) { return nil }
        return refuse(
            "`\(module)` may not import `\(name)`", "move the code, or add a line to Imports.swift and say why")
    }

    /// Whether this stands where FoundationEssentials is missing: `#if canImport(FoundationEssentials) … #else`.
    private func isFallback(_ index: Int, in tokens: [Token]) -> Bool {
        let before = tokens[..<index].suffix(8).map(\.text)
        let start = before.lastIndex(of: "FoundationEssentials").map { before.index(after: $0) }
        return start.map { before[$0...].starts(with: ["#", "else"]) } ?? false
    }
}

@Suite struct ImportsTests {
    @Test(arguments: [
        "import Hummingbird", "internal import struct GRDB.Row", "import Foundation", "@testable import HCL",
        "@_exported public import Logging", "#if os(macOS)\nimport Foundation\n#endif",
    ])
    func refuses(code: String) { #expect(Imports().found(in: code).count == 1) }

    @Test(arguments: [
        "public import HCL", "import struct DequeModule.Deque", "// import GRDB", "let a = \"import GRDB\"",
        "#if canImport(FoundationEssentials)\nimport FoundationEssentials\n#else\nimport Foundation\n#endif",
        "#if canImport(Glibc)\nimport Glibc\n#else\nimport Darwin\n#endif",
    ])
    func accepts(code: String) { #expect(Imports().found(in: code) == []) }

    @Test func levelsAreKept() {
        #expect(Imports().found(in: "import ClusterKit", at: "Sources/HCL/A.swift") == ["1 ClusterKit"])
        #expect(Imports().found(in: "import ClusterSQLite", at: "Sources/ClusterHTTP/A.swift") == ["1 ClusterSQLite"])
        #expect(Imports().found(in: "import HCL", at: "Sources/Unheard/A.swift") == ["1 HCL"])
    }

    @Test func thePackageImportsWhatItMay() { Imports().verify() }
}
