import HCL
import Testing

@Suite struct VariableTests {
    private func read(
        _ text: String, _ given: [String: String] = [:], value: String? = nil
    ) -> (value: Value?, errors: [String]) {
        let file = ConfigurationFile.parse(text, file: "t")
        let session = EvaluationSession(diagnostics: file.diagnostics)
        let variables = ModuleVariables(file.body, given: given, in: EvaluationContext(), session)
        let expression = value.flatMap { Expression.parse($0, file: "v").expression }
        let result = expression.flatMap { session.evaluate($0, in: variables.context) }
        return (result, session.diagnostics.map(\.summary))
    }

    static let conversions: [(String, String, Value)] = [
        ("string", "05", "05"), ("number", "05", 5), ("bool", "true", true),
        ("list(string)", "[1, \"b\"]", ["1", "b"]),
        ("map(number)", "{ a = \"1\" }", ["a": 1]), ("set(string)", "[\"b\", \"a\", \"b\"]", ["a", "b"]),
        ("tuple([string, number])", "[1, \"2\"]", ["1", 2]), ("any", "[1]", "[1]"),
        (
            "object({a = string, b = optional(number, 7), c = optional(bool)})", "{ a = 1, x = 2 }",
            ["a": "1", "b": 7, "c": .null]
        ),
    ]

    @Test(arguments: conversions)
    func givenTextIsReadByItsType(_ type: String, _ text: String, _ expected: Value) {
        let result = read("variable \"x\" {\n type = \(type)\n}", ["x": text], value: "var.x")
        #expect(result.errors.isEmpty)
        #expect(result.value == expected)
    }

    @Test func defaultsAndLocals() {
        let text = """
            variable "count" { default = 2 }
            variable "name" {
              type        = string
              description = "Its name"
              default     = "web"
            }
            locals { full = "${local.prefix}-${var.count}" }
            locals { prefix = upper(var.name) }
            """
        let result = read(text, ["count": "3"], value: "[local.full, var.count]")
        #expect(result.errors.isEmpty)
        #expect(result.value == ["WEB-3", 3])
    }

    @Test(arguments: [
        ("variable \"x\" {}", [:], ["the variable \"x\" has no value"]),
        (
            "variable \"image\" { default = 1 }", ["imgae": "1"],
            ["a value is given for \"imgae\", but the file declares no such variable"]
        ),
        (
            "variable \"x\" { type = number }", ["x": "ten"],
            ["the value of \"x\" does not fit: number is needed, not a string"]
        ),
        (
            "variable \"x\" { type = list(number) }", ["x": "[1, \"b\"]"],
            ["the value of \"x[1]\" does not fit: number is needed, not a string"]
        ),
        (
            "variable \"x\" { type = list(number) }", ["x": "[1"],
            ["expected \"]\" to end what \"[\" on line 1 began, found the end of the file"]
        ),
        ("variable \"x\" { type = strin }", ["x": "1"], ["there is no type \"strin\"; did you mean string?"]),
        ("variable \"x\" { default = y }", [:], ["unknown variable \"y\""]),
        (
            "variable \"a\" { default = 1 }\nvariable \"x\" { default = var.a }", [:],
            ["the default of variable \"x\" must be a constant, and refers to var.a"]
        ),
        ("variable \"x\" { defualt = 1 }", ["x": "1"], ["unknown attribute \"defualt\""]),
        (
            "variable \"x\" { default = 1 }\nvariable \"x\" { default = 1 }", [:],
            ["the variable \"x\" is declared twice"]
        ),
        (
            "locals {\n a = local.b\n b = [local.c]\n c = local.a\n d = local.a\n}", [:],
            ["\"local.a\" depends on itself"]
        ),
        ("locals {\n a = local.a\n}", [:], ["\"local.a\" depends on itself"]),
        ("locals {\n abc = 1\n b = local.abd\n}", [:], ["there is no \"local.abd\""]),
        ("locals {\n a = nope\n b = local.a\n c = local.b\n}", [:], ["unknown variable \"nope\""]),
        ("locals { a = 1 }\nlocals { a = 2 }", [:], ["\"local.a\" is set twice"]),
        (
            "variable \"x\" {\n default = 1\n validation {\n condition = var.x > 1\n "
                + "error_message = \"too small\"\n }\n}",
            [:], ["too small"]
        ),
    ])
    func mistakesAreToldOnce(_ text: String, _ given: [String: String], _ expected: [String]) {
        // What is unavailable because of a told mistake is used without another diagnostic.
        let result = read(text, given, value: expected == ["too small"] ? nil : "try(1)")
        #expect(result.errors == expected)
    }

    @Test func whatFailedIsNotReportedAgain() {
        #expect(
            read("variable \"x\" {}\nlocals { y = nope }", value: "[var.x, local.y]").errors == [
                "the variable \"x\" has no value", "unknown variable \"nope\"",
            ])
        #expect(read("", value: "var.x").errors == ["\"var\" has no \"x\""])
    }
}
