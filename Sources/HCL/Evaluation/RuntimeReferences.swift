/// The names that have no value yet when a file is read, such as `node`, `attr` or `NOMAD_PORT_http`.
///
/// `${…}` with such a reference stays in the text as it was written, for whoever knows the values later.
public struct RuntimeReferences: Sendable, Hashable {
    /// First names of references.
    public var names: Set<String>
    /// Beginnings of first names.
    public var prefixes: [String]

    /// All references with these first names, or first names with these beginnings, stay.
    public init(names: Set<String>, prefixes: [String] = []) {
        self.names = names
        self.prefixes = prefixes
    }

    /// Every reference must have a value.
    public static let none = RuntimeReferences(names: [])

    /// Whether a reference that begins with this name stays.
    public func contains(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}
