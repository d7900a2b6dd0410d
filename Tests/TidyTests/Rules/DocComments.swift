import Testing

/// `public` is a promise, and a promise is written down.
struct DocComments: Rule {
    func findings(in tree: SourceTree) -> [Finding] {
        tree.sources.flatMap { file in
            file.tokens.indices.filter { isPromise($0, in: file.tokens) && !isDocumented($0, in: file) }.map { index in
                Finding(
                    path: file.path, line: file.tokens[index].line, subject: name(at: index, in: file.tokens),
                    what: "public, but without a doc comment",
                    instead: "say what it is, who calls it, what must hold and how it fails")
            }
        }
    }

    private func isPromise(_ index: Int, in tokens: [Token]) -> Bool {
        guard ["public", "open"].contains(tokens[index].text), tokens.text(index - 1) != "." else { return false }
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
        "public struct A {}", "// A.\npublic let a = 1", "///\npublic func a() {}", "/// A.\n\npublic init() {}",
        "\"///\"\npublic static var a: Int { 1 }",
    ])
    func refuses(code: String) { #expect(DocComments().found(in: code).count == 1) }

    @Test(arguments: [
        "/// All of it.\npublic struct A {}", "/// All of it.\n@inlinable\npublic func a() {}", "public import HCL",
        "/// All of it.\npublic private(set) var a = 1", "let a = \"public let b\"", "struct B {}",
    ])
    func accepts(code: String) { #expect(DocComments().found(in: code) == []) }

    @Test func thePackageKeepsItsPromisesInWriting() { DocComments().verify() }
}
