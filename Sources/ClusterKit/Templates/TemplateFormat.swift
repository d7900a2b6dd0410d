/// Go's `printf` for what templates hold.
enum TemplateFormat {
    private struct Verb {
        var isLeft = false
        var isZero = false
        var isSigned = false
        var isSharp = false
        var width = 0
        var precision: Int?
        var letter: Character = "v"
        /// How messages call it.
        var shown = "a verb of the format"
    }

    /// Wider fields than this are refused.
    private static let widest = 1000

    /// Writes `values` as `format` says. Only a format that is a literal is shown in messages, by its verbs.
    static func text(
        _ format: String, isLiteral: Bool, _ values: [TemplateDatum]
    ) throws(TemplateFault) -> String {
        var output = TemplateOutput()
        var rest = Substring(format)
        var next = 0
        while let percent = rest.firstIndex(of: "%") {
            try output.append(String(rest[..<percent]))
            rest = rest[percent...].dropFirst()
            var verb = try verb(&rest)
            if isLiteral { verb.shown = "%\(verb.letter)" }
            if verb.letter == "%" {
                try output.append("%")
                continue
            }
            guard next < values.count else { throw TemplateFault("there are more verbs than values") }
            try output.append(padded(try show(values[next], verb), verb))
            next += 1
        }
        guard next == values.count else { throw TemplateFault("there are more values than verbs") }
        try output.append(String(rest))
        return output.text
    }

    private static func verb(_ rest: inout Substring) throws(TemplateFault) -> Verb {
        var verb = Verb()
        flags: while let flag = rest.first {
            switch flag {
            case "-": verb.isLeft = true
            case "0": verb.isZero = true
            case "+": verb.isSigned = true
            case "#": verb.isSharp = true
            case " ": break
            default: break flags
            }
            rest.removeFirst()
        }
        verb.width = try number(&rest) ?? 0
        if rest.first == "." {
            rest.removeFirst()
            verb.precision = try number(&rest) ?? 0
        }
        guard let letter = rest.popFirst() else { throw TemplateFault("the format ends within a verb") }
        verb.letter = letter
        return verb
    }

    private static func number(_ rest: inout Substring) throws(TemplateFault) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let number = Int(digits), number <= widest else {
            throw TemplateFault("widths and precisions end at \(widest)")
        }
        return number
    }

    private static func show(_ value: TemplateDatum, _ verb: Verb) throws(TemplateFault) -> String {
        switch (verb.letter, value) {
        case ("v", _), ("s", .text), ("s", .list), ("s", .map):
            var output = TemplateOutput()
            try output.print(value)
            let text = output.text
            return verb.letter == "s" ? verb.precision.map { String(text.prefix($0)) } ?? text : text
        case ("q", .text(let text)): return try quoted(text)
        case ("t", .bool(let value)): return value ? "true" : "false"
        case ("d", .integer(let number)): return signed(number, radix: 10, verb)
        case ("x", .integer(let number)): return signed(number, radix: 16, verb)
        case ("X", .integer(let number)): return signed(number, radix: 16, verb).uppercased()
        case ("o", .integer(let number)): return signed(number, radix: 8, verb)
        case ("b", .integer(let number)): return signed(number, radix: 2, verb)
        case ("c", .integer(let number)):
            guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
                throw TemplateFault("%c takes the number of a character")
            }
            return String(scalar)
        case ("x", .text(let text)):
            return text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case ("f", .double(let number)): return try fixed(number, verb.precision ?? 6, verb)
        case ("g", .double(let number)): return number.goText
        default:
            throw TemplateFault("\(verb.shown) does not show \(value.kindName); use %v, %s, %q, %d, %x, %t or %f")
        }
    }

    private static func signed(_ number: Int, radix: Int, _ verb: Verb) -> String {
        (verb.isSigned && number >= 0 ? "+" : "") + String(number, radix: radix)
    }

    static func quoted(_ text: String) throws(TemplateFault) -> String {
        var output = TemplateOutput()
        try output.append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": try output.append("\\\(scalar)")
            case "\n": try output.append("\\n")
            case "\t": try output.append("\\t")
            case "\r": try output.append("\\r")
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                try output.append((scalar.value < 16 ? "\\x0" : "\\x") + String(scalar.value, radix: 16))
            default: try output.append(String(scalar))
            }
        }
        try output.append("\"")
        return output.text
    }

    /// A number with so many digits after the point.
    private static func fixed(_ number: Double, _ precision: Int, _ verb: Verb) throws(TemplateFault) -> String {
        guard number.magnitude < 1e15, precision <= 15 else {
            throw TemplateFault("%f shows numbers below 1e15 with at most 15 digits after the point; use %v")
        }
        var scale = 1.0
        for _ in 0..<precision { scale *= 10 }
        let magnitude = number.magnitude
        var whole = magnitude.rounded(.down)
        var fraction = ((magnitude - whole) * scale).rounded(.toNearestOrEven)
        if fraction >= scale {
            whole += 1
            fraction -= scale
        }
        let sign = number < 0 ? "-" : verb.isSigned ? "+" : ""
        let digits = String(Int(fraction))
        let zeros = String(repeating: "0", count: max(0, precision - digits.utf8.count))
        return sign + String(Int(whole)) + (precision > 0 ? ".\(zeros)\(digits)" : "")
    }

    private static func padded(_ text: String, _ verb: Verb) -> String {
        let missing = verb.width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        if verb.isLeft { return text + String(repeating: " ", count: missing) }
        guard verb.isZero else { return String(repeating: " ", count: missing) + text }
        let sign = text.first == "-" || text.first == "+" ? text.prefix(1) : ""
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}
