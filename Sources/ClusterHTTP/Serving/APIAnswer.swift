import ClusterClient
import ClusterKit

/// What a route answers.
struct APIAnswer: Sendable {
    enum Content: Sendable {
        /// Bytes of a type.
        case bytes([UInt8], type: String)
        /// Pieces as they come; the head says that all is well before the first of them.
        case stream(any PieceSource, type: String)
    }

    /// The status of a head.
    var status: Int = 200
    /// The revision of what is said, where clients expect one.
    var index: Revision?
    /// Whether it is a read of stored objects, which clients want to know to be fresh.
    var isRead = false
    /// Where the next page begins.
    var nextToken: String?
    /// The kind of an error, for clients of our own.
    var errorCode: ClusterError.Code?
    /// The methods that the path takes, when it was the wrong one.
    var allowed: [String] = []
    /// Whether the connection ends with it: what is left of the request would be taken for the next one.
    var closes = false
    /// What is said.
    var content: Content

    /// JSON that is no stored object, or what a write led to.
    static func json(
        index: Revision? = nil, _ write: (inout AnswerWriter) throws -> Void
    ) rethrows -> APIAnswer {
        APIAnswer(index: index, content: .bytes(try AnswerWriter.bytes(write), type: "application/json"))
    }

    /// A read of stored objects.
    static func read(
        at index: Revision, nextToken: String? = nil, capacity: Int = 1024,
        _ write: (inout AnswerWriter) throws -> Void
    ) rethrows -> APIAnswer {
        let bytes = try AnswerWriter.bytes(capacity: capacity, write)
        return APIAnswer(
            index: index, isRead: true, nextToken: nextToken, content: .bytes(bytes, type: "application/json"))
    }

    /// Bytes in the form of records.
    static func records(_ bytes: [UInt8] = []) -> APIAnswer {
        APIAnswer(content: .bytes(bytes, type: "application/octet-stream"))
    }

    /// Plain words.
    static func text(_ status: Int, _ text: String) -> APIAnswer {
        APIAnswer(status: status, content: .bytes(Array(text.utf8), type: "text/plain; charset=utf-8"))
    }

    /// A stored object that is not there: the revision goes along, so that a client may wait for it.
    static func missing(_ text: String, at index: Revision) -> APIAnswer {
        var answer = APIAnswer.text(404, text)
        answer.index = index
        answer.isRead = true
        answer.errorCode = .notFound
        return answer
    }
}

/// Pieces of an answer that has no known length.
protocol PieceSource: Sendable {
    /// The next piece; waits until there is one, or gives an empty one after a while. `nil` ends the answer.
    mutating func next() async throws -> [UInt8]?
}
