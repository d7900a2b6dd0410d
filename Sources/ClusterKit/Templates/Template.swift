/// A text with `{{ … }}` in it, as Go's text/template and consul-template write them.
///
/// It is a pure value: what it asks the servers for is answered by whoever renders it, and nothing in it can read a
/// file, run a program, or see any environment but the one it is given.
///
/// ```swift
/// let template = try Template(parsing: "color={{ key \"app/color\" }}")
/// let rendering = try template.render(with: answers)
/// ```
public struct Template: Hashable, Sendable {
    /// The longest template that is read, in bytes.
    public static let longest = 1 << 20

    let source: TemplateText
    let nodes: [TemplateNode]
    let definitions: [String: [TemplateNode]]

    /// Reads a template. Throws `TemplateError` with the place of the first mistake: an unknown function, a block
    /// without end, a variable that is not declared.
    public init(
        parsing text: String, leftDelimiter: String = "{{", rightDelimiter: String = "}}"
    ) throws(TemplateError) {
        source = TemplateText(text)
        guard !leftDelimiter.isEmpty, !rightDelimiter.isEmpty else {
            throw source.error("a delimiter is empty; leave both out to use {{ and }}", at: 0)
        }
        guard source.bytes.count <= Self.longest else {
            throw source.error("the template is longer than \(Self.longest >> 20) MiB", at: 0)
        }
        let segments = try TemplateLexer.segments(of: source, left: leftDelimiter, right: rightDelimiter)
        var parser = TemplateParser(source, segments)
        nodes = try parser.parse()
        definitions = parser.definitions
    }

    /// What came of rendering a template.
    public struct Rendering: Hashable, Sendable {
        /// What is rendered, or what is missing.
        public enum Outcome: Hashable, Sendable {
            /// The whole text.
            case complete(String)
            /// What must be known first, in order; knowing it may show that more is needed.
            case missing([TemplateQuery])
        }

        /// What came of it.
        public var outcome: Outcome
        /// All that was asked for, missing or not: when one of these changes, the text may change.
        public var used: Set<TemplateQuery>
    }

    /// Renders the template as far as `values` go.
    ///
    /// - Parameters:
    ///   - values: what is known; a query that is not in it counts as missing.
    ///   - environment: what the function `env` sees, and nothing else.
    ///   - failsOnMissingKey: whether a name that a map does not hold is a mistake; otherwise it is `<no value>`.
    /// - Throws: `TemplateError` when the template cannot be rendered whatever is known beyond `values`: a field that
    ///   is not there, text that is no number, more steps or a longer text than allowed.
    public func render(
        with values: [TemplateQuery: TemplateValue] = [:], environment: [String: String] = [:],
        failsOnMissingKey: Bool = false
    ) throws(TemplateError) -> Rendering {
        var evaluator = TemplateEvaluator(
            self, TemplateAnswers(values: values, environment: environment), failsOnMissingKey: failsOnMissingKey)
        do throws(TemplateError) {
            let text = try evaluator.render()
            let missing = evaluator.answers.missing
            return Rendering(
                outcome: missing.isEmpty ? .complete(text) : .missing(missing.sorted()), used: evaluator.answers.used)
        } catch {
            // What goes wrong while something is missing may go well once it is there.
            guard !evaluator.answers.missing.isEmpty, !evaluator.isExhausted else { throw error }
            return Rendering(
                outcome: .missing(evaluator.answers.missing.sorted()), used: evaluator.answers.used)
        }
    }
}

/// What is known while a template is rendered, and what was asked for.
struct TemplateAnswers {
    let values: [TemplateQuery: TemplateValue]
    let environment: [String: String]
    private(set) var used: Set<TemplateQuery> = []
    private(set) var missing: Set<TemplateQuery> = []

    init(values: [TemplateQuery: TemplateValue], environment: [String: String]) {
        self.values = values
        self.environment = environment
    }

    /// The value of a query, `nil` when it is not known. What is absent counts as missing unless `optional`.
    mutating func value(of query: TemplateQuery, optional: Bool = false) -> TemplateDatum? {
        used.insert(query)
        switch values[query] {
        case .known(let value): return TemplateDatum(value)
        case .absent where optional: return nil
        case .absent, .unavailable, nil:
            missing.insert(query)
            return nil
        }
    }

    /// Has the rendering wait for a query although it was answered.
    mutating func hold(for query: TemplateQuery) { missing.insert(query) }
}
