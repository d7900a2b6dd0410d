import HCL

/// What the tags of one instance state about routes.
struct TagSet: Sendable {
    /// `traefik.enable`; `nil` when no tag states it.
    private(set) var isEnabled: Bool?
    /// By name in lower case, as are the next two.
    private(set) var routers: [String: TagItem<RouterConfig>] = [:]
    private(set) var pools: [String: TagItem<PoolConfig>] = [:]
    private(set) var middlewares: [String: TagItem<MiddlewareConfig>] = [:]
    /// The port that takes the place of the registered one, by the name of the pool.
    private(set) var ports: [String: Int] = [:]
    /// What is wrong with tags that belong to no router, service or middleware.
    private(set) var faults: [TagRemark] = []

    init(_ tags: [String]) {
        for tag in tags {
            guard let label = TagLabel(tag) else { continue }
            read(label)
        }
    }

    /// Whether anything is stated that routes are made of.
    var statesRoutes: Bool { !routers.isEmpty || !pools.isEmpty || !middlewares.isEmpty }

    private mutating func refuse(_ label: TagLabel, _ reason: String) {
        faults.append(TagRemark(tag: label.tag, reason: reason))
    }

    private mutating func read(_ label: TagLabel) {
        guard label.parts.count > 1 else { return refuse(label, "its key is too long to be one of Traefik's") }
        switch label.parts[1] {
        case "enable" where label.parts.count == 2: readSwitch(label)
        case "http": readHTTP(label)
        case "tcp", "udp": refuse(label, "TCP and UDP routes are not served; only `traefik.http.` is")
        case "consulcatalog", "nomad", "docker": refuse(label, "options of Traefik's providers have no effect here")
        case "frontend", "backend", "port", "protocol", "weight", "tags":
            refuse(label, "this is Traefik 1; write traefik.http.routers.NAME.rule=Host(`example.org`)")
        default:
            refuse(label, "there is no `traefik.\(label.parts[1])`" + Self.near(label.parts[1], ["enable", "http"]))
        }
    }

    /// A switch that cannot be read, or that is stated both ways, is off.
    private mutating func readSwitch(_ label: TagLabel) {
        do throws(TagRefusal) {
            let isOn = try label.isOn()
            if let isEnabled, isEnabled != isOn { throw TagRefusal("it is stated both ways, which counts as false") }
            isEnabled = isOn
        } catch {
            isEnabled = false
            refuse(label, error.reason)
        }
    }

    private mutating func readHTTP(_ label: TagLabel) {
        let kinds = ["routers", "services", "middlewares"]
        guard label.parts.count > 2, kinds.contains(label.parts[2]) else {
            let found = label.parts.count > 2 ? label.parts[2] : ""
            return refuse(
                label, "`traefik.http.` goes on with \(kinds.joined(separator: ", "))" + Self.near(found, kinds))
        }
        let kind = label.parts[2].dropLast()
        guard label.parts.count > 4, Self.isName(label.name) else {
            return refuse(label, "it has to be traefik.http.\(kind)s.NAME.OPTION=VALUE, with a name of plain letters")
        }
        switch kind {
        case "router": readRouter(label)
        case "service": readPool(label)
        default: readMiddleware(label)
        }
    }

    static func near(_ name: String, _ known: [String]) -> String {
        Suggestion.nearest(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
    }

    /// Names end up in logs and metrics: visible ASCII without what has a meaning of its own.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 128 && !name.isEmpty
            && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"@\"`,{}".utf8.contains($0) }
    }
}

// MARK: - Routers

extension TagSet {
    private static let routerOptions = ["rule", "priority", "service", "middlewares", "entrypoints", "tls"]

    private mutating func readRouter(_ label: TagLabel) {
        var item = routers[label.parts[3]] ?? TagItem(name: label.name, config: RouterConfig())
        defer { routers[label.parts[3]] = item }
        guard label.statesValue || label.parts[4] == "tls" else { return item.fault(label, "it states no `=VALUE`") }
        switch label.option {
        case "rule": item.set("rule", label) { $0.rule = label.value }
        case "priority":
            item.set("priority", label) { router throws(TagRefusal) in router.priority = try label.number() }
        case "service":
            item.set("service", label) { router throws(TagRefusal) in
                router.service = try TagLabel.reference(label.value)
            }
        case "middlewares":
            item.set("middlewares", label) { router throws(TagRefusal) in
                router.middlewares = try label.list().map { word throws(TagRefusal) in try TagLabel.reference(word) }
            }
        case "entrypoints":
            item.note(label, "there is one entry point, the port of the proxy; the route is served there")
        case let option where label.parts[4] == "tls":
            if option == "tls", label.value.lowercased() == "false" { return }
            item.note(label, "the proxy ends no TLS; the route is served in clear on its one port")
        default:
            item.fault(
                label, "there is no option `\(label.option)` of a router" + Self.near(label.option, Self.routerOptions))
        }
    }
}

// MARK: - Services

extension TagSet {
    private static let poolOptions = ["server.port", "server.scheme", "passhostheader"]

    private mutating func readPool(_ label: TagLabel) {
        let name = label.parts[3]
        var item = pools[name] ?? TagItem(name: label.name, config: PoolConfig())
        defer { pools[name] = item }
        guard label.statesValue else { return item.fault(label, "it states no `=VALUE`") }
        guard label.parts[4] == "loadbalancer" else {
            return item.fault(label, "services are of the kind `loadbalancer` here, not `\(label.parts[4])`")
        }
        let option = label.parts.dropFirst(5).joined(separator: ".")
        switch option {
        case "server.port":
            var port: Int?
            item.set(option, label) { _ throws(TagRefusal) in
                let number = try label.number()
                guard (1...65_535).contains(number) else {
                    throw TagRefusal("\(number) is no port; they are 1 to 65535")
                }
                port = number
            }
            ports[name] = port
        case "server.scheme":
            item.set(option, label) { _ throws(TagRefusal) in
                guard label.value.lowercased() == "http" else {
                    throw TagRefusal("instances are spoken to in `http`, not in `\(TagLabel.shortened(label.value))`")
                }
            }
        case "passhostheader":
            item.set(option, label) { pool throws(TagRefusal) in pool.passesHost = try label.isOn() }
        case let option where option.hasPrefix("healthcheck."):
            item.note(label, "the checks of the service itself decide which instances are offered")
        case "responseforwarding.flushinterval": item.note(label, "answers are passed on as they come")
        default:
            item.fault(
                label, "there is no option `\(option)` of a load balancer here" + Self.near(option, Self.poolOptions))
        }
    }
}

// MARK: - Middlewares

extension TagSet {
    /// What Traefik has and this proxy does not: named, so that nobody looks for a misspelling.
    private static let foreignKinds: Set = [
        "addprefix", "basicauth", "buffering", "circuitbreaker", "compress", "contenttype", "digestauth", "errors",
        "forwardauth", "grpcweb", "headers", "inflightreq", "ipallowlist", "ipwhitelist", "passtlsclientcert", "plugin",
        "ratelimit", "redirectregex", "redirectscheme", "replacepath", "replacepathregex", "retry", "stripprefixregex",
    ]

    private mutating func readMiddleware(_ label: TagLabel) {
        let name = label.parts[3]
        var item = middlewares[name] ?? TagItem(name: label.name, config: MiddlewareConfig())
        defer { middlewares[name] = item }
        let kind = label.parts[4]
        guard ["stripprefix", "chain"].contains(kind) else {
            let reason =
                Self.foreignKinds.contains(kind)
                ? "the middleware `\(kind)` of Traefik is not among those of this proxy: `stripprefix` and `chain`"
                : "there is no middleware `\(kind)`" + Self.near(kind, ["stripprefix", "chain"])
            return item.fault(label, reason)
        }
        guard item.config.kind.isEmpty || item.config.kind == kind else {
            return item.fault(label, "a middleware is of one kind; this one is `\(item.config.kind)` already")
        }
        item.config.kind = kind
        guard label.statesValue else { return item.fault(label, "it states no `=VALUE`") }
        switch label.option {
        case "stripprefix.prefixes":
            item.set(label.option, label) { middleware throws(TagRefusal) in
                middleware.prefixes = try label.list()
                for prefix in middleware.prefixes { try Self.check(prefix: prefix) }
            }
        case "stripprefix.forceslash": item.set(label.option, label) { _ throws(TagRefusal) in _ = try label.isOn() }
        case "chain.middlewares":
            item.set(label.option, label) { middleware throws(TagRefusal) in
                middleware.chain = try label.list().map { word throws(TagRefusal) in try TagLabel.reference(word) }
            }
        default:
            let known = kind == "chain" ? ["middlewares"] : ["prefixes", "forceslash"]
            let option = label.parts.dropFirst(5).joined(separator: ".")
            item.fault(label, "there is no option `\(option)` of `\(kind)`" + Self.near(option, known))
        }
    }

    private static func check(prefix: String) throws(TagRefusal) {
        let shown = TagLabel.shortened(prefix)
        guard prefix.hasPrefix("/") else { throw TagRefusal("the prefix \"\(shown)\" does not begin with `/`") }
        if prefix.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || "{}?#".utf8.contains($0) }) {
            throw TagRefusal("the prefix \"\(shown)\" holds what no path does")
        }
    }
}
