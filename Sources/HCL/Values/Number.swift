// Only to link the system's mathematics, which rounding of the standard library calls.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A number: exact if it is whole and fits 64 bits, otherwise floating-point.
///
/// A value has one form only: a `double` is never a whole number that `integer` could hold exactly.
public enum Number: Sendable, Hashable {
    /// A whole number.
    case integer(Int)
    /// Any other number; always finite.
    case double(Double)

    /// Chooses the form. The value must be finite; others become zero.
    public init(_ value: Double) {
        if value.magnitude < 0x1p53, let integer = Int(exactly: value) {
            self = .integer(integer)
        } else {
            self = value.isFinite ? .double(value) : .integer(0)
        }
    }

    /// The number as floating-point; integers beyond 2^53 are rounded.
    public var double: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        }
    }

    /// The whole number that this is, if it is one and fits.
    public var integer: Int? {
        switch self {
        case .integer(let integer): integer
        case .double(let double): Int(exactly: double)
        }
    }

    /// Reads a number as HCL writes it, with sign; no white space, no hexadecimal, no infinity.
    public init?(parsing text: String) {
        if let integer = Int(text), text.utf8.first != UInt8(ascii: "+") {
            self = .integer(integer)
            return
        }
        let plain = text.utf8.allSatisfy { byte in
            Ascii.isDigit(byte) || byte == Ascii.dot || byte | 0x20 == UInt8(ascii: "e") || byte == Ascii.minus
                || byte == UInt8(ascii: "+")
        }
        let startsWell = text.utf8.first.map { Ascii.isDigit($0) || $0 == Ascii.minus } ?? false
        guard plain, startsWell, let double = Double(text), double.isFinite else { return nil }
        self.init(double)
    }
}

extension Number: Comparable {
    /// Compares exactly among integers, otherwise as floating-point.
    public static func < (left: Number, right: Number) -> Bool {
        if case .integer(let a) = left, case .integer(let b) = right { return a < b }
        return left.double < right.double
    }
}

extension Number: CustomStringConvertible {
    /// The shortest decimal text that reads back as the same number, without exponent, as HCL prints it.
    public var description: String {
        switch self {
        case .integer(let integer): String(integer)
        case .double(let double): double.withoutExponent
        }
    }
}

extension Double {
    /// The shortest text that reads back the same, with the exponent of `description` written out as zeros.
    fileprivate var withoutExponent: String {
        let parts = description.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else {
            return description.hasSuffix(".0") ? String(description.dropLast(2)) : description
        }
        let sign = parts[0].hasPrefix("-") ? "-" : ""
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".")
        let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
        let digits = String(mantissa[0] + fraction)
        let point = mantissa[0].utf8.count + exponent
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        let count = digits.utf8.count
        if point >= count { return sign + digits + String(repeating: "0", count: point - count) }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
