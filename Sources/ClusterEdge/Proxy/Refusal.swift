/// Why a request is not served: a status and a line of text for whoever sent it.
struct Refusal: Error, Equatable {
    let status: Int
    let reason: StaticString

    init(_ status: Int, _ reason: StaticString) {
        self.status = status
        self.reason = reason
    }

    static func bad(_ reason: StaticString) -> Refusal { Refusal(400, reason) }

    static func == (left: Refusal, right: Refusal) -> Bool {
        left.status == right.status && left.reason.description == right.reason.description
    }

    /// The words beside the status, for the first line of the answer.
    static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 400: "Bad Request"
        case 404: "Not Found"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Error"
        }
    }
}

extension Refusal {
    static let noRoute = Refusal(404, "no route is meant for this host and path")
    static let noInstance = Refusal(503, "no instance of the service passes its checks just now")
    static let crowdedService = Refusal(503, "all connections to the service's instances are in use; try again")
    static let crowded = Refusal(503, "too many connections; try again")
    static let unreachable = Refusal(502, "no instance of the service accepts a connection")
    static let slowConnect = Refusal(504, "no instance of the service accepted a connection in time")
    static let brokenUpstream = Refusal(502, "the instance closed the connection before it answered")
    static let badAnswer = Refusal(502, "the instance gave an answer that is not proper HTTP")
    static let slowAnswer = Refusal(504, "the instance did not begin to answer in time")
    static let slowHead = Refusal(408, "the head of the request did not arrive in time")
    static let slowBody = Refusal(408, "the body of the request did not go on in time")
}
