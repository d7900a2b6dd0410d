/// What stands between the braces of a block, or in a whole file.
public struct Body: Sendable {
    /// `name = expression`, in the order of the text; names are unique.
    public var attributes: [Attribute] = []
    /// Blocks in the order of the text; types may repeat.
    public var blocks: [Block] = []
    /// The text from brace to brace, or the whole file.
    public var range: SourceRange
}

/// `name = expression`.
public struct Attribute: Sendable {
    /// The name left of the equals sign.
    public var name: String
    /// Where the name stands.
    public var nameRange: SourceRange
    /// The value, not yet evaluated.
    public var expression: Expression
}

/// `type "label" { … }`.
public struct Block: Sendable {
    /// A label, written as a string or as a plain name.
    public struct Label: Sendable {
        /// The label without quotes.
        public var text: String
        /// Where it stands, with quotes.
        public var range: SourceRange
    }

    /// The first word.
    public var type: String
    /// Where the first word stands.
    public var typeRange: SourceRange
    /// The labels in order.
    public var labels: [Label]
    /// What stands between the braces.
    public var body: Body

    /// The type and the labels.
    public var headerRange: SourceRange { labels.last.map { typeRange.through($0.range) } ?? typeRange }
}

/// A value not yet computed. Chains such as `a + b + c` or `a.b[0].c` are flat, so that depth means nesting.
public struct Expression: Sendable {
    /// What it consists of.
    public var kind: Kind
    /// Where it stands.
    public var range: SourceRange

    /// The forms of an expression.
    public indirect enum Kind: Sendable {
        /// A number, `true`, `false`, `null`, or a string without interpolation.
        case literal(Value)
        /// A string or heredoc with interpolations or directives.
        case template([TemplatePart])
        /// `[a, b]`.
        case tuple([Expression])
        /// `{ a = b }`.
        case object([ObjectItem])
        /// `-a`, `!a`.
        case unary(UnaryOperator, Expression)
        /// Operators of equal precedence, applied from left to right.
        case operation(Expression, [Operand])
        /// `condition ? yes : no`.
        case conditional(Expression, yes: Expression, no: Expression)
        /// `name(arguments…)`.
        case call(FunctionCall)
        /// The first name of a reference.
        case variable(String)
        /// What follows a value: `.name`, `[index]`, `[*]`.
        case access(Expression, [AccessStep])
        /// `[for …]`, `{for …}`.
        case comprehension(Comprehension)
    }
}

/// An operator and what stands right of it.
public struct Operand: Sendable {
    /// The operator.
    public var symbol: BinaryOperator
    /// What stands right of it.
    public var expression: Expression
}

/// `key = value` of an object.
public struct ObjectItem: Sendable {
    /// A plain name is a literal string here; a reference must stand in parentheses.
    public var key: Expression
    /// The value.
    public var value: Expression
}

/// `name(arguments…)`.
public struct FunctionCall: Sendable {
    /// The function.
    public var name: String
    /// Where the name stands.
    public var nameRange: SourceRange
    /// The arguments in order.
    public var arguments: [Expression]
    /// Whether the last argument is a list whose elements are the remaining arguments (`...`).
    public var expandsLast: Bool
}

/// One step of a reference.
public struct AccessStep: Sendable {
    /// The forms of a step.
    public enum Kind: Sendable {
        /// `.name`
        case attribute(String)
        /// `[index]`, or `.0`
        case index(Expression)
        /// `[*]`: all following steps apply to each element.
        case splat
        /// `.*`: the following attributes apply to each element.
        case attributeSplat
    }

    /// Which form.
    public var kind: Kind
    /// Where it stands.
    public var range: SourceRange
}

/// `for key, value in collection : key => value if condition`.
public struct Comprehension: Sendable {
    /// What it makes.
    public enum Product: Sendable {
        /// `[for … : element]`
        case list(element: Expression)
        /// `{for … : key => value}`; with `...`, values of equal keys are gathered in lists.
        case object(key: Expression, value: Expression, groups: Bool)
    }

    /// The name for the key or index, if asked for.
    public var keyName: String?
    /// The name for the element.
    public var valueName: String
    /// What is gone through.
    public var collection: Expression
    /// What is made.
    public var product: Product
    /// Which elements count; all if nil.
    public var condition: Expression?
}

/// One piece of a string or heredoc.
public indirect enum TemplatePart: Sendable {
    /// Text with its escapes resolved.
    case text(String)
    /// `${expression}`; the range includes the `${` and `}`.
    case interpolation(Expression, range: SourceRange)
    /// `%{ if condition }…%{ else }…%{ endif }`.
    case conditional(Expression, yes: [TemplatePart], no: [TemplatePart])
    /// `%{ for key, value in collection }…%{ endfor }`.
    case loop(keyName: String?, valueName: String, collection: Expression, body: [TemplatePart])
}
