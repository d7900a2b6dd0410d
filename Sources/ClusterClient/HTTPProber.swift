import AsyncHTTPClient
public import ClusterKit
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks over HTTP, and takes the status for an answer, as Consul does: 2xx passes, 429 warns, anything else is
/// critical, a redirect too.
///
/// A job chooses the path, the method, headers and a body, but not the host: the address is that of the node itself or
/// of the task's port on it, names are never resolved, redirects never followed and proxies never used. So a check
/// cannot be turned into a means to reach other machines, such as the service of a cloud that hands out credentials.
/// Each check has a connection of its own, which ends with it.
public struct HTTPProber: Prober {
    public let kinds = ["http"]

    /// The most bytes of a body that are read; the rest is cut off with the connection.
    static let longestBody = 1 << 20

    private let connections = Connections()

    /// Makes a prober; it needs no closing.
    public init() {}

    public func probe(_ request: ProbeRequest) async -> ProbeOutcome {
        let check = request.check
        let scheme = check.protocol == "https" ? "https" : "http"
        let target = "HTTP \(check.method) \(scheme)://\(request.authority)\(check.path)"
        guard (1...65_535).contains(request.port) else {
            return ProbeOutcome(.critical, "\(target): there is no port to connect to")
        }
        // With anything else in front, what stands in the path would become a part of the host.
        guard check.path.hasPrefix("/") else {
            return ProbeOutcome(.critical, "\(target): the path must begin with \"/\"")
        }
        let outgoing = outgoing("\(scheme)://\(request.authority)\(check.path)", check)
        return await withTaskGroup(of: ProbeOutcome?.self) { group in
            group.addTask { await ask(outgoing, target, timeout: check.timeout) }
            group.addTask {
                try? await Task.sleep(for: check.timeout)
                return Task.isCancelled ? nil : .timedOut(after: check.timeout, target)
            }
            defer { group.cancelAll() }
            while let outcome = await group.next() {
                if let outcome { return outcome }
            }
            return ProbeOutcome(.critical, "\(target): the check was given up")
        }
    }

    private func outgoing(_ url: String, _ check: CheckSpec) -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: url)
        outgoing.method = HTTPMethod(rawValue: check.method.isEmpty ? "GET" : check.method)
        for (name, values) in check.header.sorted(by: { $0.key < $1.key }) {
            for value in values { outgoing.headers.add(name: name, value: value) }
        }
        if !outgoing.headers.contains(name: "User-Agent") {
            outgoing.headers.add(name: "User-Agent", value: "ClusterKit Health Check")
        }
        if !outgoing.headers.contains(name: "Accept") {
            outgoing.headers.add(name: "Accept", value: "text/plain, text/*, */*")
        }
        outgoing.headers.replaceOrAdd(name: "Connection", value: "close")
        if !check.body.isEmpty { outgoing.body = .bytes(ByteBuffer(string: check.body)) }
        if check.protocol == "https", check.skipsVerification {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            outgoing.tlsConfiguration = tls
        }
        return outgoing
    }

    private func ask(_ outgoing: HTTPClientRequest, _ target: String, timeout: Duration) async -> ProbeOutcome? {
        do {
            let deadline = NIODeadline.now() + .nanoseconds(timeout.nanoseconds)
            let response = try await connections.client.execute(outgoing, deadline: deadline)
            let body = try await Self.beginning(of: response.body)
            let status = "\(response.status.code) \(response.status.reasonPhrase)"
            return ProbeOutcome(Self.health(of: response.status.code), "\(target): \(status) Output: \(body)")
        } catch is CancellationError {
            return nil
        } catch {
            if (error as? HTTPClientError) == .deadlineExceeded || (error as? HTTPClientError) == .connectTimeout {
                return .timedOut(after: timeout, target)
            }
            return Task.isCancelled ? nil : ProbeOutcome(.critical, "\(target): \(Self.explain(error))")
        }
    }

    /// The part of a body that is kept. More is read, so that an instance with a long answer does not see its
    /// connection break, but not without end.
    private static func beginning(of body: HTTPClientResponse.Body) async throws -> String {
        var kept: [UInt8] = []
        var count = 0
        for try await part in body {
            count += part.readableBytes
            kept += part.readableBytesView.prefix(max(0, ProbeOutcome.longestOutput - kept.count))
            if count > longestBody { break }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func health(of status: UInt) -> CheckHealth {
        switch status {
        case 200..<300: .passing
        case 429: .warning
        default: .critical
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .some(.invalidURL): "the path cannot be a part of a URL; percent-encode what is special in it"
        case .some(.remoteConnectionClosed): "the connection was closed before the answer was complete"
        case .some(let other): other.shortDescription
        case .none: "\(error)"
        }
    }
}

/// The client that checks are made with; it ends with the last prober that has it.
private final class Connections: Sendable {
    let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        // A connection that is refused is an answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    // What a shutdown that fails could tell is of no use to anybody any more.
    deinit { client.shutdown { _ in } }
}
