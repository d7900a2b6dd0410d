import Testing

/// A file holds one idea.
struct FileLength: Rule {
    static let limit = 400

    func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.filter { $0.lines.count > Self.limit }.map {
            Finding(
                path: $0.path, line: Self.limit + 1, what: "\($0.lines.count) lines, more than \(Self.limit)",
                instead: "move one idea to a file of its own")
        }
    }
}

/// A function fits on a screen.
struct FunctionLength: Rule {
    static let limit = 60

    func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.flatMap { file in
            FunctionBody.bodies(in: file.tokens).filter { $0.length > Self.limit }.map {
                Finding(
                    path: file.path, line: $0.line, subject: $0.name,
                    what: "`\($0.name)` has \($0.length) lines, more than \(Self.limit)",
                    instead: "give a part of it a name of its own")
            }
        }
    }
}

/// Two files fit beside each other.
struct LineLength: Rule {
    static let limit = 120

    func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.flatMap { file in
            file.lines.enumerated().filter { $1.count > Self.limit }.map { index, line in
                Finding(
                    path: file.path, line: index + 1, what: "\(line.count) columns, more than \(Self.limit)",
                    instead: "break the line")
            }
        }
    }
}

@Suite struct LengthTests {
    @Test func filesAreShort() {
        let line = "let a = 1\n"
        #expect(FileLength().found(in: String(repeating: line, count: 400)).isEmpty)
        #expect(FileLength().found(in: String(repeating: line, count: 401)) == ["401"])
        FileLength().verify()
    }

    @Test(arguments: ["func f()", "init?(a: (Int) -> Void = {})", "var f: Int", "subscript(i: Int) -> Int", "deinit"])
    func functionsAreShort(head: String) {
        func body(_ lines: Int) -> String {
            "struct S {\n\(head) {\n" + String(repeating: "print(\"}\") // }\n", count: lines) + "}\n}\n"
        }
        #expect(FunctionLength().found(in: body(60)).isEmpty)
        #expect(FunctionLength().found(in: body(61)).count == 1)
    }

    @Test func declarationsWithoutBodyHaveNoLength() {
        let type = "protocol P {\n func f() async\n var g: Int\n}\n"
        let long = "struct S {\n" + String(repeating: "let a = 1\n", count: 99) + "}\n"
        #expect(FunctionLength().found(in: type + long + "let s = S.init()\nif a {\n" + long + "}\n").isEmpty)
    }

    @Test func functionsOfThePackageAreShort() { FunctionLength().verify() }

    @Test func linesAreShort() {
        #expect(LineLength().found(in: String(repeating: "é", count: 120)).isEmpty)
        #expect(LineLength().found(in: "\n" + String(repeating: "é", count: 121)) == ["2"])
        LineLength().verify()
    }
}
