import HCL
import Testing

@Suite struct DiagnosticTests {
    @Test func unrelatedMistakesAreToldOnceEach() {
        let text = """
            job "web" {
              count = 1 +
              type  = "service
              group "a" {
            \t\tports = ["x", "y"
                size  = 10m
              }
              meta { "k" = 1 }
            }
            """
        #expect(
            rendered(text) == """
                t.hcl:2,14: error: expected a value after "+", found the end of the line
                  2 |   count = 1 +
                    |              ^
                    = An expression of several lines stands in parentheses.
                t.hcl:3,11: error: this string is not closed
                  3 |   type  = "service
                    |           ^
                    = A string ends on its line. Text of several lines is written as a heredoc: <<EOT … EOT.
                t.hcl:6,5: error: expected "]" to end what "[" on line 5 began, found "size"
                  6 |     size  = 10m
                    |     ^^^^
                t.hcl:6,13: error: "10m" is not a number
                  6 |     size  = 10m
                    |             ^^^
                    = Values with a unit are written in quotes.
                    = Did you mean "10m"?
                t.hcl:8,10: error: names of attributes and blocks are written without quotes
                  8 |   meta { "k" = 1 }
                    |          ^
                    = Keys of another kind stand in a map: name = { "a b" = 1 }
                """)
    }

    @Test(arguments: [
        ("a {\n b = 1\n", ["1,3: this \"{\" is not closed"]), ("a = 1\n}\nb = 2", ["2,1: this \"}\" closes nothing"]),
        ("a = 1\na = 2", ["2,1: \"a\" is set twice"]), ("a: 1", ["1,2: attributes are set with \"=\""]),
        ("a\n{\n}\nb = 1", ["2,1: the \"{\" of a block stands on the line of its name"]),
        ("a = \"x${y\"\nb = 2", ["1,7: this \"${\" is not closed"]),
        ("a = \"x${y\nb = 2", ["1,7: this \"${\" is not closed"]),
        ("g \"a {\n b = 1\n}\nc = ]", ["1,3: this string is not closed", "4,5: expected a value, found \"]\""]),
        (
            "g % {\n b = ]\n}\nc = ]",
            [
                "1,3: expected \"=\" or \"{\" after \"g\", found \"%\"", "2,6: expected a value, found \"]\"",
                "4,5: expected a value, found \"]\"",
            ]
        ),
        ("a = 1 b = 2", ["1,7: expected the end of the line, found \"b\""]),
        ("a { b = 1, c = 2 }", ["1,10: attributes are not separated by commas"]),
        ("a \"${x}\" {}", ["1,3: a label is plain text"]), ("a = 1 & 2", ["1,7: there is no operator \"&\""]),
        ("a = é§ + 1\nb = ^", ["1,6: unexpected character \"§\"", "2,5: unexpected character \"^\""]),
        ("/* x", ["1,1: this comment is not closed"]),
        ("a = [1, 2\n\nb = 3", ["3,1: expected \"]\" to end what \"[\" on line 1 began, found \"b\""]),
        (
            "a = f(1, 2]\nb = @",
            ["1,11: expected \")\" to end what \"(\" on line 1 began, found \"]\"", "2,5: unexpected character \"@\""]
        ),
        ("a = { b = 1 c = 2 }", ["1,13: expected \"}\" to end what \"{\" on line 1 began, found \"c\""]),
    ])
    func places(_ text: String, _ expected: [String]) {
        let found = ConfigurationFile.parse(text, file: "t").diagnostics.map { diagnostic in
            "\(diagnostic.range?.line ?? 0),\(diagnostic.range?.column ?? 0): \(diagnostic.summary)"
        }
        #expect(found == expected)
    }

    @Test func columnsCountCharacters() {
        #expect(
            rendered("a = \"é😀\" @") == """
                t.hcl:1,10: error: unexpected character "@"
                  1 | a = "é😀" @
                    |          ^
                """)
    }

    @Test func longLinesAreCut() {
        let text = "a = [" + String(repeating: "1, ", count: 1000) + "@]"
        let lines = rendered(text).split(separator: "\n")
        #expect(lines[1].count < 180)
        #expect(lines[1].contains("@") && lines[2].contains("^"))
        let column = lines[1].firstIndex(of: "@").map { lines[1].distance(from: lines[1].startIndex, to: $0) }
        let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) }
        #expect(column == caret)
    }

    @Test func bytesThatAreNotTextAreReported() {
        let file = ConfigurationFile.parse(bytes: Array("a = \"".utf8) + [0xFF] + Array("\"".utf8), file: "t")
        #expect(file.diagnostics.map(\.summary) == ["the file is not valid UTF-8"])
        #expect(file.diagnostics.first?.range?.offsets == 5..<6)
    }

    @Test func aWellFormedFileHasATree() throws {
        let file = ConfigurationFile.parse("\u{FEFF}# c\na = 1 // c\r\nb x \"y\" { c = /* c */ 2 }\n", file: "t")
        #expect(file.diagnostics.isEmpty)
        #expect(file.body.attributes.map(\.name) == ["a"])
        let block = try #require(file.body.blocks.first)
        #expect(block.labels.map(\.text) == ["x", "y"])
        #expect(block.headerRange.text == "b x \"y\"")
        #expect(block.body.attributes.first?.expression.range.text == "2")
    }
}
