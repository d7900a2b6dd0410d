import ClusterClient
import ClusterKit
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Takes every request from its head to its answer: who may ask, how much may be sent, which route it is for.
struct APIResponder: HTTPResponder {
    typealias Context = APIContext

    let server: Server
    let routes: EndpointTable
    let dialect: Dialect
    /// The datacenter that the server stands in.
    let datacenter: String
    /// Where this server is reached, once it listens.
    let address: @Sendable () -> String
    let hostRule: HostRule
    let logger: Logger

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let started = ContinuousClock.now
        let answer = await answer(to: request, context: context)
        // Only the path: a query may hold what nobody else should read.
        logger.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\((request.head.path ?? "/").prefix { $0 != "?" })",
                "status": "\(answer.status)", "took": "\(started.duration(to: .now))",
            ])
        if answer.closes { return closingResponse(answer, context.channel) }
        guard case .stream(let source, let type) = answer.content, request.method != .head else {
            return response(answer, headOnly: request.method == .head)
        }
        return response(answer, source, type: type, watch: await ConnectionWatch.of(context.channel))
    }

    private func answer(to request: Request, context: APIContext) async -> APIAnswer {
        do {
            let host = request.head.authority.flatMap { $0.isEmpty ? nil : $0 }
            if let refusal = hostRule.refusal(host: host, origin: request.headers[.origin]) {
                return dialect.refusal(403, refusal)
            }
            let target = Substring(request.head.path ?? "/")
            let path = target.prefix { $0 != "?" }
            let query = try Query(target.dropFirst(path.count + 1))
            switch routes.match(path, dialect.verb(request.method.rawValue, query)) {
            case .none: return dialect.unknown(path)
            case .wrongMethod(let allowed):
                var answer = dialect.refusal(405, "Invalid method")
                answer.allowed = allowed
                return answer
            case .found(let route, let parameter, let argument):
                let body = try await body(of: request, atMost: route.bodyLimit, on: route)
                let asked = APIRequest(
                    server: server, dialect: dialect, address: address(), caller: caller(request.headers, query),
                    parameter: parameter, argument: argument, query: query, body: body)
                return try await run(route, asked, watchedBy: context.channel)
            }
        } catch let error as ClusterError {
            return dialect.failure(error)
        } catch let fault as BodyFault {
            // Who sends no more of it, or hangs up, does nothing that an operator has to look at.
            logger.debug("the body of a request did not come", metadata: ["error": "\(fault)"])
            var answer = dialect.refusal(fault.status, fault.description)
            answer.closes = true
            return answer
        } catch {
            let isAbandoned = error is CancellationError || Task.isCancelled
            logger.log(
                level: isAbandoned ? .debug : .error, "a request failed", metadata: ["error": "\(error)"])
            return dialect.failure(ClusterError(.internal, "the server failed to answer; see its log"))
        }
    }

    /// The one place where a caller's rights are asked.
    private func run(
        _ route: APIRoute, _ request: APIRequest, watchedBy channel: any Channel
    ) async throws -> APIAnswer {
        try refuseOtherPlaces(request)
        if let action = try route.access.action(for: request, in: server.snapshot) {
            try server.authorize(request.caller, to: action)
        }
        var answer =
            if Self.isParked(route, request) {
                try await abandonWhenClosed(channel, orOnShutdown: Self.isLetGo(route)) {
                    try await route.answer(request)
                }
            } else {
                try await route.answer(request)
            }
        if try request.query.flag("pretty"), case .bytes(let json, "application/json") = answer.content {
            answer.content = .bytes(JSONIndenter.indented(json), type: "application/json")
        }
        return answer
    }

    /// Refuses what is meant for a region or a datacenter that is not here.
    private func refuseOtherPlaces(_ request: APIRequest) throws(ClusterError) {
        switch dialect {
        case .nomad:
            guard let region = request.query["region"], !region.isEmpty, region != server.configuration.region else {
                return
            }
            throw ClusterError(
                .internal, "No path to region \"\(region)\"; this server's is \(server.configuration.region)")
        case .consul: try request.refuseOtherDatacenters(than: datacenter)
        case .vault: return
        }
    }

    /// Whether the answer may be held for a while.
    private static func isParked(_ route: APIRoute, _ request: APIRequest) -> Bool {
        request.query["index"] != nil || isLetGo(route)
    }

    /// Whether a server that shuts down need not answer: an agent or a worker asks again by itself, and a simulation
    /// may take minutes.
    private static func isLetGo(_ route: APIRoute) -> Bool {
        [.linkAssignments, .linkInquiries, .linkTemplates, .claimWork, .whatIf].contains(route.endpoint)
    }

    /// Ends `work` when the client is gone: what waits is woken, and nobody waits for it. Reads answer with what there
    /// is when the server shuts down; agents' calls are let go instead.
    private func abandonWhenClosed(
        _ channel: any Channel, orOnShutdown endsOnShutdown: Bool,
        _ work: @escaping @Sendable () async throws -> APIAnswer
    ) async throws -> APIAnswer {
        guard let watch = await ConnectionWatch.of(channel) else { return try await work() }
        let (gone, closed) = AsyncStream.makeStream(of: Void.self)
        watch.onClose { closed.finish() }
        defer { watch.onClose(nil) }
        return try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: APIAnswer?.self) { group in
                group.addTask { try await work() }
                group.addTask {
                    for await _ in gone {}
                    return nil
                }
                defer { group.cancelAll() }
                let first = try await group.next() ?? nil
                return first ?? .text(503, "the server shuts down")
            }
        } onGracefulShutdown: {
            if endsOnShutdown { closed.finish() }
        }
    }

    private func body(of request: Request, atMost limit: Int, on route: APIRoute) async throws -> [UInt8] {
        guard request.method != .get, request.method != .head else { return [] }
        let refusal = ClusterError(
            .tooLarge, "the body of \(route.endpoint.template) may have \(limit) bytes at most; send less")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw refusal }
        do {
            return Array(buffer: try await request.body.collect(upTo: limit, within: .seconds(60)))
        } catch is NIOTooManyBytesError {
            throw refusal
        }
    }

    private func caller(_ headers: HTTPFields, _ query: Query) -> Caller {
        if let name = HTTPField.Name(dialect.tokenHeader), let token = headers[name] { return Caller(token: token) }
        let bearer = "bearer "
        if let text = headers[.authorization], text.lowercased().hasPrefix(bearer) {
            return Caller(token: String(text.dropFirst(bearer.count)))
        }
        if dialect == .consul, let token = query["token"] { return Caller(token: token) }
        return .anonymous
    }
}

/// What Hummingbird hands along with a request: the connection, and where to log.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
