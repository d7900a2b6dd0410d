import HCL
import Testing

@Suite struct BudgetTests {
    static let fileSize = 1 << 16

    /// Files made to cost as much as possible: each must end, with few diagnostics.
    static let hostile: [(String, String)] = [
        ("brackets", "x = " + repeated("[")), ("braces", "x = " + repeated("{")),
        ("parentheses", "x = " + repeated("(")),
        ("keys", "x = " + repeated("{a=")), ("blocks", repeated("a {")), ("lines of blocks", repeated("a {\n")),
        ("negations", "x = " + repeated("!")), ("minus signs", "x = " + repeated("-")),
        ("steps", "x = a" + repeated(".a")),
        ("indexes", "x = a" + repeated("[0]")), ("splats", "x = a" + repeated("[*]")),
        ("sums", "x = 1" + repeated("+1")),
        ("precedence", "x = 1" + repeated("||1&&1==1<1+1*1")), ("conditions", "x = 1" + repeated("?1:1")),
        ("branches", "x = " + repeated("1?")), ("interpolations", "x = " + repeated("\"${")),
        ("calls", "x = " + repeated("f(")),
        ("loops", "x = " + repeated("[for a in ")), ("heredocs", "x = " + repeated("<<A\n${")),
        ("signs", "x = \"" + repeated("$")),
        ("directives", "x = \"" + repeated("%{if true}")), ("commas", "x = [" + repeated("1,")),
        ("strange bytes", repeated("\u{1}\n")),
        ("quotes", "x = " + repeated("\"")), ("attributes", repeated("a=1\n")), ("digits", "x = " + repeated("9")),
        ("letters", repeated("é")), ("closers", repeated("}")), ("comments", repeated("/*")),
        ("newlines", repeated("\n")),
        ("heredoc lines", "x = <<A\n" + repeated("A B\n")), ("labels", "a " + repeated("b ")),
        ("line feeds in a sequence", "x = \"${" + repeated("\n")),
    ]

    static func repeated(_ text: String) -> String {
        String(repeating: text, count: (fileSize - 20) / text.utf8.count)
    }

    @Test(arguments: hostile)
    func hostileFilesEnd(_ name: String, _ text: String) {
        let file = ConfigurationFile.parse(text, file: name)
        #expect(file.diagnostics.count <= Limits().diagnostics + 1)
        #expect(file.diagnostics.allSatisfy { $0.description.utf8.count < 2000 })
        let session = EvaluationSession()
        for attribute in file.body.attributes.prefix(3) { _ = session.evaluate(attribute.expression, in: .sample) }
        #expect(session.diagnostics.count <= Limits().diagnostics + 1)
    }

    @Test func nestingHasALimit() {
        func nested(_ depth: Int) -> [String] {
            let text = "x = " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return evaluateAttribute(text).errors
        }
        #expect(nested(60).isEmpty)
        #expect(nested(70) == ["nested too deep"])
    }

    @Test func sizeAndNodesHaveLimits() {
        var limits = Limits()
        limits.sourceBytes = 10
        #expect(
            ConfigurationFile.parse("a = 12345678", file: "t", limits: limits).diagnostics.map(\.summary) == [
                "the file is larger than 10 bytes"
            ])
        limits = Limits()
        limits.nodes = 5
        #expect(
            ConfigurationFile.parse("a = [1, 2, 3, 4, 5]", file: "t", limits: limits).diagnostics.map(\.summary) == [
                "the file is too large"
            ])
    }

    @Test func diagnosticsHaveALimit() {
        let text = String(repeating: "a = ]\n", count: 1000)
        #expect(ConfigurationFile.parse(text, file: "t").diagnostics.count == 100)
    }

    /// Each level doubles the value of the level before.
    @Test func valuesThatGrowExponentiallyAreRefused() {
        var lists = "[1]"
        for level in 0..<40 { lists = "[for v\(level) in [\(lists)] : [v\(level), v\(level)]]" }
        let (value, errors) = evaluate(lists)
        #expect(value == nil && errors.count == 1)

        var locals = "a0 = [1, 1]\n"
        for level in 1..<60 { locals += "a\(level) = [local.a\(level - 1), local.a\(level - 1)]\n" }
        let file = ConfigurationFile.parse("locals {\n\(locals)}", file: "t")
        let session = EvaluationSession()
        _ = ModuleVariables(file.body, in: EvaluationContext(), session)
        #expect(session.diagnostics.count == 1)

        let text =
            "replace(" + String(repeating: "replace(", count: 20) + "\"aaaaaaaaaa\""
            + String(repeating: ", \"a\", \"aaaaaaaaaa\")", count: 21)
        #expect(evaluate(text).errors == ["replace: the result is larger than 4194304 bytes"])
    }

    @Test func longLoopsAreRefused() {
        let loop = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]"
        #expect(
            evaluate(loop).errors == ["too much to compute"] || evaluate(loop).errors.first?.contains("steps") == true)
        #expect(evaluate("try(\(loop), 1)").value == nil)
        let kilobyte = String(repeating: "x", count: 1000)
        let text =
            "\"%{ for a in range(1000) }%{ for b in range(1000) }\(kilobyte)%{ endfor }%{ endfor }\""
        #expect(evaluate(text).errors == ["the text is larger than 4194304 bytes"])
    }

    /// Making a pattern is paid for.
    @Test func costlyPatternsAreRefused() {
        let call = "[for i in range(1000) : can(regex(\"(?:a{900}){10}\", \"\"))]"
        #expect(evaluate(call).errors == ["too much to compute"])
        let text = "join(\"\", [for a in range(1000) : \"aaaaaaaaaa\"])"
        #expect(evaluate("length(regexall(\"a\", \(text)))").value == 10_000)
    }

    /// What takes others years takes one look at each character.
    @Test func patternsDoNotGoBackAndForth() {
        let text = String(repeating: "a", count: 5000) + "b"
        #expect(evaluate("can(regex(\"^(a+)+$\", \"\(text)\"))").value == false)
        #expect(
            evaluate("regex(\"^(a+)+$\", \"\(text)\")").errors == [
                "regex: argument 2 (string) has no part that the pattern matches; try(regex(…), null) yields null then"
            ])
        #expect(evaluate("length(regexall(\"(a*)*c\", \"\(text)\"))").value == 0)
        #expect(evaluate("regex_replace(\"\(text)\", \"^(a|a)*$\", \"x\")").value == .string(text))
    }

    @Test(arguments: [
        ("(a{1000}){1000}", "takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
        (String(repeating: "a", count: 70_000), "has 70000 bytes, more than 65536; use a shorter one"),
        (String(repeating: "(", count: 300) + String(repeating: ")", count: 300), "250"),
    ])
    func patternsThatAreTooLargeAreRefused(pattern: String, words: String) {
        for call in ["regex(\"\(pattern)\", \"\")", "regex_replace(\"\", \"\(pattern)\", \"\")"] {
            let errors = evaluate(call).errors
            #expect(errors.count == 1 && errors[0].contains("(pattern) is no regular expression: byte "), "\(errors)")
            #expect(errors.first?.contains(words) == true, "\(errors)")
        }
    }

    @Test func chainsOfLocalsDoNotNestWithoutLimit() {
        var locals = "a0 = []\n"
        for level in 1..<5000 { locals += "a\(level) = [local.a\(level - 1)]\n" }
        let file = ConfigurationFile.parse("locals {\n\(locals)}", file: "t")
        let session = EvaluationSession()
        _ = ModuleVariables(file.body, in: EvaluationContext(), session)
        #expect(session.diagnostics.map(\.summary) == ["the value is nested deeper than 64 levels"])
    }
}
