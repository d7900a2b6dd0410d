import Testing

/// What is not done is an issue in the tracker, not a note in the code.
struct Leftovers: Rule {
    private static let words: Set<Substring> = ["TODO", "FIXME", "XXX"]

    func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.flatMap { file in
            file.comments.enumerated().flatMap { index, comment in
                comment.split { !$0.isLetter }.filter(Self.words.contains).map {
                    Finding(
                        path: file.path, line: index + 1, subject: String($0), what: "`\($0)` in a comment",
                        instead: "do it, or say what is so and why")
                }
            }
        }
    }
}

@Suite struct LeftoversTests {
    @Test(arguments: ["a()\n// TODO: more": "2 TODO", "/* FIXME */": "1 FIXME", "/// (XXX)": "1 XXX"])
    func refuses(code: String, found: String) { #expect(Leftovers().found(in: code) == [found]) }

    @Test(arguments: ["let a = \"TODO\"", "// a file named XXXXXX", "// All is done."])
    func accepts(code: String) { #expect(Leftovers().found(in: code) == []) }

    @Test func thePackageHasNone() { Leftovers().verify() }
}
