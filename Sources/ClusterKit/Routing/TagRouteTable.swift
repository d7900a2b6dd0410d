/// Routes as the tags of services state them, in the words of Traefik 2.
///
/// ```swift
/// let table = TagRouteTable(registry.catalog)
/// table.route(for: head)?.targets
/// ```
///
/// The table is made anew from each catalog and never changes. What is wrong with a router, with a middleware that it
/// names or with the service that it leads to takes that router out, and only it: `problems` says why. A lookup reads
/// contiguous memory; it makes nothing new and waits for nobody.
public struct TagRouteTable: RouteTable {
    /// How tags are read.
    public struct Options: Sendable {
        /// Whether a service without any tag for it gets a route under its name, as is the default of Traefik.
        public var exposedByDefault = false
        /// What stands behind the service's name in the rule of a router that states none: `example.org` makes it
        /// ``Host(`web.example.org`)``. Empty for the name alone.
        public var defaultDomain = ""

        /// The standard: a service is exposed by a tag, under its name alone.
        public init() {}
    }

    public let routes: [Route]
    public let problems: [RouteProblem]
    /// What is accepted and has no effect here, such as entry points and TLS.
    public let notes: [RouteNote]
    private let index: RouteIndex

    /// Makes the routes of a catalog.
    public init(_ catalog: ServiceCatalog, options: Options = Options()) {
        var assembly = TagAssembly(options: options)
        assembly.read(catalog)
        assembly.mountAll()
        let mounted = assembly.mounted.sorted { left, right in
            if left.route.priority != right.route.priority { return left.route.priority > right.route.priority }
            return left.route.name < right.route.name
        }
        routes = mounted.map(\.route)
        index = RouteIndex(mounted.map(\.condition))
        problems = assembly.problems.sorted { ($0.router, $0.tag, $0.reason) < ($1.router, $1.tag, $1.reason) }
        notes = assembly.notes.sorted { ($0.name, $0.tag) < ($1.name, $1.tag) }
    }

    public func route(for head: borrowing RequestHead) -> Route? {
        guard let place = index.firstRule(for: head) else { return nil }
        return routes[place]
    }
}

/// A tag that is accepted and has no effect.
public struct RouteNote: Hashable, Sendable, CustomStringConvertible {
    /// The router or the service of the tag.
    public var name: String
    /// The tag, wholly.
    public var tag: String
    /// What becomes of it.
    public var reason: String

    /// States what becomes of a tag.
    public init(name: String, tag: String, reason: String) {
        self.name = name
        self.tag = tag
        self.reason = reason
    }

    public var description: String { "\(name): \(reason), in tag \"\(tag)\"" }
}
