/// Who serves a request: a pure lookup on an immutable table. When services change, another table takes its place
/// wholly.
///
/// A conformer's promises: the same request always gives the same route; a route offers no instance whose checks fail;
/// what cannot be understood mounts nothing and is named in `problems`, and everything else is served.
public protocol RouteTable: Sendable {
    /// The route that a request takes; `nil` when none is meant for it. Takes no locks and does not wait.
    func route(for head: borrowing RequestHead) -> Route?

    /// All routes, in the order in which they are tried.
    var routes: [Route] { get }

    /// What could not be mounted, and why.
    var problems: [RouteProblem] { get }
}

/// One way from requests to the instances that serve them. Immutable, and shared by all who take it.
public final class Route: Sendable {
    /// The router's name as the tags state it.
    public let name: String
    /// The rule as the tags state it.
    public let rule: String
    /// Which route is tried first: the larger number, then the name.
    public let priority: Int
    /// The service that its instances are of.
    public let service: String
    /// What is done to a request on its way, in order.
    public let middlewares: [Middleware]
    /// Where requests may go: instances that pass or warn. Empty when there are none just now.
    public let targets: [Target]
    /// Whether the host that the client named is passed on.
    public let passesHost: Bool
    /// The middlewares, made ready.
    let steps: [RewriteStep]

    /// Makes a route.
    public init(
        name: String, rule: String, priority: Int, service: String, middlewares: [Middleware], targets: [Target],
        passesHost: Bool = true
    ) {
        self.name = name
        self.rule = rule
        self.priority = priority
        self.service = service
        self.middlewares = middlewares
        self.targets = targets
        self.passesHost = passesHost
        steps = middlewares.map(RewriteStep.init)
    }

    /// One instance that requests may be sent to.
    public struct Target: Hashable, Sendable {
        /// The instance.
        public var instance: ServiceInstanceID
        /// Its address.
        public var address: String
        /// Its port.
        public var port: Int
        /// Its share among the others.
        public var weight: Int

        /// States where an instance is.
        public init(instance: ServiceInstanceID, address: String, port: Int, weight: Int = 1) {
            self.instance = instance
            self.address = address
            self.port = port
            self.weight = weight
        }
    }
}

/// What is done to a request between its route and the instance.
public enum Middleware: Hashable, Sendable {
    /// The first of these prefixes that the path begins with is taken off, and told in `X-Forwarded-Prefix`.
    case stripPrefix([String])
}

/// Something in the tags of a service that mounts nothing.
public struct RouteProblem: Hashable, Sendable, CustomStringConvertible {
    /// The router, or the tag's own name when there is none.
    public var router: String
    /// The tag at fault, wholly.
    public var tag: String
    /// The services whose instances carry it.
    public var services: [String]
    /// What is wrong and what to do.
    public var reason: String

    /// States what is wrong with a tag.
    public init(router: String, tag: String, services: [String], reason: String) {
        self.router = router
        self.tag = tag
        self.services = services
        self.reason = reason
    }

    public var description: String {
        router.hasPrefix("traefik.")
            ? "the tag \"\(tag)\" has no effect: \(reason)"
            : "router \(router) is not mounted: \(reason), in tag \"\(tag)\""
    }
}
