/// The methods that are counted apart. All others are `other`: a client cannot make up new series.
enum RequestMethod: UInt8, CaseIterable {
    case get, head, post, put, delete, options, patch, connect, trace, other

    /// The label in the figures.
    var label: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: "EXTENSION_METHOD"
        }
    }

    /// Whether doing it twice is as doing it once (RFC 9110, 9.2.2).
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        default: false
        }
    }

    /// Methods are told apart by case: `get` is not `GET`.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        @inline(__always) func isExactly(_ word: StaticString) -> Bool {
            guard word.utf8CodeUnitCount == range.count else { return false }
            for index in 0..<range.count where bytes[range.lowerBound + index] != word.utf8Start[index] { return false }
            return true
        }
        switch range.count {
        case 3: self = isExactly("GET") ? .get : isExactly("PUT") ? .put : .other
        case 4: self = isExactly("HEAD") ? .head : isExactly("POST") ? .post : .other
        case 5: self = isExactly("PATCH") ? .patch : isExactly("TRACE") ? .trace : .other
        case 6: self = isExactly("DELETE") ? .delete : .other
        case 7: self = isExactly("OPTIONS") ? .options : isExactly("CONNECT") ? .connect : .other
        default: self = .other
        }
    }
}
