import AsyncHTTPClient
public import ClusterKit
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Talks to servers over HTTP, on behalf of people and of agents: it is an `AgentLink`.
///
/// Given several servers, it stays with the one that answered last and goes on to the next when that one cannot be
/// reached. Every call is bounded in time. Calls that wait for something take connections of their own, so that a
/// heartbeat never stands behind them. Call `close()` when done.
public final class ClusterClient: Sendable {
    /// The most bytes of an answer that are kept; whatever is longer is an error.
    static let longestAnswer = 256 << 20

    /// How long a call may take that is not bounded.
    private static let longest = Duration.seconds(365 * 86_400)

    private let servers: ServerList
    private let token: String
    private let timeout: Duration
    /// For calls that are answered at once.
    private let brisk: HTTPClient
    /// For calls that wait at the server, and for streams.
    private let parked: HTTPClient

    /// Talks to `servers`, each an address like `http://127.0.0.1:4646`; throws `.invalid` for what is none.
    ///
    /// `timeout` bounds each call, beyond the time that the server itself is asked to wait.
    public init(servers: [String], token: String = "", timeout: Duration = .seconds(15)) throws(ClusterError) {
        self.servers = try ServerList(servers)
        self.token = token
        self.timeout = timeout
        brisk = Self.connections(limit: 8, connect: timeout)
        parked = Self.connections(limit: 256, connect: timeout)
    }

    private static func connections(limit: Int, connect: Duration) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.timeout.connect = .nanoseconds(min(connect, .seconds(5)).nanoseconds)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = limit
        // Another server may answer at once; trying the same one again is for the caller to decide.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends what `close()` was not called for: its absence must not end the program.
    deinit {
        brisk.shutdown { _ in }
        parked.shutdown { _ in }
    }

    /// Ends all connections. Calls afterwards fail.
    public func close() async {
        // Closing twice is the only way in which either fails, and is harmless.
        try? await brisk.shutdown()
        try? await parked.shutdown()
    }

    /// The address of the server that is asked first.
    public var server: String { servers.inOrder[0].description }

    // MARK: Calls

    /// Sends a request and collects the answer. Goes on to the next server while none can be reached.
    func send(_ request: OutgoingRequest) async throws -> IncomingAnswer {
        let response = try await open(request)
        let body: [UInt8]
        do {
            body = Array(buffer: try await response.body.collect(upTo: Self.longestAnswer))
        } catch {
            throw ClusterError(.unavailable, "\(server) broke off its answer to \(request.endpoint.template): \(error)")
        }
        return IncomingAnswer(index: Self.index(of: response), nextToken: Self.nextToken(of: response), body: body)
    }

    /// Sends a request and hands out the answer as it comes, after its head said that all is well.
    func open(_ request: OutgoingRequest) async throws -> HTTPClientResponse {
        var failures: [String] = []
        for server in servers.inOrder {
            try Task.checkCancellation()
            do {
                let response = try await execute(request, at: server)
                servers.prefer(server)
                guard (200..<300).contains(response.status.code) else { throw try await refusal(response, to: request) }
                return response
            } catch let error as ClusterError {
                // A server that cannot serve now may have neighbors that can; any other answer is the answer.
                guard error.code == .unavailable, servers.inOrder.count > 1 else { throw error }
                failures.append("\(server): \(error.message)")
            } catch is CancellationError {
                throw CancellationError()
            } catch let error as HTTPClientError where error == .deadlineExceeded {
                // It was begun, and the next server would take as long.
                if let allowance = request.allowance { throw ClusterError(.unavailable, allowance.complaint) }
                failures.append("\(server): \(Self.explain(error))")
            } catch {
                failures.append("\(server): \(Self.explain(error))")
            }
        }
        throw ClusterError(.unavailable, "no server can be reached: \(failures.joined(separator: "; "))")
    }

    private func execute(_ request: OutgoingRequest, at server: ServerAddress) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: server.description + request.target)
        outgoing.method =
            switch request.endpoint.verb {
            case .read: .GET
            case .write: .PUT
            case .delete: .DELETE
            case .list: HTTPMethod(rawValue: "LIST")
            case .patch: .PATCH
            }
        if !token.isEmpty { outgoing.headers.add(name: request.tokenHeader, value: token) }
        if let body = request.body {
            outgoing.headers.add(name: "Content-Type", value: request.contentType)
            outgoing.body = .bytes(ByteBuffer(bytes: body))
        }
        if let span = request.allowance?.span {
            return try await parked.execute(outgoing, timeout: .nanoseconds(min(span, Self.longest).nanoseconds))
        }
        guard request.isStream || request.wait > .zero else {
            return try await brisk.execute(outgoing, timeout: .nanoseconds(timeout.nanoseconds))
        }
        // Servers stretch a wait by up to a sixteenth, so that their clients do not all come back at once.
        let bound = request.isStream ? Self.longest : request.wait * 17 / 16 + timeout
        return try await parked.execute(outgoing, timeout: .nanoseconds(bound.nanoseconds))
    }

    private func refusal(_ response: HTTPClientResponse, to request: OutgoingRequest) async throws -> ClusterError {
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let body = String(buffer: bytes).trimmingSpace
        let text = request.tokenHeader == WireHeader.vaultToken ? VaultRefusal.text(body) : body
        let code =
            response.headers.first(name: WireHeader.errorCode).flatMap(ClusterError.Code.init(named:))
            ?? .init(status: Int(response.status.code), text: text)
        return ClusterError(code, text.isEmpty ? "the server answered \(response.status)" : text)
    }

    private static func index(of response: HTTPClientResponse) -> Revision {
        Revision(response.headers.first(name: WireHeader.index).flatMap(UInt64.init) ?? 0)
    }

    private static func nextToken(of response: HTTPClientResponse) -> String? {
        response.headers.first(name: WireHeader.nextToken)
    }

    private static func explain(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .some(.connectTimeout): "it does not accept connections"
        case .some(.deadlineExceeded), .some(.readTimeout): "it does not answer in time"
        case .some(.remoteConnectionClosed): "it closed the connection"
        case .some(let other): other.shortDescription
        case .none: explain(text: "\(error)")
        }
    }

    /// The system's reasons are buried in descriptions that are not for people.
    private static func explain(text: String) -> String {
        let reasons = [
            ("refused", "nothing listens there"), ("resolution", "no machine has that name"),
            ("not known", "no machine has that name"), ("nodename", "no machine has that name"),
            ("getaddrinfo", "no machine has that name"), ("unknown(host", "no machine has that name"),
            ("unreachable", "the network does not lead there"), ("No route", "the network does not lead there"),
            ("reset", "it broke off the connection"), ("timed out", "it does not accept connections"),
        ]
        let found = reasons.first { text.firstRange(of: $0.0) != nil }
        return found?.1 ?? "the connection failed"
    }
}

/// A request before it is sent.
struct OutgoingRequest: Sendable {
    var endpoint: Endpoint
    var argument: String = ""
    var query: [(name: String, value: String)] = []
    var body: [UInt8]?
    var contentType = "application/json"
    /// The header in which the token is shown.
    var tokenHeader = WireHeader.token
    /// How long the server is asked to hold the answer back.
    var wait: Duration = .zero
    /// Whether the answer has no end.
    var isStream = false
    /// How long the call may take, where what it asks for takes longer than other calls do.
    var allowance: Allowance?

    struct Allowance: Sendable {
        var span: Duration
        /// What is said of a call that takes longer.
        var complaint: String
    }

    var target: String {
        let pairs = query.map { "\(Endpoint.escape($0.name))=\(Endpoint.escape($0.value))" }
        return endpoint.path(argument) + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

/// An answer that was collected.
struct IncomingAnswer: Sendable {
    var index: Revision
    var nextToken: String?
    var body: [UInt8]
}

extension String {
    fileprivate var trimmingSpace: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
