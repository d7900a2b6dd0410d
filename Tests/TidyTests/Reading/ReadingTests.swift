import Testing

@Suite struct ReadingTests {
    /// The words of the code that is left when comments and literals are gone.
    private func words(_ text: String) -> [String] {
        Token.tokens(of: SwiftText(text).code).filter(\.isWord).map(\.text)
    }

    @Test(arguments: [
        "a // b\nc": ["a", "c"],
        "a /* b /* c */ d */ e": ["a", "e"],
        "a(\"b // \\\" c\") // d": ["a"],
        "a(\"b \\(c(\"d \\(e)\")) f\", g)": ["a", "c", "e", "g"],
        "a(#\"b \" \\(c) \\#(d)\"#, e)": ["a", "d", "e"],
        "a(\"\"\"\n b \"c\" // \n \\(d)\n \"\"\", e)": ["a", "d", "e"],
        "a(/b\" c/, d / e, f / g)": ["a", "d", "e", "f", "g"],
        "a(#/b\" /* c/#, d)": ["a", "d"],
        "a(\"\") + b(\"\\\\\") + c": ["a", "b", "c"],
        "let é = ü // ö": ["let", "é", "ü"],
    ])
    func leavesTheCode(text: String, left: [String]) { #expect(words(text) == left) }

    @Test func keepsTheLines() {
        let file = SourceFile("A.swift", "a\n/* b\n c */ d\n\"\"\"\n e\n\"\"\"\nf // g\n")
        #expect(file.tokens.map { "\($0.line) \($0.text)" } == ["1 a", "3 d", "7 f"])
        #expect(file.comments.map { $0.filter { $0 != " " } } == ["", "/*b", "c*/", "", "", "", "//g"])
        #expect(file.lines.count == 7)
    }

    @Test(arguments: ["\"", "/*", "\"\\(", "#/", "\"\"\"\n", "a\\", "\"\\", "(/a\\"])
    func unfinishedTextIsReadToItsEnd(text: String) { #expect(SwiftText(text).code.count == text.utf8.count) }

    @Test func findsBodies() {
        let text = """
            protocol P {
                func a() async
                var b: Int { get }
            }
            extension S where T: P {
                func c(_ d: () -> Void = {}) throws(E) -> [Int] where U: P {
                    1
                }
                var e = 1
                var f: Int {
                    get { 1 }
                    set {}
                }
            }
            """
        let bodies = FunctionBody.bodies(in: SourceFile("A.swift", text).tokens).map { "\($0.name) \($0.length)" }
        #expect(bodies == ["b 0", "c 1", "f 2"])
    }
}
