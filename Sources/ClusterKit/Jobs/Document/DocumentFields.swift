import HCL

/// The mistakes of one document, gathered while it is read.
final class DocumentMistakes {
    /// After so many, the rest is not worth telling.
    private static let most = 100
    private(set) var mistakes: [String] = []
    /// Whether a part could not be read at all: what seems to be missing then may be just that.
    private(set) var isDamaged = false

    func add(_ mistake: String, damages: Bool = false) {
        if mistakes.count < Self.most { mistakes.append(mistake) }
        isDamaged = isDamaged || damages
    }
}

/// The fields of one JSON object of a job. Unknown members are passed over, as Nomad does; null counts as absent.
struct DocumentFields: JobFields {
    let object: JSONObject
    /// Where the object stands: `Job.TaskGroups[0]`.
    let path: String
    let mistakes: DocumentMistakes

    private subscript(name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    private func mismatch<Value>(_ name: String, _ wanted: String, _ value: JSONValue) -> Value? {
        mistakes.add("\(path).\(name): must be \(wanted), is \(value.shown)", damages: true)
        return nil
    }

    private func tooLarge<Value>(_ name: String, _ why: String) -> Value? {
        mistakes.add("\(path).\(name): is too large: \(why)", damages: true)
        return nil
    }

    func label(_ json: String) -> String { text("", json) ?? "" }

    func attribute(_ hcl: String) -> ConfigValue? { nil }

    func text(_ hcl: String, _ json: String) -> String? {
        guard let value = self[json] else { return nil }
        if case .string(let text) = value { return text }
        return mismatch(json, "a text", value)
    }

    func integer(_ hcl: String, _ json: String) -> Int? {
        guard let value = self[json] else { return nil }
        if let integer = value.integer { return integer }
        if let mistake = value.excess { return tooLarge(json, mistake) }
        return mismatch(json, "a whole number", value)
    }

    func flag(_ hcl: String, _ json: String) -> Bool? {
        guard let value = self[json] else { return nil }
        if case .bool(let flag) = value { return flag }
        return mismatch(json, "true or false", value)
    }

    func span(_ hcl: String, _ json: String) -> Duration? {
        guard let value = self[json] else { return nil }
        if let nanoseconds = value.integer { return .nanoseconds(nanoseconds) }
        if case .string(let text) = value {
            if let span = DurationText.parse(text) { return span }
            if DurationText.isTooLong(text) {
                return tooLarge(json, "\(text.quotedForDisplay) is longer than 292 years")
            }
        }
        if let mistake = value.excess { return tooLarge(json, mistake) }
        return mismatch(json, "nanoseconds or a time span such as \"30s\"", value)
    }

    func texts(_ hcl: String, _ json: String) -> [String]? {
        guard let value = self[json] else { return nil }
        return texts(in: value) ?? mismatch(json, "a list of texts", value)
    }

    private func texts(in value: JSONValue) -> [String]? {
        guard case .array(let values) = value else { return nil }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else { return nil }
            texts.append(text)
        }
        return texts
    }

    func textMap(_ hcl: String, _ json: String) -> [String: String]? {
        entries(json) { value in
            if case .string(let text) = value { text } else { nil }
        }
    }

    func headers(_ hcl: String, _ json: String) -> [String: [String]]? { entries(json, texts(in:)) }

    private func entries<Entry>(_ json: String, _ read: (JSONValue) -> Entry?) -> [String: Entry]? {
        guard let value = self[json] else { return nil }
        guard case .object(let object) = value else { return mismatch(json, "an object", value) }
        var entries: [String: Entry] = [:]
        for (name, value) in object.members {
            guard let entry = read(value) else {
                mistakes.add(
                    "\(path).\(json)[\(name.quotedForDisplay)]: must be a text, is \(value.shown)", damages: true)
                continue
            }
            entries[name] = entry
        }
        return entries
    }

    func config(_ hcl: String, _ json: String) -> [String: ConfigValue]? {
        entries(json) { ConfigValue($0) }
    }

    func block<Element>(_ hcl: String, _ json: String, read: (Self) -> Element?) -> Element? {
        guard let value = self[json] else { return nil }
        guard case .object(let object) = value else { return mismatch(json, "an object", value) }
        return read(DocumentFields(object: object, path: "\(path).\(json)", mistakes: mistakes))
    }

    func blocks<Element>(_ hcl: String, labels: [String], _ json: String, read: (Self) -> Element?) -> [Element] {
        guard let value = self[json] else { return [] }
        guard case .array(let values) = value else { return mismatch(json, "a list", value) ?? [] }
        return values.enumerated().compactMap { index, value in
            guard case .object(let object) = value else {
                return mismatch("\(json)[\(index)]", "an object", value)
            }
            return read(DocumentFields(object: object, path: "\(path).\(json)[\(index)]", mistakes: mistakes))
        }
    }

    func fail(_ message: String, _ hcl: String, _ json: String) { mistakes.add("\(path).\(json): \(message)") }

    func fail(_ message: String) { mistakes.add("\(path): \(message)") }
}

extension DocumentFields {
    func constraint() -> Constraint? {
        let word = text("", "Operand") ?? ""
        guard let comparison = Self.comparison(word) else {
            fail(Self.refusal(ofOperator: word), "", "Operand")
            return nil
        }
        let value = text("", "RTarget") ?? ""
        if comparison == .distinctHosts, value == "false" { return nil }
        return Constraint(text("", "LTarget") ?? "", comparison, value)
    }

    func affinity() -> Affinity? {
        let weight = integer("", "Weight") ?? 50
        return constraint().map { Affinity($0.attribute, $0.comparison, $0.value, weight: weight) }
    }

    func entries<Element>(_ hcl: String, _ json: String, read: (String, Self) -> Element?) -> [Element] {
        guard let value = self[json] else { return [] }
        guard case .object(let entries) = value else { return mismatch(json, "an object", value) ?? [] }
        return entries.members.compactMap { name, value in
            let place = "\(json)[\(name.quotedForDisplay)]"
            guard case .object(let object) = value else { return mismatch(place, "an object", value) }
            return read(name, DocumentFields(object: object, path: "\(path).\(place)", mistakes: mistakes))
        }
    }

    func network(read: (Self) -> NetworkSpec?) -> NetworkSpec? {
        let networks = blocks("network", labels: [], "Networks", read: read)
        if networks.count > 1 { fail("a group has one network, not \(networks.count)", "", "Networks") }
        return networks.first
    }

    func ports() -> [PortSpec] {
        let lists = ["ReservedPorts", "DynamicPorts"].map { list in
            blocks("port", labels: ["label"], list) { port in
                port.refuse(UnsupportedFields.port)
                // Nomad's answers hold the number that was chosen; a job asks for any.
                let number = list == "ReservedPorts" ? port.integer("static", "Value") ?? 0 : 0
                return PortSpec(label: port.label("Label"), number: number, to: port.integer("to", "To") ?? 0)
            }
        }
        return lists[0] + lists[1]
    }

    func refuse(_ fields: [UnsupportedField]) {
        for field in fields where !field.json.isEmpty {
            guard let value = self[field.json], !value.asksForNothing(in: field.json) else { continue }
            mistakes.add("\(path).\(field.json): \"\(field.hcl)\" is not supported. \(field.advice)")
        }
    }
}

extension JSONValue {
    /// A whole number, also one written as `5.0`.
    fileprivate var integer: Int? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }

    /// What is wrong with a number that is whole but too large to be kept.
    fileprivate var excess: String? {
        guard case .number(let number) = self, number.magnitude >= 0x1p63 else { return nil }
        return "\(shown) is beyond \(Int.max)"
    }

    /// A short value itself, a long one by its type.
    fileprivate var shown: String {
        switch self {
        case .null, .bool, .array, .object: self == .bool(true) ? "true" : self == .bool(false) ? "false" : typeName
        case .integer(let integer): String(integer)
        case .number(let number): String(number)
        case .string(let text): text.quotedForDisplay
        }
    }

    /// Whether an unsupported field with this value changes nothing: clients send back what they were given, and that
    /// states every default.
    fileprivate func asksForNothing(in field: String) -> Bool {
        switch self {
        case .null, .bool(false), .integer(0), .string(""): return true
        case .array(let values): return values.isEmpty
        case .object(let object):
            return object.members.allSatisfy { name, value in
                value.asksForNothing(in: name) || Self.defaults[field]?[name] == value
            }
        case .string(let text): return Self.plainDefaults[field] == text
        case .bool, .integer, .number: return false
        }
    }

    private static let plainDefaults = ["HostNetwork": "default", "Cluster": "default"]

    private static let defaults: [String: [String: JSONValue]] = [
        "Migrate": [
            "MaxParallel": .integer(1), "HealthCheck": .string("checks"), "MinHealthyTime": .integer(10_000_000_000),
            "HealthyDeadline": .integer(300_000_000_000),
        ],
        "NUMA": ["Affinity": .string("none")],
        "Weights": ["Passing": .integer(1), "Warning": .integer(1)],
    ]
}

extension ConfigValue {
    /// What a document states, as drivers get it.
    fileprivate init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .int(integer)
        case .number(let number): self = .double(number)
        case .string(let string): self = .string(string)
        case .array(let values): self = .list(values.map(ConfigValue.init))
        case .object(let object):
            self = .object(
                Dictionary(object.members.map { ($0.name, ConfigValue($0.value)) }) { _, last in last })
        }
    }
}
