/// Why a request is not served: a status and a line of text for whoever sent it.
struct HTTPRefusal: Error, Equatable {
    let status: Int
    let reason: StaticString

    init(_ status: Int, _ reason: StaticString) {
        self.status = status
        self.reason = reason
    }

    static func bad(_ reason: StaticString) -> HTTPRefusal { HTTPRefusal(400, reason) }

    static func == (left: HTTPRefusal, right: HTTPRefusal) -> Bool {
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

extension HTTPRefusal {
    static let noRoute = HTTPRefusal(404, "no route is meant for this host and path")
    static let noInstance = HTTPRefusal(503, "no instance of the service passes its checks just now")
    static let crowdedService = HTTPRefusal(503, "all connections to the service's instances are in use; try again")
    static let crowded = HTTPRefusal(503, "too many connections; try again")
    static let unreachable = HTTPRefusal(502, "no instance of the service accepts a connection")
    static let slowConnect = HTTPRefusal(504, "no instance of the service accepted a connection in time")
    static let brokenUpstream = HTTPRefusal(502, "the instance closed the connection before it answered")
    static let badAnswer = HTTPRefusal(502, "the instance gave an answer that is not proper HTTP")
    static let manyInterim = HTTPRefusal(502, "the instance sent too many interim answers before the answer")
    static let slowAnswer = HTTPRefusal(504, "the instance did not begin to answer in time")
    static let slowHead = HTTPRefusal(408, "the head of the request did not arrive in time")
    static let slowBody = HTTPRefusal(408, "the body of the request did not go on in time")
}
