import ClusterClient
import ClusterKit
import HTTPTypes
import Hummingbird
import NIOCore

extension APIResponder {
    /// The answer in Hummingbird's form, with the headers that clients look for.
    static func response(_ answer: APIAnswer, headOnly: Bool) -> Response {
        var headers = HTTPFields()
        set(&headers, "Vary", "Accept-Encoding")
        if let index = answer.index { set(&headers, WireHeader.index, "\(index)") }
        if answer.isRead {
            set(&headers, "X-Nomad-KnownLeader", "true")
            set(&headers, "X-Nomad-LastContact", "0")
        }
        if let token = answer.nextToken { set(&headers, WireHeader.nextToken, token) }
        if let code = answer.errorCode { set(&headers, WireHeader.errorCode, code.description) }
        if !answer.allowed.isEmpty { set(&headers, "Allow", answer.allowed.joined(separator: ", ")) }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.content {
        case .bytes(let bytes, let type):
            if !type.isEmpty { headers[.contentType] = type }
            let response = Response(
                status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
            return headOnly ? response.createHeadResponse() : response
        case .stream(let source, let type):
            headers[.contentType] = type
            guard !headOnly else { return Response(status: status, headers: headers) }
            let body = ResponseBody { writer in
                var source = source
                while let piece = try await source.next() { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            }
            return Response(status: status, headers: headers, body: body)
        }
    }

    /// A value that may not stand in a header is left out.
    private static func set(_ headers: inout HTTPFields, _ name: String, _ value: String) {
        guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else { return }
        headers[name] = value
    }
}
