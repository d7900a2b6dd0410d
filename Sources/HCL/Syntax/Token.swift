/// The smallest piece of a file that means something, by its bytes.
struct Token {
    var kind: Kind
    /// For `${~` and `~}`: white space beside the sequence is dropped.
    var strips = false
    var start: Int
    var end: Int

    enum Kind: UInt8 {
        case identifier, number
        /// The bounds and the literal pieces of a quoted string or heredoc; a heredoc has one piece per line.
        case quoteOpen, quoteClose, heredocOpen, flushHeredocOpen, heredocClose, text
        /// `${`, `%{`, and the `}` that ends either.
        case interpolationOpen, directiveOpen, templateClose
        case leftBrace, rightBrace, leftBracket, rightBracket, leftParen, rightParen
        case comma, dot, ellipsis, colon, question, assign, arrow
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case plus, minus, star, slash, percent, not, and, or
        case newline, end
        /// Something that the lexer has already complained about.
        case invalid
    }
}

extension Token.Kind {
    /// How the kind is called in diagnostics.
    var name: String {
        switch self {
        case .identifier: "a name"
        case .number: "a number"
        case .quoteOpen: "a string"
        case .quoteClose: "the end of the string"
        case .heredocOpen, .flushHeredocOpen: "a heredoc"
        case .heredocClose: "the end of the heredoc"
        case .text: "text"
        case .interpolationOpen: "\"${\""
        case .directiveOpen: "\"%{\""
        case .newline: "the end of the line"
        case .end: "the end of the file"
        case .invalid: "an invalid character"
        default: "\"\(spelling)\""
        }
    }

    /// The text of punctuation and operators; empty for all others.
    private var spelling: String {
        switch self {
        case .templateClose, .rightBrace: "}"
        case .leftBrace: "{"
        case .leftBracket: "["
        case .rightBracket: "]"
        case .leftParen: "("
        case .rightParen: ")"
        case .comma: ","
        case .dot: "."
        case .ellipsis: "..."
        case .colon: ":"
        case .question: "?"
        case .assign: "="
        case .arrow: "=>"
        default: BinaryOperator(self)?.rawValue ?? (self == .not ? "!" : "")
        }
    }
}
