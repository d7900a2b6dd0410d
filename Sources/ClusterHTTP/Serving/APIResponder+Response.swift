import ClusterClient
import ClusterKit
import HTTPTypes
import Hummingbird
import NIOCore

extension APIResponder {
    /// The answer in Hummingbird's form, with the headers that clients look for.
    func response(_ answer: APIAnswer, headOnly: Bool) -> Response {
        let (status, headers) = head(of: answer)
        guard case .bytes(let bytes, _) = answer.content, !answer.isBare else {
            return Response(status: status, headers: headers)
        }
        let response = Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        return headOnly ? response.createHeadResponse() : response
    }

    /// An answer after which the connection is closed.
    func closingResponse(_ answer: APIAnswer, _ channel: any Channel) -> Response {
        let (status, usual) = head(of: answer)
        var headers = usual
        headers[.connection] = "close"
        guard case .bytes(let bytes, _) = answer.content else { return Response(status: status, headers: headers) }
        let body = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
            channel.close(promise: nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// An answer whose pieces come one by one, as long as somebody takes them.
    func response(
        _ answer: APIAnswer, _ source: any PieceSource, type: String, watch: ConnectionWatch?
    ) -> Response {
        let (status, headers) = head(of: answer)
        let body = ResponseBody { writer in
            var source = source
            while watch?.isClosed != true, let piece = try await source.next() {
                // An empty piece only asks whether anybody is still there.
                if !piece.isEmpty { try await writer.write(ByteBuffer(bytes: piece)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    private func head(of answer: APIAnswer) -> (HTTPResponse.Status, HTTPFields) {
        var headers = HTTPFields()
        var named = dialect.standing
        if let index = answer.index, let header = dialect.indexHeader { named.append((header, "\(index)")) }
        if answer.isRead { named += dialect.freshness }
        for header in named { Self.set(&headers, header.name, header.value) }
        if let token = answer.nextToken { Self.set(&headers, WireHeader.nextToken, token) }
        if let code = answer.errorCode { Self.set(&headers, WireHeader.errorCode, code.description) }
        if !answer.allowed.isEmpty { Self.set(&headers, "Allow", answer.allowed.joined(separator: ", ")) }
        switch answer.content {
        case .bytes(_, let type), .stream(_, let type):
            if !type.isEmpty, !answer.isBare { headers[.contentType] = type }
        }
        return (HTTPResponse.Status(code: answer.status), headers)
    }

    /// A value that may not stand in a header is left out.
    private static func set(_ headers: inout HTTPFields, _ name: String, _ value: String) {
        guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else { return }
        headers[name] = value
    }
}

extension APIAnswer {
    /// Whether nothing may follow the head (RFC 9110, 6.4.1): a client would take it for the next answer.
    fileprivate var isBare: Bool { status < 200 || status == 204 || status == 304 }
}
