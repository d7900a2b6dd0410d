/// A file that was read: its syntax tree as far as it could be understood, and all mistakes found.
///
/// This is the entrance to the module:
///
/// ```swift
/// let file = ConfigurationFile.parse(text, file: "web.nomad")
/// let session = EvaluationSession()
/// let reader = BodyReader(file.body, in: context, session)
/// ```
public struct ConfigurationFile: Sendable {
    /// The text.
    public var source: SourceText
    /// What was understood; after a mistake, reading goes on with the next attribute or block.
    public var body: Body
    /// The mistakes of syntax, in the order of the text.
    public var diagnostics: [Diagnostic]

    /// Reads a text. It always returns, within time and memory that `limits` bound.
    public static func parse(_ text: String, file: String, limits: Limits = Limits()) -> ConfigurationFile {
        parse(SourceText(text, file: file), limits: limits)
    }

    /// Reads bytes as they came from a file or a request; they need not be valid UTF-8.
    public static func parse(bytes: [UInt8], file: String, limits: Limits = Limits()) -> ConfigurationFile {
        parse(SourceText(bytes: bytes, file: file), limits: limits)
    }

    private static func parse(_ source: SourceText, limits: Limits) -> ConfigurationFile {
        var parser = Parser(source, limits: limits)
        let body = parser.parseFile()
        return ConfigurationFile(source: source, body: body, diagnostics: parser.finishedDiagnostics)
    }
}

extension Expression {
    /// Reads a text that is one expression, such as a value given on the command line; newlines mean nothing in it.
    ///
    /// The expression is nil if there are diagnostics.
    public static func parse(
        _ text: String, file: String, limits: Limits = Limits()
    ) -> (expression: Expression?, diagnostics: [Diagnostic]) {
        var parser = Parser(SourceText(text, file: file), limits: limits)
        let expression = parser.parseWholeExpression()
        let diagnostics = parser.finishedDiagnostics
        return (diagnostics.hasErrors ? nil : expression, diagnostics)
    }
}
