/// Gathers the mistakes of evaluating one file, and counts what its evaluation costs.
///
/// All readers of a file share one session, so that its limits hold for the whole file. It is not for use by several
/// threads at a time.
public final class EvaluationSession {
    /// What the evaluation may cost.
    public let limits: Limits
    /// All mistakes so far, in the order in which they were found.
    public private(set) var diagnostics: [Diagnostic] = []
    private(set) var remainingSteps: Int
    private(set) var isExhausted = false

    /// A session without mistakes. Diagnostics of the parser may be handed in, to have all in one list.
    public init(limits: Limits = Limits(), diagnostics: [Diagnostic] = []) {
        self.limits = limits
        self.diagnostics = diagnostics
        remainingSteps = limits.steps
    }

    /// Computes an expression; nil means that a diagnostic says why there is no value.
    public func evaluate(_ expression: Expression, in context: EvaluationContext) -> Value? {
        var evaluator = Evaluator(session: self, context: context)
        return evaluator.evaluate(expression)
    }

    /// Adds a diagnostic, unless there are already more than anybody reads.
    public func report(_ diagnostic: Diagnostic) {
        guard diagnostics.count < limits.diagnostics else { return }
        diagnostics.append(diagnostic)
    }

    /// Adds an error.
    public func fail(_ summary: String, detail: String? = nil, at range: SourceRange?, suggestion: String? = nil) {
        report(Diagnostic(.error, summary, detail: detail, at: range, suggestion: suggestion))
    }

    /// Takes back all diagnostics after the first `count`, for `try` and `can`.
    func forgetDiagnostics(after count: Int) {
        diagnostics.removeLast(max(0, diagnostics.count - count))
    }

    /// Pays for work; false, with one diagnostic, if the session cannot pay any more.
    func spend(_ steps: Int, at range: SourceRange) -> Bool {
        guard !isExhausted else { return false }
        remainingSteps -= min(steps, limits.steps + 1)
        if remainingSteps < 0 {
            exhaust("too much to compute", detail: "At most \(limits.steps) steps are made.", at: range)
        }
        return !isExhausted
    }

    /// Pays for a value that was built; nil, with a diagnostic, if it is too large.
    func admit(_ value: Value, at range: SourceRange) -> Value? {
        guard !isExhausted else { return nil }
        let size = ValueSize.measure(value, limits: limits, steps: remainingSteps)
        if let excess = size.excess {
            exhaust("the value is \(excess)", at: range)
            return nil
        }
        return spend(size.elements + size.bytes / 64, at: range) ? value : nil
    }

    /// Ends the evaluation: all that follows yields nothing, and no further diagnostics.
    func exhaust(_ summary: String, detail: String? = nil, at range: SourceRange) {
        guard !isExhausted else { return }
        isExhausted = true
        diagnostics.append(Diagnostic(.error, summary, detail: detail, at: range))
    }
}
