/// One word of an action.
struct TemplateToken: Hashable {
    enum Kind: Hashable {
        /// A function, or `if`, `range` and the like.
        case word(String)
        /// `.name`; without the dot.
        case field(String)
        /// `$name` with the `$`; `$` alone.
        case variable(String)
        case dot
        case text(String)
        case integer(Int)
        case double(Double)
        case pipe, open, close, comma
        /// `:=`
        case declare
        /// `=`
        case assign
    }

    var kind: Kind
    var offset: Int
    /// Whether a blank stands before it: `$a .b` are two operands, `$a.b` is one.
    var isSpaced: Bool
}

/// A part of a template: plain text, or what stands between the delimiters.
enum TemplateSegment {
    case text(String)
    case action([TemplateToken], offset: Int)
}

extension TemplateToken.Kind {
    /// How messages call it.
    var shown: String {
        switch self {
        case .word(let name): name
        case .field(let name): "." + name
        case .variable(let name): name
        case .dot: "."
        case .text: "a text"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .pipe: "|"
        case .open: "("
        case .close: ")"
        case .comma: ","
        case .declare: ":="
        case .assign: "="
        }
    }
}
