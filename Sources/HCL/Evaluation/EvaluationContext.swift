/// What expressions may refer to.
public struct EvaluationContext: Sendable {
    /// Values by first name; `var.image` is the key `image` of the object `var`.
    public var variables: [String: Value]
    /// The functions that may be called; all others do not exist.
    public var functions: FunctionLibrary
    /// What stays `${…}`; a variable of the same name has precedence.
    public var runtimeReferences: RuntimeReferences
    /// Names below a variable that exist but have no value because of a mistake that is already reported.
    ///
    /// References to them fail without another diagnostic.
    public var unavailable: [String: Set<String>] = [:]
    /// Names that `for` and `dynamic` introduced, the innermost last.
    var bindings: [(name: String, value: Value)] = []

    /// See the properties.
    public init(
        variables: [String: Value] = [:], functions: FunctionLibrary = .standard,
        runtimeReferences: RuntimeReferences = .none
    ) {
        self.variables = variables
        self.functions = functions
        self.runtimeReferences = runtimeReferences
    }

    /// The same context with one more name, which hides another of that name.
    func binding(_ name: String, to value: Value) -> EvaluationContext {
        var context = self
        context.bindings.append((name, value))
        return context
    }

    /// The value of a first name.
    func value(of name: String) -> Value? {
        bindings.last { $0.name == name }?.value ?? variables[name]
    }

    /// Whether references with this first name stay as they are written.
    func isRuntime(_ name: String) -> Bool {
        runtimeReferences.contains(name) && value(of: name) == nil
    }

    /// All first names, for suggestions.
    var knownNames: [String] {
        (variables.keys + bindings.map(\.name) + runtimeReferences.names).sorted()
    }
}
