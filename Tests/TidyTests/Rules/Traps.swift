import Testing

/// Code that meets input refuses it; it never ends the process.
struct Traps: Rule {
    func findings(in tree: SourceTree) -> [Finding] {
        tree.sources.flatMap { file in
            file.tokens.indices.compactMap { index in
                Self.trap(at: index, in: file.tokens).map { word in
                    Finding(
                        path: file.path, line: file.tokens[index].line, subject: word,
                        what: "`\(word)` ends the process",
                        instead: "throw, return a refusal, or list the place with a reason in Exemption.swift")
                }
            }
        }
    }

    private static func trap(at index: Int, in tokens: [Token]) -> String? {
        let word = tokens[index].text
        let next = tokens.text(index + 1)
        switch word {
        case "as", "try": return next == "!" ? word + "!" : nil
        case "fatalError", "precondition", "preconditionFailure":
            return next == "(" && tokens.text(index - 1) != "." ? word : nil
        default: return nil
        }
    }
}

@Suite struct TrapsTests {
    @Test(arguments: [
        "let a = b as! Int": "1 as!", "let a = try! b()": "1 try!", "\nfatalError(\"no\")": "2 fatalError",
        "precondition(a > 0)": "1 precondition", "preconditionFailure()": "1 preconditionFailure",
    ])
    func refuses(code: String, found: String) { #expect(Traps().found(in: code) == [found]) }

    @Test(arguments: [
        "let a = b as? Int", "try? b()", "// fatalError()", "let a = \"try! it\"", "let precondition = 1",
        "a.precondition()",
    ])
    func accepts(code: String) { #expect(Traps().found(in: code) == []) }

    @Test func thePackageDoesNotTrap() { Traps().verify() }
}
