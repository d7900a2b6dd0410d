import ClusterKit

/// The JSON object in a request's body. Members that nobody asks for are passed over, as Nomad does; null counts as
/// absent.
struct JSONBody {
    /// What was sent.
    let value: JSONValue
    private let object: JSONObject

    /// Reads the body; an empty one counts as an empty object where `isOptional`.
    init(_ bytes: [UInt8], isOptional: Bool = false) throws(ClusterError) {
        do throws(JSONError) {
            value = try JSONParser.parse(bytes.isEmpty && isOptional ? Array("{}".utf8) : bytes)
        } catch {
            throw ClusterError(.invalid, "the body is no JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw ClusterError(.invalid, "the body must be a JSON object, it is \(value.typeName)")
        }
        self.object = object
    }

    /// An object within a body; `nil` for another kind of value.
    init?(_ value: JSONValue) {
        guard case .object(let object) = value else { return nil }
        self.init(object: object)
    }

    private init(object: JSONObject) {
        self.object = object
        value = .object(object)
    }

    func member(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    func mismatch(_ name: String, _ wanted: String, _ value: JSONValue) -> ClusterError {
        ClusterError(.invalid, "\(name) must be \(wanted), it is \(value.typeName)")
    }

    /// A text; `nil` when it is not stated.
    func text(_ name: String) throws(ClusterError) -> String? {
        guard let value = member(name) else { return nil }
        guard case .string(let text) = value else { throw mismatch(name, "a text", value) }
        return text
    }

    /// A whole number within `range`; `nil` when it is not stated.
    func number(_ name: String, in range: ClosedRange<Int>) throws(ClusterError) -> Int? {
        guard let value = member(name) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            let upper = range.upperBound == .max ? "" : " and at most \(range.upperBound)"
            throw ClusterError(.invalid, "\(name) must be a whole number of at least \(range.lowerBound)\(upper)")
        }
        return number
    }

    /// A number, whole or not; `nil` when it is not stated.
    func decimal(_ name: String) throws(ClusterError) -> Double? {
        switch member(name) {
        case nil: return nil
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case let value?: throw mismatch(name, "a number", value)
        }
    }

    /// True or false; false when it is not stated.
    func flag(_ name: String) throws(ClusterError) -> Bool {
        guard let value = member(name) else { return false }
        guard case .bool(let flag) = value else { throw mismatch(name, "true or false", value) }
        return flag
    }

    /// An object; `nil` when it is not stated.
    func object(_ name: String) throws(ClusterError) -> JSONBody? {
        guard let value = member(name) else { return nil }
        guard case .object(let object) = value else { throw mismatch(name, "an object", value) }
        return JSONBody(object: object)
    }

    /// A list; `nil` when something else is stated, or nothing.
    func list(_ name: String) -> [JSONValue]? {
        guard case .array(let values) = member(name) else { return nil }
        return values
    }

    /// Whether `name` is stated, be it as null.
    func states(_ name: String) -> Bool { object[name] != nil }

    /// The members of an object with their kinds; `nil` when it is not stated.
    func values(_ name: String) throws(ClusterError) -> JSONObject? {
        guard let value = member(name) else { return nil }
        guard case .object(let object) = value else { throw mismatch(name, "an object", value) }
        return object
    }

    /// Texts by name; `nil` when they are not stated.
    func texts(_ name: String) throws(ClusterError) -> [String: String]? {
        guard let members = try values(name)?.members else { return nil }
        var texts: [String: String] = [:]
        for (key, value) in members {
            guard case .string(let text) = value else { throw mismatch("\(name).\(key)", "a text", value) }
            texts[key] = text
        }
        return texts
    }
}
