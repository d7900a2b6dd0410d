/// A part of a template that was read.
indirect enum TemplateNode: Hashable, Sendable {
    case text(String)
    case action(TemplatePipeline)
    case branch(TemplateBranch)
    /// Renders what `define` gave the name to.
    case template(String, TemplatePipeline?, offset: Int)
    case breakLoop
    case continueLoop
}

/// `if`, `with` and `range`, with what is rendered when there is something, and when there is nothing.
struct TemplateBranch: Hashable, Sendable {
    enum Kind: String, Hashable {
        case condition = "if"
        case with
        case range
    }

    var kind: Kind
    var pipeline: TemplatePipeline
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

/// Commands, each of which is given what the one before it gave.
struct TemplatePipeline: Hashable, Sendable {
    /// The variables that take the value: one, or two in `range`.
    var variables: [String] = []
    /// Whether the variables are there already.
    var isAssignment = false
    var commands: [TemplateCommand] = []
    var offset: Int
}

/// A function with its arguments, or one value.
struct TemplateCommand: Hashable, Sendable {
    var operands: [TemplateOperand]
}

/// A value, and the fields that are followed from there.
struct TemplateOperand: Hashable, Sendable {
    indirect enum Kind: Hashable {
        case dot
        case variable(String)
        case literal(TemplateDatum)
        case function(String)
        case pipeline(TemplatePipeline)
    }

    var kind: Kind
    var fields: [String] = []
    var offset: Int

    /// Whether it stands in the template as it is, so that a message may show it.
    var isLiteral: Bool { if case .literal = kind { true } else { false } }
}
