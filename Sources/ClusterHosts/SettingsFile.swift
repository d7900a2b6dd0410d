package import ClusterKit
package import HCL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The file of settings that `--config` names, in HCL: the flags' names with underscores.
///
/// ```swift
/// let file = try SettingsFile(path: flags.config)
/// port = chosen(flags.httpPort, file.reader.integer("http_port", in: 0...65_535), else: 4646)
/// try file.finish()
/// ```
package struct SettingsFile {
    /// Takes the file apart; every key must be asked for, given as a flag or not.
    package let reader: BodyReader

    /// Reads the file, or nothing when `path` is `nil`. Throws `ClusterError` when it cannot be read.
    package init(path: String?) throws(ClusterError) {
        guard let path else {
            self.init(bytes: [], name: "")
            return
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ClusterError(
                .notFound, "the file of settings \(path) cannot be read; does it exist, and may you read it?")
        }
        self.init(bytes: Array(data), name: path)
    }

    /// Reads a text.
    package init(bytes: [UInt8], name: String) {
        let parsed = ConfigurationFile.parse(bytes: bytes, file: name)
        let session = EvaluationSession(diagnostics: parsed.diagnostics)
        reader = BodyReader(parsed.body, in: EvaluationContext(), session)
    }

    /// A word out of a list, such as a log level; a mistake when the file has another one.
    package func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = reader.string(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        reader.fail(
            "\"\(name)\" must be one of \(words.joined(separator: ", ")), not \"\(text)\"", at: name,
            suggestion: Suggestion.nearest(to: text, among: words).map { "\"\($0)\"" })
        return nil
    }

    /// Throws `.invalid` with every mistake, its line and a caret, when there are any: unknown keys are mistakes.
    package func finish() throws(ClusterError) {
        reader.finish()
        let mistakes = reader.session.diagnostics.filter { $0.severity == .error }.inSourceOrder()
        guard !mistakes.isEmpty else { return }
        throw ClusterError(
            .invalid, "the settings cannot be used\n\n" + mistakes.map(\.description).joined(separator: "\n\n"))
    }
}

/// A flag wins over the file, the file over what is usual. All three are looked at, so that the file knows its keys.
package func chosen<Value>(_ flag: Value?, _ file: Value?, else usual: Value) -> Value { flag ?? file ?? usual }
