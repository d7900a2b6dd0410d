/// A value while a template is rendered.
indirect enum TemplateDatum: Hashable, Sendable {
    /// Nothing: what a map does not hold.
    case nothing
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case text(String)
    case list([TemplateDatum])
    /// What data has by name: a name that is not there gives nothing.
    case map([String: TemplateDatum])
    /// Something with known fields, an instance of a service for example: another field is a mistake.
    case object(String, [String: TemplateDatum])

    init(_ value: ConfigValue) {
        switch value {
        case .null: self = .nothing
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .text(value)
        case .list(let values): self = .list(values.map(TemplateDatum.init))
        case .object(let values): self = .map(values.mapValues(TemplateDatum.init))
        }
    }

    init(_ value: JSONValue) {
        switch value {
        case .null: self = .nothing
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .double(value)
        case .string(let value): self = .text(value)
        case .array(let values): self = .list(values.map(TemplateDatum.init))
        case .object(let object):
            self = .map(Dictionary(object.members.map { ($0.name, TemplateDatum($0.value)) }) { _, last in last })
        }
    }

    /// Whether `if` takes it for true.
    var isTrue: Bool {
        switch self {
        case .nothing: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .double(let value): value != 0
        case .text(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .map(let values): !values.isEmpty
        case .object: true
        }
    }

    /// How messages call it; never the value.
    var kindName: String {
        switch self {
        case .nothing: "nothing"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .double: "a number"
        case .text: "a text"
        case .list: "a list"
        case .map: "a map"
        case .object(let name, _): name
        }
    }

    /// About how many bytes a function that takes it looks at.
    var weight: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .list(let values): values.count * 8
        case .map(let values), .object(_, let values): values.count * 16
        case .nothing, .bool, .integer, .double: 0
        }
    }
}

/// Text that grows to a limit and no further.
struct TemplateOutput {
    /// The longest text that a template may make, the file itself and every value on the way.
    static let longest = 1 << 20
    static let tooLong = TemplateFault("the text grows beyond \(longest >> 20) MiB; render less")

    private(set) var bytes: [UInt8] = []

    mutating func append(_ text: String) throws(TemplateFault) { try append(bytes: text.utf8) }

    mutating func append(bytes more: some Collection<UInt8>) throws(TemplateFault) {
        guard bytes.count + more.count <= Self.longest else { throw Self.tooLong }
        bytes.append(contentsOf: more)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes a value as Go prints it.
    mutating func print(_ value: TemplateDatum) throws(TemplateFault) {
        switch value {
        case .nothing: try append("<no value>")
        case .bool(let value): try append(value ? "true" : "false")
        case .integer(let value): try append(String(value))
        case .double(let value): try append(value.goText)
        case .text(let value): try append(value)
        case .list(let values):
            try append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { try append(" ") }
                try print(value)
            }
            try append("]")
        case .map(let values), .object(_, let values):
            try append("map[")
            for (index, name) in values.keys.sorted().enumerated() {
                try append(index > 0 ? " \(name):" : "\(name):")
                try print(values[name] ?? .nothing)
            }
            try append("]")
        }
    }
}

extension Double {
    /// As Go's `%v` writes it: the shortest digits that tell it apart, with an exponent from 1e+21 on.
    var goText: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Inf" : "+Inf" }
        let magnitude = self.magnitude
        // Swift writes the same digits; they only have to be put in another place.
        let parts = magnitude.description.split(separator: "e")
        let written = parts[0].split(separator: ".")
        let fraction = written.count > 1 && written[1] != "0" ? String(written[1]) : ""
        var digits = String(written[0]) + fraction
        var point = written[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.utf8.count > 1, digits.hasPrefix("0") {
            digits.removeFirst()
            point -= 1
        }
        while digits.utf8.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let sign = self < 0 || (self == 0 && self.sign == .minus) ? "-" : ""
        guard magnitude != 0 else { return sign + "0" }
        let exponent = point - 1
        if exponent < -4 || exponent >= 21 {
            let rest = digits.dropFirst()
            let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : "." + rest)e\(exponent < 0 ? "-" : "+")\(power)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.utf8.count {
            return sign + digits + String(repeating: "0", count: point - digits.utf8.count)
        }
        return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))"
    }
}
