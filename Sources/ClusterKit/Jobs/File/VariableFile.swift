import HCL

/// A file of values for the `variable` blocks of job files: `name = value`, one a line.
public enum VariableFile {
    /// The values by name, in the form that `JobFile.variables` takes.
    ///
    /// Throws `ClusterError.Code.invalid` with every mistake, its line and what to do.
    public static func read(_ text: String, file: String = "variables.hcl") throws(ClusterError) -> [String: String] {
        let parsed = ConfigurationFile.parse(text, file: file)
        let session = EvaluationSession(diagnostics: parsed.diagnostics)
        for block in parsed.body.blocks {
            session.fail(
                "a file of variables holds values, not blocks", detail: "Write name = value.", at: block.headerRange)
        }
        var values: [String: String] = [:]
        for attribute in parsed.body.attributes {
            guard let value = session.evaluate(attribute.expression, in: EvaluationContext()) else { continue }
            // Plain values are taken literally where they are used; all others are read there as expressions.
            values[attribute.name] = value.asString ?? attribute.expression.range.text
        }
        let errors = session.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw ClusterError(.invalid, errors.map(\.description).joined(separator: "\n\n"))
        }
        return values
    }
}
