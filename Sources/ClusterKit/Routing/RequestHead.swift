/// The head of a request as a route sees it: bytes that were read once, and where its parts stand in them.
///
/// Whoever reads requests off the network keeps one and refills it, so that looking up a route allocates nothing.
public struct RequestHead: Sendable {
    /// One header line.
    public struct Field: Hashable, Sendable {
        /// Where the name stands, in whatever case it came.
        public var name: Range<Int>
        /// Where the value stands, without the spaces around it.
        public var value: Range<Int>

        /// Marks a header line.
        public init(name: Range<Int>, value: Range<Int>) {
            self.name = name
            self.value = value
        }
    }

    /// The bytes that the ranges are about.
    public var bytes: [UInt8] = []
    /// The method.
    public var method: Range<Int> = 0..<0
    /// The path in its one canonical form, without the query: what is matched is what is forwarded.
    public var path: Range<Int> = 0..<0
    /// What stands behind the `?`; empty for none.
    public var query: Range<Int> = 0..<0
    /// The host in lower case, without a port and without a dot at its end.
    public var host: Range<Int> = 0..<0
    /// The header lines, in order.
    public var fields: [Field] = []
    /// The address of the client: sixteen bytes, an IPv4 address in the form `::ffff:a.b.c.d`.
    public var client: SIMD16<UInt8> = .zero

    /// An empty head, to be filled.
    public init() {}

    /// A head with these parts, taken as they are: for tests and for programs that ask a table themselves.
    public init(
        method: String = "GET", host: String, path: String, query: String = "", fields: [(String, String)] = [],
        client: SIMD16<UInt8> = .zero
    ) {
        self.method = append(method)
        self.host = append(host)
        self.path = append(path)
        self.query = append(query)
        self.fields = fields.map { Field(name: append($0.0), value: append($0.1)) }
        self.client = client
    }

    /// Appends bytes and gives where they stand.
    public mutating func append(_ text: String) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        return start..<bytes.count
    }

    /// Starts over, keeping the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        method = 0..<0
        path = 0..<0
        query = 0..<0
        host = 0..<0
        client = .zero
    }

    /// The text at a place.
    public func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
