/// Where the proxy listens, and the limits that it keeps. Every limit is finite.
public struct ProxyConfiguration: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port; 0 takes any free one.
    public var port: Int
    /// How many event loops serve, each on a thread of its own; 0 takes one for each core.
    public var eventLoops = 0
    /// The name that the figures give to this listener.
    public var entryPoint = "http"

    /// Connections of clients at one time; those beyond are answered 503 and closed. Fewer where the process may not
    /// have as many files open: each client needs two.
    public var maximumConnections = 8192
    /// Connections to one instance, for each event loop; requests beyond are answered 503.
    public var maximumConnectionsPerTarget = 1024
    /// Idle connections kept to one instance, for each event loop.
    public var maximumIdlePerTarget = 64

    /// Bytes of a request's head, and of a response's; beyond is 431, or 502 for a response.
    public var maximumHead = 32 * 1024
    /// Header lines of a request; beyond is 431.
    public var maximumFields = 100
    /// Bytes of a request's first line; beyond is 414.
    public var maximumRequestLine = 8 * 1024
    /// Delimiters that a path may carry percent-encoded. What is not listed is answered 400.
    public var encodedDelimiters: EncodedDelimiters = []

    /// How long the head of a request may take from its first byte, or from the connection's start.
    public var headTimeout: Duration = .seconds(10)
    /// How long a client's connection may lie idle between two requests.
    public var keepAliveTimeout: Duration = .seconds(60)
    /// How long an instance may take to accept a connection.
    public var connectTimeout: Duration = .seconds(5)
    /// How long an instance may take to begin its answer after it has the whole request.
    public var responseTimeout: Duration = .seconds(60)
    /// How long a body may stand still, in either direction.
    public var bodyTimeout: Duration = .seconds(60)
    /// How long a tunnel, such as a WebSocket, may stand still.
    public var tunnelTimeout: Duration = .seconds(3600)
    /// How long an idle connection to an instance is kept: shorter than web servers keep theirs, so that it is the
    /// proxy who closes. Node.js keeps 5 s, nginx 75 s.
    public var upstreamIdleTimeout: Duration = .seconds(4)
    /// How long a connection whose last answer is sent waits for the client to close, and how long a request whose
    /// client has closed its side waits for the answer to begin.
    public var lingerTimeout: Duration = .seconds(2)
    /// How long requests in flight may take to end at shutdown.
    public var shutdownTimeout: Duration = .seconds(10)

    /// Instances that a request is tried on, at most.
    public var maximumTries = 3
    /// For how long an instance that refused a connection is passed over, at first. Each further refusal doubles it.
    public var avoidance: Duration = .milliseconds(250)
    /// The longest that an instance is passed over.
    public var maximumAvoidance: Duration = .seconds(10)
    /// Bytes that wait for a slow reader before the other side is read no more.
    public var bufferLimit = 64 * 1024
    /// How often time limits are looked at: the grain of all of them.
    public var tick: Duration = .milliseconds(100)
    /// How often figures are handed on.
    public var metricInterval: Duration = .seconds(1)

    /// Listens on loopback.
    public init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }
}

/// Bytes that separate parts of a path. Written percent-encoded they mean themselves to some servers and a separator
/// to others, which lets a request reach another path than the one its route was chosen by.
public struct EncodedDelimiters: OptionSet, Sendable {
    public let rawValue: UInt8

    /// Combines delimiters.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `%2F`.
    public static let slash = EncodedDelimiters(rawValue: 1)
    /// `%5C`.
    public static let backslash = EncodedDelimiters(rawValue: 2)
    /// `%3B`.
    public static let semicolon = EncodedDelimiters(rawValue: 4)
    /// `%25`.
    public static let percent = EncodedDelimiters(rawValue: 8)
    /// `%3F`.
    public static let question = EncodedDelimiters(rawValue: 16)
    /// `%23`.
    public static let hash = EncodedDelimiters(rawValue: 32)

    /// The set that a decoded byte stands for; empty for bytes that separate nothing.
    init(byte: UInt8) {
        switch byte {
        case 0x2F: self = .slash
        case 0x5C: self = .backslash
        case 0x3B: self = .semicolon
        case 0x25: self = .percent
        case 0x3F: self = .question
        case 0x23: self = .hash
        default: self = []
        }
    }
}
