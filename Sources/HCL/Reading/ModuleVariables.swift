/// The `variable` and `locals` blocks of a file: what its author declares, and the values given for one use of it.
public struct ModuleVariables {
    /// A declared variable.
    public struct Declaration: Sendable {
        /// The label of the block.
        public var name: String
        /// The declared type, or that of the default.
        public var type: ValueType
        /// The value if none is given; nil if one must be given.
        public var defaultValue: Value?
        /// What the author says about it.
        public var description: String?
        /// The header of its block.
        public var range: SourceRange
    }

    /// The types of the blocks that are read here; whoever reads the rest of the file allows them.
    public static let blockTypes = ["variable", "locals"]

    /// All declared variables in the order of the text.
    public private(set) var declarations: [Declaration] = []
    /// The context that was given, with `var` and `local`.
    public private(set) var context: EvaluationContext
    private let session: EvaluationSession
    /// The header of each declared variable.
    private var ranges: [String: SourceRange] = [:]

    /// Reads the declarations of a body; all other blocks are passed over.
    ///
    /// - Parameters:
    ///   - body: a whole file.
    ///   - given: values as text by name. Texts for variables of type string, number or bool are taken literally,
    ///     all others are expressions.
    ///   - context: what `locals` may refer to besides.
    ///   - session: where mistakes go: missing, unknown and unfit values, locals that depend on themselves.
    public init(
        _ body: Body, given: [String: String] = [:], in context: EvaluationContext, _ session: EvaluationSession
    ) {
        self.context = context
        self.session = session
        let blocks = body.blocks.filter { $0.type == "variable" }
        for block in blocks { declare(block) }
        assign(given)
        for block in blocks {
            for inner in block.body.blocks where inner.type == "validation" { validate(inner) }
        }
        let locals = body.blocks.filter { $0.type == "locals" }
        LocalValues(locals, session).evaluate(into: &self.context)
    }

    private mutating func declare(_ block: Block) {
        guard block.labels.count == 1, let label = block.labels.first else {
            session.fail("a variable has one label, its name", at: block.headerRange)
            return
        }
        if let first = ranges.updateValue(block.headerRange, forKey: label.text) {
            session.fail(
                "the variable \"\(label.text)\" is declared twice", detail: "It is declared on line \(first.line).",
                at: label.range)
            return
        }
        // Defaults are constants: nothing may be referred to.
        let constants = EvaluationContext(functions: FunctionLibrary([]))
        let reader = BodyReader(block.body, in: constants, session, header: block.headerRange)
        reader.allow("type", "sensitive", "nullable", "validation", "default")
        let declared = reader.attribute("type").flatMap { readType($0.expression) }
        var value: Value?
        if let attribute = reader.attribute("default") {
            if let (reference, range) = Self.reference(in: attribute.expression) {
                session.fail(
                    "the default of variable \"\(label.text)\" must be a constant, and refers to \(reference)",
                    detail: "What is made of other values stands in a block: locals { … }.", at: range)
            } else {
                value = session.evaluate(attribute.expression, in: constants)
            }
            // A default that is wrong is reported; the variable then is not missing as well.
            if value == nil { context.unavailable["var", default: []].insert(label.text) }
        }
        let type = declared ?? value?.impliedType ?? .string
        if let given = value {
            value = convert(given, to: type, label.text, at: reader.range(of: "default"))
        }
        declarations.append(
            Declaration(
                name: label.text, type: type, defaultValue: value, description: reader.string("description"),
                range: block.headerRange))
        reader.finish()
    }

    /// The first reference to another variable or local.
    private static func reference(in expression: Expression) -> (String, SourceRange)? {
        for root in ["var", "local"] {
            var finder = ReferenceFinder(root: root)
            finder.visit(expression)
            guard let (name, range) = finder.found.first else { continue }
            return (name.map { "\(root).\($0)" } ?? root, range)
        }
        return nil
    }

    private func readType(_ expression: Expression) -> ValueType? {
        do throws(TypeExpression.Invalid) {
            return try TypeExpression(session: session).read(expression)
        } catch {
            session.fail(error.message, at: error.range)
            return nil
        }
    }

    private mutating func assign(_ given: [String: String]) {
        var values = ObjectValue()
        for declaration in declarations {
            let name = declaration.name
            if let text = given[name] {
                values[name] = parse(text, for: declaration)
                if values[name] == nil { context.unavailable["var", default: []].insert(name) }
            } else if let value = declaration.defaultValue {
                values[name] = value
            } else if context.unavailable["var"]?.contains(name) != true {
                session.fail(
                    "the variable \"\(name)\" has no value",
                    detail: "It has no default, so a value must be given: -var \(name)=… on a command line.",
                    at: declaration.range)
                context.unavailable["var", default: []].insert(name)
            }
        }
        for name in given.keys.sorted() where ranges[name] == nil {
            let nearest = Suggestion.nearest(to: name, among: declarations.map(\.name))
            session.fail(
                "a value is given for \"\(name)\", but the file declares no such variable", at: nil,
                suggestion: nearest.map { "\"\($0)\"" })
        }
        context.variables["var"] = .object(values)
    }

    private mutating func parse(_ text: String, for declaration: Declaration) -> Value? {
        let file = "the value given for \(declaration.name)"
        let whole = SourceRange(SourceText(text, file: file), 0..<text.utf8.count)
        switch declaration.type {
        case .string, .any, .number, .bool:
            return convert(.string(text), to: declaration.type, declaration.name, at: whole)
        default:
            let (expression, diagnostics) = Expression.parse(text, file: file, limits: session.limits)
            diagnostics.forEach(session.report)
            let constants = EvaluationContext(runtimeReferences: context.runtimeReferences)
            guard let expression, let value = session.evaluate(expression, in: constants) else { return nil }
            return convert(value, to: declaration.type, declaration.name, at: whole)
        }
    }

    private mutating func convert(_ value: Value, to type: ValueType, _ name: String, at range: SourceRange) -> Value? {
        do throws(ValueType.Mismatch) {
            return try type.convert(value)
        } catch {
            session.fail("the value of \"\(name + error.path)\" does not fit: \(error.message)", at: range)
            context.unavailable["var", default: []].insert(name)
            return nil
        }
    }

    /// `validation { condition = …, error_message = … }`
    private func validate(_ block: Block) {
        let reader = BodyReader(block.body, in: context, session, header: block.headerRange)
        let holds = reader.bool("condition", .required)
        let message = reader.string("error_message", .required)
        reader.finish()
        if holds == false { reader.fail(message ?? "the value is not valid", at: "condition") }
    }
}

extension Value {
    /// The type that a variable has if it declares only this default.
    fileprivate var impliedType: ValueType {
        switch self {
        case .null, .string: .string
        case .bool: .bool
        case .number: .number
        case .list: .list(.any)
        case .object: .map(.any)
        }
    }
}
