import Testing

/// Long life is a `run()` in structured concurrency: whoever starts something waits for it and hears of its failure.
struct BareTask: Rule {
    private static let hosts = ["ClusterServer", "ClusterAgent", "ClusterCLI", "ClusterShim", "ClusterSimulate"]

    func findings(in tree: SourceTree) -> [Finding] {
        tree.sources.filter { !Self.hosts.contains($0.module ?? "") }.flatMap { file in
            file.tokens.indices.filter { Self.startsTask($0, in: file.tokens) }.map {
                Finding(
                    path: file.path, line: file.tokens[$0].line, what: "a task without a parent",
                    instead: "add a child to a task group that someone awaits")
            }
        }
    }

    private static func startsTask(_ index: Int, in tokens: [Token]) -> Bool {
        let owner = tokens.text(index - 1) == "." ? tokens.text(index - 2) : ""
        guard tokens[index].text == "Task", tokens.text(index - 1) != "." || ["Swift", "_Concurrency"].contains(owner)
        else {
            return false
        }
        var next = index + 1
        if tokens.text(next) == "<" {
            while next < tokens.count, tokens[next].text != ">" { next += 1 }
            next += 1
        }
        if tokens.text(next) == "." { return ["detached", "immediate", "init"].contains(tokens.text(next + 1)) }
        return ["{", "("].contains(tokens.text(next))
    }
}

@Suite struct BareTaskTests {
    @Test(arguments: [
        "Task { a() }", "let a = Task<Void, Never> { }", "Task(priority: .low) { }", "Task.detached { }",
        "_Concurrency.Task { }", "Task.immediate { }",
    ])
    func refuses(code: String) { #expect(BareTask().found(in: code) == ["1"]) }

    @Test(arguments: [
        "try await Task.sleep(for: a)", "Task.isCancelled", "let a: Task<Void, Never>?", "// Task {",
        "group.addTask { }",
    ])
    func accepts(code: String) { #expect(BareTask().found(in: code) == []) }

    @Test func thePackageIsStructured() { BareTask().verify() }
}
