/// A map or object. It remembers the order in which keys were first set; two that differ only in order are equal.
public struct ObjectValue: Sendable {
    /// The keys in the order in which they were first set.
    public private(set) var keys: [String] = []
    private var values: [String: Value] = [:]

    /// An object without keys.
    public init() {}

    /// Takes pairs; a later one replaces an earlier one of the same key, in its place.
    public init(_ pairs: some Sequence<(String, Value)>) {
        for (key, value) in pairs { self[key] = value }
    }

    /// The number of keys.
    public var count: Int { keys.count }

    /// The keys in the order in which HCL goes through them: by their Unicode scalars.
    public var sortedKeys: [String] { keys.sorted() }

    /// The value of a key. Setting nil does nothing.
    public subscript(key: String) -> Value? {
        get { values[key] }
        set {
            guard let newValue else { return }
            if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
        }
    }

    /// Key and value, by key.
    var sortedPairs: [(key: String, value: Value)] {
        sortedKeys.map { ($0, values[$0] ?? .null) }
    }
}

extension ObjectValue: Sequence {
    /// Goes through keys and values in the order in which they were first set.
    public func makeIterator() -> some IteratorProtocol<(key: String, value: Value)> {
        keys.lazy.map { (key: $0, value: values[$0] ?? .null) }.makeIterator()
    }
}

extension ObjectValue: Hashable {
    /// Compares keys and values, not their order.
    public static func == (left: ObjectValue, right: ObjectValue) -> Bool { left.values == right.values }

    /// Hashes keys and values, not their order.
    public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}
