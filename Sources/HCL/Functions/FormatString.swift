/// A format as `format` reads it: text with verbs such as `%-10s` or `%05.2f`, in the manner of Go.
struct FormatString {
    struct Verb {
        var letter: Character
        var flags: Set<Character> = []
        var width: Int?
        var precision: Int?
        /// Which argument after the format, from 0.
        var argument: Int
    }

    enum Part {
        case text(String)
        case verb(Verb)
    }

    private(set) var parts: [Part] = []
    /// One more than the highest argument that a verb names.
    private(set) var argumentCount = 0
    private var next = 0

    init(_ format: String) throws(FunctionFailure) {
        var rest = format[...]
        while let percent = rest.firstIndex(of: "%") {
            if percent > rest.startIndex { parts.append(.text(String(rest[..<percent]))) }
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                parts.append(.text("%"))
                rest.removeFirst()
            } else {
                parts.append(.verb(try readVerb(&rest)))
            }
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    private mutating func readVerb(_ rest: inout Substring) throws(FunctionFailure) -> Verb {
        var verb = Verb(letter: "v", argument: next)
        while let flag = rest.first, "+-# 0".contains(flag) {
            verb.flags.insert(flag)
            rest.removeFirst()
        }
        verb.width = try readNumber(&rest)
        if rest.first == "." {
            rest.removeFirst()
            verb.precision = try readNumber(&rest) ?? 0
        }
        if rest.first == "[" {
            rest.removeFirst()
            guard let number = try readNumber(&rest), number > 0, rest.popFirst() == "]" else {
                throw FunctionFailure("expects %[1] and so on to choose an argument", argument: 0)
            }
            verb.argument = number - 1
        }
        guard let letter = rest.popFirst() else { throw FunctionFailure("ends within a verb", argument: 0) }
        guard "sdvqfFxXobeEgGt".contains(letter) else {
            throw FunctionFailure("has no verb %\(letter); a percent sign is written %%", argument: 0)
        }
        verb.letter = letter
        next = verb.argument + 1
        argumentCount = max(argumentCount, next)
        return verb
    }

    private func readNumber(_ rest: inout Substring) throws(FunctionFailure) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[digits.endIndex...]
        if digits.isEmpty { return nil }
        guard let number = Int(digits), number <= 1000 else {
            throw FunctionFailure("has a width or precision above 1000", argument: 0)
        }
        return number
    }

    /// Fills in the arguments.
    func apply(_ arguments: [Value]) throws(FunctionFailure) -> String {
        guard arguments.count >= argumentCount else {
            throw FunctionFailure(
                "has verbs for \(argumentCount) arguments, but \(arguments.count) are given", argument: 0)
        }
        guard arguments.count == argumentCount else {
            throw FunctionFailure("has verbs for only \(argumentCount) of \(arguments.count) arguments", argument: 0)
        }
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .verb(let verb): result += verb.padded(try verb.text(of: arguments[verb.argument]))
            }
        }
        return result
    }
}

extension FormatString.Verb {
    fileprivate func text(of value: Value) throws(FunctionFailure) -> String {
        switch letter {
        case "s":
            guard let text = value.asString else { throw mismatch("a string", value) }
            return precision.map { String(text.prefix($0)) } ?? text
        case "q":
            guard let text = value.asString else { throw mismatch("a string", value) }
            return Value.string(text).json
        case "t":
            guard let bool = value.asBool else { throw mismatch("true or false", value) }
            return bool ? "true" : "false"
        case "v": return flags.contains("#") ? value.json : value.asString ?? value.json
        case "d", "x", "X", "o", "b": return try integerText(of: value)
        default:
            guard let number = value.asNumber else { throw mismatch("a number", value) }
            return signed(DecimalText.text(number.double.magnitude, letter, precision), number.double < 0)
        }
    }

    /// The texts of `%x` are the bytes of a string in hexadecimal; all others need a whole number.
    private func integerText(of value: Value) throws(FunctionFailure) -> String {
        let uppercase = letter == "X"
        if letter.lowercased() == "x", case .string(let text) = value {
            return text.utf8.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: uppercase)
            }.joined()
        }
        guard let integer = value.asNumber?.integer else { throw mismatch("a whole number", value) }
        let radix = letter == "d" ? 10 : letter == "o" ? 8 : letter == "b" ? 2 : 16
        let prefix = flags.contains("#") && radix == 16 ? "0\(letter)" : ""
        return signed(prefix + String(integer.magnitude, radix: radix, uppercase: uppercase), integer < 0)
    }

    private func signed(_ text: String, _ isNegative: Bool) -> String {
        if isNegative { return "-" + text }
        return flags.contains("+") ? "+" + text : flags.contains(" ") ? " " + text : text
    }

    fileprivate func padded(_ text: String) -> String {
        let missing = (width ?? 0) - text.count
        guard missing > 0 else { return text }
        if flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard flags.contains("0"), !"sqvt".contains(letter) else {
            return String(repeating: " ", count: missing) + text
        }
        let sign = text.prefix { "+- ".contains($0) }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }

    private func mismatch(_ wanted: String, _ value: Value) -> FunctionFailure {
        FunctionFailure("%\(letter) needs \(wanted), not \(value.typeName)", argument: argument + 1)
    }
}
