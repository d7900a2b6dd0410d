import ClusterKit

/// Services with routes, and requests for them, drawn from a seed. It draws from few words, so that rules overlap.
struct RouteWorld {
    /// A route that must come of the tags.
    struct Expected {
        var name: String
        var priority: Int
        var rule: RouteTableRule
        var targets: [ServiceInstanceID]
        var middlewares: [Middleware]
    }

    private(set) var instances: [ServiceInstance] = []
    /// In the order in which they are to be tried.
    private(set) var expected: [Expected] = []
    /// The routers that may not be mounted.
    private(set) var broken: [String] = []
    private var entropy: Entropy

    init(seed: UInt64) {
        entropy = Entropy(seed: seed)
        for number in 0..<(1 + entropy.below(8)) { addService("service-\(number)") }
        expected.sort { left, right in
            left.priority != right.priority ? left.priority > right.priority : left.name < right.name
        }
    }

    private mutating func chance(_ percent: Int) -> Bool { entropy.below(100) < percent }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[entropy.below(list.count)] }

    private mutating func some<Element>(_ list: [Element]) -> [Element] {
        var words = [pick(list)]
        if chance(25) { words.append(pick(list)) }
        return words
    }

    // MARK: - Services

    private mutating func addService(_ name: String) {
        var tags: [String] = []
        var routers: [Expected] = []
        var wrong: [String] = []
        for number in 0..<(1 + entropy.below(3)) {
            let router = "\(name)-r\(number)"
            let rule = rule(depth: 3)
            var expectation = Expected(
                name: router, priority: rule.text.utf8.count, rule: rule, targets: [], middlewares: [])
            tags.append("traefik.http.routers.\(router).rule=\(rule.text)")
            if chance(30) {
                expectation.priority = 1 + entropy.below(3)
                tags.append("traefik.http.routers.\(router).priority=\(expectation.priority)")
            }
            if chance(30) {
                let prefixes = some(["/a", "/a/b", "/b"])
                expectation.middlewares = [.stripPrefix(prefixes)]
                tags.append("traefik.http.routers.\(router).middlewares=\(router)-strip@consulcatalog")
                tags.append(
                    "traefik.http.middlewares.\(router)-strip.stripprefix.prefixes=\(prefixes.joined(separator: ","))")
            }
            if let flaw = flaw(of: router) {
                tags.removeAll { tag in flaw.contains { tag.prefix { $0 != "=" } == $0.prefix { $0 != "=" } } }
                tags += flaw
                wrong.append(router)
            } else {
                routers.append(expectation)
            }
        }
        broken += wrong
        let targets = addInstances(of: name, tags: tags)
        expected += routers.map { router in
            var router = router
            router.targets = targets
            return router
        }
    }

    /// Tags that take a router out, for some of them.
    private mutating func flaw(of router: String) -> [String]? {
        guard chance(20) else { return nil }
        let key = "traefik.http.routers.\(router)"
        return pick([
            ["\(key).rule=Host(`a.example`"], ["\(key).rule=Hots(`a.example`)"], ["\(key).rule=HostRegexp(`(`)"],
            ["\(key).rule="], ["\(key).priority=high"], ["\(key).middlewares=nowhere"], ["\(key).service=nowhere"],
            ["\(key).colour=blue"],
            ["\(key).middlewares=\(router)-auth", "traefik.http.middlewares.\(router)-auth.basicauth.users=a:b"],
            [
                "\(key).middlewares=\(router)-loop",
                "traefik.http.middlewares.\(router)-loop.chain.middlewares=\(router)-loop",
            ],
        ])
    }

    /// Adds instances and gives those that are offered, in order.
    private mutating func addInstances(of name: String, tags: [String]) -> [ServiceInstanceID] {
        var offered: [ServiceInstanceID] = []
        for number in 0..<(1 + entropy.below(4)) {
            let allocation = entropy.identifier(of: Allocation.self)
            let health = pick([CheckHealth.passing, .passing, .warning, .critical])
            let instance = ServiceInstance(
                id: ServiceInstanceID(allocation, key: "group-web-http"), name: name, job: JobID(name),
                allocation: allocation, epoch: Epoch(1), node: entropy.identifier(), nodeName: "node-\(number)",
                nodeAddress: "10.0.0.\(number)", address: "10.0.0.\(number)", port: 1000 + entropy.below(60_000),
                tags: tags,
                checks: [
                    CheckStatus(
                        service: "group-web-http", index: 0, name: "alive", kind: "tcp", health: health,
                        since: WallTime(nanoseconds: 0))
                ])
            instances.append(instance)
            if instance.isOffered { offered.append(instance.id) }
        }
        return offered.sorted()
    }

    // MARK: - Rules and requests

    private static let hosts = ["a.example", "b.example", "c.example", "d.example"]
    private static let paths = ["/", "/a", "/a/", "/a/b", "/b", "/ab", "/a/b/c", "/b/a", "/a//b"]
    private static let methods = ["GET", "POST", "DELETE"]
    private static let names = ["X-One", "X-Two"]
    private static let values = ["1", "2"]
    private static let clients: [[UInt8]] = [[10, 0, 0, 1], [10, 1, 0, 1], [192, 168, 0, 1], [10, 0, 0, 200]]

    private mutating func rule(depth: Int) -> RouteTableRule {
        if depth > 0, chance(60) {
            switch entropy.below(5) {
            case 0: return .any(rule(depth: depth - 1), rule(depth: depth - 1))
            case 1: return .not(rule(depth: depth - 1))
            default: return .all(rule(depth: depth - 1), rule(depth: depth - 1))
            }
        }
        switch entropy.below(10) {
        case 0, 1, 2: return .host(some(Self.hosts + ["A.Example"]))
        case 3, 4: return .prefix(some(Self.paths))
        case 5: return .path(some(Self.paths))
        case 6: return .method(some(Self.methods + ["get"]))
        case 7: return .header(pick(Self.names + ["x-one"]), pick(Self.values))
        case 8: return .query(pick(["p", "q"]), pick(Self.values + [""]))
        default: return .client(Array(pick(Self.clients).prefix(1 + entropy.below(4))))
        }
    }

    mutating func request() -> RouteRequest {
        var query: [(name: String, value: String)] = []
        while chance(40), query.count < 3 { query.append((pick(["p", "q"]), pick(Self.values))) }
        var fields: [(name: String, value: String)] = []
        while chance(40), fields.count < 3 {
            fields.append((pick(Self.names + ["x-one", "X-TWO"]), pick(Self.values)))
        }
        return RouteRequest(
            method: pick(Self.methods), host: pick(Self.hosts), path: pick(Self.paths + ["/a/x", "/c", "/b/a/"]),
            query: query, fields: fields, client: pick(Self.clients))
    }
}
