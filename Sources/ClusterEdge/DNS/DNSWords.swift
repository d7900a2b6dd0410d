/// The type of a record, or what a question asks for.
struct RecordType: Hashable, Sendable {
    /// The number in packets.
    let number: UInt16

    static let a = RecordType(number: 1)
    static let ns = RecordType(number: 2)
    static let soa = RecordType(number: 6)
    static let ptr = RecordType(number: 12)
    static let hinfo = RecordType(number: 13)
    static let txt = RecordType(number: 16)
    static let aaaa = RecordType(number: 28)
    static let srv = RecordType(number: 33)
    static let opt = RecordType(number: 41)
    static let any = RecordType(number: 255)

    /// Whether it asks for a transfer of the zone or for types that no longer exist: nobody gets those.
    var isTransferOrObsolete: Bool { (249...254).contains(number) }
}

/// What an answer says about itself. Those above 15 are split between the header and EDNS.
enum ResponseCode: UInt16, CaseIterable, Sendable {
    /// The name is known; the answer may still be empty.
    case noError = 0
    /// The query cannot be read.
    case malformed = 1
    /// The server cannot say, and will later.
    case failure = 2
    /// There is no such name.
    case noSuchName = 3
    /// The server knows no such operation.
    case notImplemented = 4
    /// The server will not say: the name is none of its own.
    case refused = 5
    /// The query uses a later version of EDNS.
    case badVersion = 16

    /// The name by which tools show it.
    var name: String {
        switch self {
        case .noError: "NOERROR"
        case .malformed: "FORMERR"
        case .failure: "SERVFAIL"
        case .noSuchName: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        }
    }
}

/// How a query came, which says how long its answer may be.
enum DNSTransport: Int, CaseIterable, Sendable {
    /// In a datagram.
    case udp
    /// Over a connection.
    case tcp

    /// The name in measurements.
    var name: String { self == .udp ? "udp" : "tcp" }

    /// The most that is sent in one datagram: what passes every network unbroken, by the DNS flag day of 2020.
    static let datagramLimit = 1232
    /// The most that a datagram may hold for clients that do not say what they take (RFC 1035).
    static let plainDatagramLimit = 512
    /// The most that a message over TCP can hold.
    static let streamLimit = 65535
}
