import Testing

/// `public` is a promise, and a promise is written down.
struct DocComments: Rule {
    /// Requirements of the standard library, whose promises are written there.
    private static let known: Set = ["description", "debugDescription", "hash", "encode", "id", "rawValue", "=", "<"]

    func findings(in tree: SourceTree) -> [Finding] {
        let required = Self.known.union(tree.sources.flatMap { requirements(in: $0.tokens) })
        return tree.sources.flatMap { file in
            let witnesses = conformances(in: file.tokens)
            return file.tokens.indices.compactMap { index -> Finding? in
                let name = name(at: index, in: file.tokens)
                guard isPromise(index, in: file.tokens), !isDocumented(index, in: file), !required.contains(name),
                    !witnesses.contains(where: { $0.contains(index) }), !isPlain(index, in: file.tokens)
                else { return nil }
                return Finding(
                    path: file.path, line: file.tokens[index].line, subject: name,
                    what: "public, but without a doc comment",
                    instead: "say what it is, who calls it, what must hold and how it fails")
            }
        }
    }

    /// The names that protocols ask for: what fulfills one has its promise there.
    private func requirements(in tokens: [Token]) -> [String] {
        bodies(of: "protocol", in: tokens).flatMap { body in
            body.filter { ["func", "var"].contains(tokens[$0].text) }.map { tokens.text($0 + 1) }
        }
    }

    /// The bodies of extensions that add a conformance.
    private func conformances(in tokens: [Token]) -> [Range<Int>] {
        bodies(of: "extension", in: tokens).filter { body in
            let head = tokens[..<body.lowerBound]
            let start = head.lastIndex { $0.text == "extension" } ?? body.lowerBound
            return head[start...].prefix { $0.text != "where" }.contains { $0.text == ":" }
        }
    }

    private func bodies(of kind: String, in tokens: [Token]) -> [Range<Int>] {
        tokens.indices.filter { tokens[$0].text == kind && tokens.text($0 - 1) != "." }.compactMap { start in
            guard let open = tokens[start...].firstIndex(where: { $0.text == "{" }) else { return nil }
            return tokens.closing(open).map { open..<$0 }
        }
    }

    /// Whether this is `public init()`, of which there is nothing to say.
    private func isPlain(_ index: Int, in tokens: [Token]) -> Bool {
        tokens[index...].dropFirst().prefix(3).map(\.text) == ["init", "(", ")"]
    }

    private func isPromise(_ index: Int, in tokens: [Token]) -> Bool {
        guard ["public", "open"].contains(tokens[index].text), tokens.text(index - 1) != "." else { return false }
        // `open` may also be the name of a variable.
        if tokens[index].text == "open" {
            return ["class", "func", "var", "subscript"].contains(tokens.text(index + 1))
        }
        return !["import", "extension", "(", ":", ")"].contains(tokens.text(index + 1))
    }

    private func name(at index: Int, in tokens: [Token]) -> String {
        let kinds = [
            "struct", "class", "enum", "protocol", "actor", "func", "var", "let", "typealias", "case", "macro",
        ]
        let rest = tokens[index...].prefix(12)
        let kind = rest.first { kinds.contains($0.text) || ["init", "subscript"].contains($0.text) }
        guard let kind, let at = rest.firstIndex(of: kind) else { return "" }
        return kinds.contains(kind.text) ? tokens.text(at + 1) : kind.text
    }

    /// Goes up over attributes and other modifiers to the first line that is neither.
    private func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
        var line = file.tokens[index].line - 1
        while line > 0 {
            let above = file.lines[line - 1].drop { $0 == " " }
            if above.hasPrefix("///") { return above.count > 4 }
            guard above.hasPrefix("@") || above.hasPrefix("#if") || above.hasPrefix("// swift-format-ignore") else {
                return false
            }
            line -= 1
        }
        return false
    }
}

@Suite struct DocCommentsTests {
    @Test(arguments: [
        "public struct A {}", "// A.\npublic let a = 1", "///\npublic func a() {}", "/// A.\n\npublic init(a: Int) {}",
        "\"///\"\npublic static var a: Int { 1 }",
        "extension A {\n public func c() {}\n}", "extension A where B: C {\n public func c() {}\n}",
    ])
    func refuses(code: String) { #expect(DocComments().found(in: code).count == 1) }

    @Test(arguments: [
        "/// All of it.\npublic struct A {}", "/// All of it.\n@inlinable\npublic func a() {}", "public import HCL",
        "/// All of it.\npublic private(set) var a = 1", "let a = \"public let b\"", "struct B {}",
        "extension A: B {\n public func c() {}\n}", "protocol B { func c() }\nstruct A: B {\n public func c() {}\n}",
    ])
    func accepts(code: String) { #expect(DocComments().found(in: code) == []) }

    @Test func thePackageKeepsItsPromisesInWriting() { DocComments().verify() }
}
