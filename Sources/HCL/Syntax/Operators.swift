/// An operator with one operand.
public enum UnaryOperator: String, Sendable {
    /// `-a`
    case negate = "-"
    /// `!a`
    case not = "!"
}

/// An operator with two operands.
public enum BinaryOperator: String, Sendable {
    /// True if either is.
    case or = "||"
    /// True if both are.
    case and = "&&"
    /// Equal in type and content.
    case equal = "=="
    /// The opposite of equal.
    case notEqual = "!="
    /// Compares numbers.
    case less = "<"
    /// Compares numbers.
    case lessOrEqual = "<="
    /// Compares numbers.
    case greater = ">"
    /// Compares numbers.
    case greaterOrEqual = ">="
    /// Adds numbers.
    case add = "+"
    /// Subtracts numbers.
    case subtract = "-"
    /// Multiplies numbers.
    case multiply = "*"
    /// Divides numbers; the quotient of integers need not be one.
    case divide = "/"
    /// The remainder, with the sign of the dividend.
    case remainder = "%"

    /// Higher binds tighter; HCL has six levels.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .equal, .notEqual: 3
        case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
        case .add, .subtract: 5
        case .multiply, .divide, .remainder: 6
        }
    }

    init?(_ token: Token.Kind) {
        switch token {
        case .or: self = .or
        case .and: self = .and
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        case .plus: self = .add
        case .minus: self = .subtract
        case .star: self = .multiply
        case .slash: self = .divide
        case .percent: self = .remainder
        default: return nil
        }
    }
}
