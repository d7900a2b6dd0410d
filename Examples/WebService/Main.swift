import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A web service as a job runs it: it listens where the cluster tells it to, says whether it is well, and got a secret
/// as a file.
@main enum Main {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let port = environment["NOMAD_PORT_http"].flatMap(Int.init) else {
            print("WebService: no port; run it as a job that has a port \"http\", or set NOMAD_PORT_http")
            exit(1)
        }
        let page = Page(environment: environment)
        let address = environment["NOMAD_IP_http"] ?? "127.0.0.1"
        var logger = Logger(label: "WebService")
        logger.logLevel = .warning
        let application = Application(
            router: routes(page), configuration: .init(address: .hostname(address, port: port), serverName: "web"),
            onServerRunning: { _ in
                print("WebService: listens on \(address):\(port)")
                fflush(nil)
            }, logger: logger)
        // A polite signal lets requests that are under way end.
        try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
    }

    private static func routes(_ page: Page) -> Router<BasicRequestContext> {
        let isWell = Mutex(true)
        let router = Router()
        router.get("/") { request, _ in
            Response(
                status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: page.text(prefix: request.headers[.forwardedPrefix]))))
        }
        router.get("/health") { _, _ in
            let isWell = isWell.withLock { $0 }
            return Response(
                status: isWell ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: ByteBuffer(string: isWell ? "well\n" : "told to fail\n")))
        }
        // For trying out what the cluster does about it; a service of your own would not let everyone do this.
        router.post("/health/:state") { _, context in
            let state = context.parameters.get("state") ?? ""
            guard ["fail", "mend"].contains(state) else { throw HTTPError(.notFound) }
            isWell.withLock { $0 = state == "mend" }
            return "from now on \(state == "mend" ? "well" : "failing")\n"
        }
        return router
    }
}

/// What the service shows.
private struct Page: Sendable {
    private let instance: String
    private let node: String
    private let secret: String

    init(environment: [String: String]) {
        instance = environment["NOMAD_ALLOC_NAME"] ?? "web"
        node = environment["NOMAD_NODE_NAME"] ?? environment["HOSTNAME"] ?? "this machine"
        let path = (environment["NOMAD_SECRETS_DIR"] ?? "secrets") + "/password"
        let password = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        // Never the secret itself.
        secret = password.map { "a secret of \($0.count) characters" } ?? "no secret"
    }

    func text(prefix: String?) -> String {
        """
        <!doctype html>
        <title>\(instance)</title>
        <h1>Hello from \(instance)</h1>
        <p>Reached under \(Self.escaped(prefix ?? "/")).</p>
        <footer>It holds \(secret).</footer>

        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension HTTPField.Name {
    fileprivate static var forwardedPrefix: Self { HTTPField.Name("X-Forwarded-Prefix") ?? .via }
}
