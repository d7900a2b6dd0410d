/// Decimal texts of floating-point numbers, rounded exactly: a `Double` is a finite decimal, and its digits
/// are at hand.
enum DecimalText {
    /// The text for the verbs f, e and g of a number that is not negative; six digits unless told otherwise.
    static func text(_ value: Double, _ verb: Character, _ precision: Int?) -> String {
        switch verb {
        case "f", "F": return fixed(value, precision ?? 6)
        case "e", "E": return scientific(value, precision ?? 6, verb)
        default:
            guard let precision else { return Number(value).description }
            return general(value, max(1, precision), verb)
        }
    }

    private static func fixed(_ value: Double, _ precision: Int) -> String {
        var decimal = Decimal(value)
        decimal.round(toPlaces: precision)
        let whole = decimal.point > 0 ? decimal.digits(from: 0, count: decimal.point) : "0"
        return precision == 0 ? whole : whole + "." + decimal.digits(from: decimal.point, count: precision)
    }

    private static func scientific(_ value: Double, _ precision: Int, _ verb: Character) -> String {
        var decimal = Decimal(value)
        decimal.round(toPlaces: precision + 1 - decimal.point)
        let exponent = value == 0 ? 0 : decimal.point - 1
        let fraction = precision == 0 ? "" : "." + decimal.digits(from: 1, count: precision)
        let magnitude = String(exponent.magnitude)
        let padded = magnitude.utf8.count < 2 ? "0" + magnitude : magnitude
        return decimal.digits(from: 0, count: 1) + fraction + "\(verb == "E" ? "E" : "e")\(exponent < 0 ? "-" : "+")"
            + padded
    }

    /// The shorter of both, without zeros at the end.
    private static func general(_ value: Double, _ precision: Int, _ verb: Character) -> String {
        var decimal = Decimal(value)
        decimal.round(toPlaces: precision - decimal.point)
        let exponent = decimal.point - 1
        if value != 0, exponent < -4 || exponent >= precision {
            return scientific(value, max(0, decimal.significant - 1), verb == "G" ? "E" : "e")
        }
        return fixed(value, max(0, decimal.significant - decimal.point))
    }
}

/// All digits of a number: 0.d₀d₁d₂… × 10^point.
private struct Decimal {
    private var values: [UInt8]
    private(set) var point: Int

    /// Takes a finite number that is not negative.
    init(_ value: Double) {
        guard value > 0 else {
            (values, point) = ([], 0)
            return
        }
        // value = significand × 2^exponent, with a whole significand.
        var significand = value.significandBitPattern
        if value.isNormal { significand |= 1 << 52 }
        var exponent = value.isNormal ? Int(value.exponentBitPattern) - 1075 : -1074
        let zeros = significand.trailingZeroBitCount
        significand >>= UInt64(zeros)
        exponent += zeros
        // Least digit first while multiplying: by 2 for each power of two, by 5 (and a shift of the point) for each
        // half.
        var digits = String(significand).utf8.reversed().map { $0 - Ascii.zero }
        for _ in 0..<exponent.magnitude {
            var carry: UInt8 = 0
            for index in digits.indices {
                let product = digits[index] * (exponent > 0 ? 2 : 5) + carry
                digits[index] = product % 10
                carry = product / 10
            }
            if carry > 0 { digits.append(carry) }
        }
        values = digits.reversed()
        point = values.count + min(0, exponent)
    }

    /// Keeps so many digits behind the decimal point; exact halves go to the even digit.
    mutating func round(toPlaces places: Int) {
        let kept = point + places
        guard kept < values.count else { return }
        guard kept >= 0 else {
            (values, point) = ([], 0)
            return
        }
        let rest = values[kept...]
        let isHalf = rest.first == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        let isOdd = kept > 0 && values[kept - 1] % 2 == 1
        let goesUp = isHalf ? isOdd : (rest.first ?? 0) >= 5
        values.removeSubrange(kept...)
        guard goesUp else { return }
        var index = kept - 1
        while index >= 0, values[index] == 9 {
            values[index] = 0
            index -= 1
        }
        if index >= 0 {
            values[index] += 1
        } else {
            values.insert(1, at: 0)
            point += 1
        }
    }

    /// The number of digits up to the last that is not zero.
    var significant: Int { (values.lastIndex { $0 != 0 } ?? -1) + 1 }

    /// Digits as text; those outside are zeros.
    func digits(from start: Int, count: Int) -> String {
        let bytes = (start..<start + max(0, count)).map { index in
            Ascii.zero + (values.indices.contains(index) ? values[index] : 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
