import Testing

/// The folders of ClusterKit stand in an order; each uses only the names of those before it.
struct FolderOrder: Rule {
    /// Folders of one step do not know each other.
    static let steps = [
        ["Support"], ["Records"], ["Store"],
        [
            "Jobs", "Templates", "Scheduling", "Drivers", "Registry", "KeyValue", "Access", "Secrets", "Routing",
            "Metrics", "Health",
        ],
        ["Claims"], ["Server", "Agent"], ["WhatIf"],
    ]
    /// Pairs of one step of which the first may use the second, each with its reason.
    static let neighbors = [
        Neighbors(
            user: "Server", used: "Agent", because: "the server is itself the `AgentLink` of agents in its process"),
        Neighbors(
            user: "Jobs", used: "Templates", because: "a template that cannot be read is a mistake in its job file"),
    ]
    private static let root = "Sources/ClusterKit/"

    struct Neighbors {
        let user: String
        let used: String
        let because: String
    }

    func findings(in tree: SourceTree) -> [Finding] {
        let files = tree.sources.filter { $0.path.hasPrefix(Self.root) && $0.folders.count > 2 }
        let strangers = files.filter { Self.step(of: Self.folder(of: $0)) == nil }.map {
            Finding(
                path: $0.path, line: 1, subject: Self.folder(of: $0), what: "the folder has no place in the order",
                instead: "add it to FolderOrder.swift")
        }
        var homes: [String: Set<String>] = [:]
        for file in files {
            for name in Self.declared(in: file.tokens, nested: false) {
                homes[name, default: []].insert(Self.folder(of: file))
            }
        }
        let nested = Dictionary(grouping: files, by: Self.folder).mapValues { files in
            Set(files.flatMap { Self.declared(in: $0.tokens, nested: true) })
        }
        return strangers
            + files.flatMap { file in
                Self.uses(in: file.tokens).compactMap { token -> Finding? in
                    let user = Self.folder(of: file)
                    guard let home = homes[token.text], home.allSatisfy({ !Self.mayUse(user, $0) }),
                        !nested[user, default: []].contains(token.text)
                    else { return nil }
                    return Finding(
                        path: file.path, line: token.line, subject: token.text,
                        what: "\(user) uses `\(token.text)`, which stands in \(home.sorted().joined(separator: ", "))",
                        instead: "move one of them, or state what is needed in an earlier folder")
                }
            }
    }

    private static func folder(of file: SourceFile) -> String { String(file.folders[2]) }

    private static func step(of folder: String) -> Int? { steps.firstIndex { $0.contains(folder) } }

    private static func mayUse(_ user: String, _ used: String) -> Bool {
        guard user != used, let mine = step(of: user), let other = step(of: used) else { return true }
        return other < mine || neighbors.contains { $0.user == user && $0.used == used }
    }

    /// The names of the types that are declared here: at the top, or everywhere.
    private static func declared(in tokens: [Token], nested: Bool) -> [String] {
        let kinds = ["struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype"]
        var depth = 0
        return tokens.indices.compactMap { index in
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            guard nested || depth == 0, kinds.contains(tokens[index].text), tokens.text(index - 1) != "." else {
                return nil
            }
            let name = index + 1 < tokens.count ? tokens[index + 1] : tokens[index]
            return name.isTypeName ? name.text : nil
        }
    }

    /// Words written as types that do not stand behind a dot: those name a part of something else.
    private static func uses(in tokens: [Token]) -> [Token] {
        tokens.indices.filter { tokens[$0].isTypeName && tokens.text($0 - 1) != "." }.map { tokens[$0] }
    }
}

@Suite struct FolderOrderTests {
    private func found(_ user: String, _ code: String) -> [String] {
        let tree = SourceTree([
            SourceFile("Sources/ClusterKit/Records/Job.swift", "public struct Job { enum Kind {} }"),
            SourceFile("Sources/ClusterKit/Jobs/JobFile.swift", "struct JobFile {}"),
            SourceFile("Sources/ClusterKit/Server/Server.swift", "actor Server {\n struct Event {}\n}"),
            SourceFile("Sources/ClusterKit/\(user)/User.swift", code),
        ])
        return FolderOrder().findings(in: tree).map(\.subject)
    }

    @Test func laterNamesAreRefused() {
        #expect(found("Support", "let a: Job") == ["Job"])
        #expect(found("Store", "extension Server {}\nfunc f() -> [JobFile]") == ["Server", "JobFile"])
        #expect(found("Scheduling", "let a: JobFile?") == ["JobFile"])
        #expect(found("Attic", "let a = 1") == ["Attic"])
    }

    @Test func earlierAndOwnNamesAreFine() {
        #expect(found("Server", "let a: Job, b: JobFile, c: Server") == [])
        #expect(found("Store", "// Server\nlet a = \"Server\"\nlet b: Job") == [])
        #expect(found("Store", "struct Log { enum Server {} }\nlet a: Server") == [])
        #expect(found("Store", "let a: Event, b: Wire.Server") == [])
    }

    @Test func thePackageKeepsTheOrder() { FolderOrder().verify() }
}
