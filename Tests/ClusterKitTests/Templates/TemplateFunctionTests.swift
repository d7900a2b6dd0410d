import Testing

@testable import ClusterKit

@Suite struct TemplateFunctionTests {
    /// Every function, by name. One that is added must be pure, or ask for what `TemplateQuery` names: nothing may run
    /// a program, read or write a file, or see the agent's environment.
    static let golden = [
        "add", "and", "base64Decode", "base64Encode", "byKey", "byTag", "contains", "containsAll", "containsAny",
        "containsNone", "divide", "env", "envOrDefault", "eq", "explode", "ge", "gt", "in", "indent", "index", "join",
        "key", "keyExists", "keyOrDefault", "le", "len", "loop", "ls", "lt", "maximum", "minimum", "modulo", "multiply",
        "mustEnv", "ne", "nomadService", "nomadServices", "not", "or", "parseBool", "parseFloat", "parseInt",
        "parseJSON", "parseUint", "print", "printf", "println", "regexMatch", "regexReplaceAll", "replaceAll", "safeLs",
        "safeTree", "secret", "secrets",
        "service", "services", "slice", "split", "subtract", "toJSON", "toJSONPretty", "toLower", "toTitle", "toUpper",
        "tree", "trim", "trimPrefix", "trimSpace", "trimSuffix",
    ]

    @Test func theTableIsTheListAndNoMore() { #expect(TemplateFunctions.names == Self.golden) }

    @Test(arguments: [
        "plugin", "executeTemplate", "writeToFile", "file", "agent", "timestamp", "html", "js", "call",
        "expandenv", "getHostByName",
    ])
    func refusedFunctionsSayWhy(name: String) {
        let error = #expect(throws: TemplateError.self) { try Template(parsing: "x {{ \(name) \"a\" }}") }
        #expect(error?.message.hasPrefix("the function \"\(name)\" is refused: ") == true)
        #expect(error?.column == 6)
    }

    @Test func noFunctionIsBothOfferedAndRefused() {
        for name in TemplateFunctions.refused.keys { #expect(!Self.golden.contains(name)) }
    }

    @Test func searchesAreLinear() {
        let text = [UInt8](repeating: 97, count: 200_000)
        let pattern = [UInt8](repeating: 97, count: 100_000) + [98]
        #expect(ByteSearch(pattern).places(in: text).isEmpty)
        #expect(ByteSearch(Array("aba".utf8)).places(in: Array("ababa aba".utf8)) == [0, 6])
    }

    @Test func base64GoesBothWays() {
        for length in 0..<20 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        for bad in ["a", "a===", "====", "aGVs=bG8", "aGVsbG8"] { #expect(Base64.decode(bad) == nil, "\(bad)") }
    }
}

@Suite struct TemplateFuzzTests {
    private static let words = [
        "{{", "}}", "{{- ", " -}}", " ", "\n", "if", "else", "end", "range", "with", "define", "template", "block",
        "break",
        "continue", "$x", "$", ":=", "=", ",", "|", "(", ")", ".", ".a", ".Data", "\"a\"", "`r`", "'c'", "1", "-2",
        "1.5",
        "1e9", "0x", "nil", "true", "\"", "\\", "/*", "*/", "%", "é", "\0",
    ]

    /// Whatever is written, it is rendered, or a mistake is told; nothing traps and nothing takes long.
    @Test(arguments: 0..<8) func anyTextGivesTextOrAMistake(seed: Int) {
        var entropy = Entropy(seed: UInt64(seed) + 100)
        let words = Self.words + TemplateFunctionTests.golden + TemplateFunctionTests.golden
        var rendered = 0
        for round in 0..<1500 {
            var text = ""
            for _ in 0..<Int.random(in: 1...24, using: &entropy) {
                text += words.randomElement(using: &entropy) ?? ""
                if Int.random(in: 0..<3, using: &entropy) == 0 { text += " " }
            }
            // Half of them are at least one well-formed action.
            if round.isMultiple(of: 2) { text = "{{ \(text.replacing("}}", with: " ").replacing("{{", with: " ")) }}" }
            do throws(TemplateError) {
                let template = try Template(parsing: text)
                _ = try template.render(with: TemplateTests.answers, environment: ["a": "b"])
                rendered += 1
            } catch {
                #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
            }
        }
        #expect(rendered > 0)
    }

    @Test(arguments: 0..<4) func hostileBytesAreNoQueriesOrErrors(seed: Int) throws {
        var entropy = Entropy(seed: UInt64(seed))
        let whole = TemplateAnswer(values: TemplateTests.answers, revision: Revision(1)).encoded
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &entropy)] = UInt8.random(in: 0...255, using: &entropy)
            }
            _ = try? TemplateAnswer(decoding: bytes)
            _ = try? TemplateAnswer(decoding: Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &entropy))))
        }
    }
}
