import HCL

/// Evaluates one expression; diagnostics are returned as their first lines without the place.
func evaluate(_ text: String, in context: EvaluationContext = .sample) -> (value: Value?, errors: [String]) {
    let (expression, diagnostics) = Expression.parse(text, file: "t")
    let session = EvaluationSession(diagnostics: diagnostics)
    let value = expression.flatMap { session.evaluate($0, in: context) }
    return (value, session.diagnostics.map(\.summary))
}

/// Evaluates the attribute `x` of a file.
func evaluateAttribute(_ text: String, in context: EvaluationContext = .sample) -> (value: Value?, errors: [String]) {
    let file = ConfigurationFile.parse(text, file: "t")
    let session = EvaluationSession(diagnostics: file.diagnostics)
    let attribute = file.body.attributes.first { $0.name == "x" }
    let value = attribute.flatMap { session.evaluate($0.expression, in: context) }
    return (value, session.diagnostics.map(\.summary))
}

/// The diagnostics of the parser, rendered.
func rendered(_ text: String) -> String {
    ConfigurationFile.parse(text, file: "t.hcl").diagnostics.map(\.description).joined(separator: "\n")
}

extension EvaluationContext {
    static var sample: EvaluationContext {
        EvaluationContext(
            variables: [
                "n": 3, "s": "text", "list": [1, 2, 3], "empty": [], "nothing": .null,
                "object": ["b": 2, "a": 1],
                "people": [["name": "ann", "age": 30], ["name": "bob", "age": 40]],
            ],
            runtimeReferences: RuntimeReferences(names: ["attr", "node", "meta", "env"], prefixes: ["NOMAD_"]))
    }
}

/// SplitMix64: the same seed, the same numbers, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
