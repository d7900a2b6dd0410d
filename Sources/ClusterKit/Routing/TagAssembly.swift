/// Puts together what the tags of all instances state.
struct TagAssembly {
    /// A route and what it asks of requests.
    struct Mounted {
        var route: Route
        var condition: RouteCondition
    }

    let options: TagRouteTable.Options
    private(set) var mounted: [Mounted] = []
    private(set) var notes: Set<RouteNote> = []
    private var faults: [Fault: Set<String>] = [:]

    private(set) var routers = TagCollection<RouterConfig>()
    private(set) var pools = TagCollection<PoolConfig>()
    private(set) var middlewares = TagCollection<MiddlewareConfig>()
    /// Where requests may go, by the name of the pool.
    private var targets: [String: [Route.Target]] = [:]
    /// The pools of which some instance, offered or not, can be reached.
    private var reachable: Set<String> = []

    private struct Fault: Hashable {
        var router: String
        var remark: TagRemark
    }

    init(options: TagRouteTable.Options) { self.options = options }

    var problems: [RouteProblem] {
        faults.map { fault, services in
            RouteProblem(
                router: fault.router, tag: fault.remark.tag, services: services.sorted(), reason: fault.remark.reason)
        }
    }

    mutating func report(_ remarks: [TagRemark], of router: String, services: [String]) {
        for remark in remarks { faults[Fault(router: router, remark: remark), default: []].formUnion(services) }
    }

    // MARK: - Reading

    mutating func read(_ catalog: ServiceCatalog) {
        let names = catalog.names
        var newest: [AllocationID: Epoch] = [:]
        for name in names {
            for instance in catalog.instances(of: name) {
                newest[instance.allocation] = max(newest[instance.allocation] ?? .zero, instance.epoch)
            }
        }
        for name in names {
            var last: (tags: [String], set: TagSet)?
            for instance in catalog.instances(of: name) where instance.epoch == newest[instance.allocation] {
                let set = last?.tags == instance.tags ? last?.set ?? TagSet([]) : TagSet(instance.tags)
                last = (instance.tags, set)
                read(instance, set)
            }
        }
    }

    private mutating func read(_ instance: ServiceInstance, _ tags: TagSet) {
        for remark in tags.faults {
            let key = remark.tag.prefix { $0 != "=" }
            report([remark], of: String(key), services: [instance.name])
        }
        guard tags.isEnabled ?? (tags.statesRoutes || options.exposedByDefault) else { return }
        for (name, item) in tags.middlewares {
            middlewares.add(item, as: name, of: instance.name, isOffered: instance.isOffered)
        }
        let standard = Self.normalized(instance.name)
        var own = tags.pools
        if own.isEmpty {
            let config = PoolConfig(origin: instance.name)
            own[standard.lowercased()] = TagItem(name: instance.name, config: config)
        }
        for (name, item) in own {
            pools.add(item, as: name, of: instance.name, isOffered: instance.isOffered)
            add(instance, to: name, port: tags.ports[name] ?? instance.port)
        }
        var stated = tags.routers
        if stated.isEmpty, tags.isEnabled == true || options.exposedByDefault {
            var item = TagItem(name: standard, config: RouterConfig())
            if tags.isEnabled == true { item.tags["rule"] = "traefik.enable=true" }
            stated[standard.lowercased()] = item
        }
        for (name, var item) in stated {
            complete(&item, of: instance, standard: standard, pools: own)
            routers.add(item, as: name, of: instance.name, isOffered: instance.isOffered)
        }
    }

    /// Adds what a router does not state and what follows from its instance.
    private func complete(
        _ item: inout TagItem<RouterConfig>, of instance: ServiceInstance, standard: String,
        pools: [String: TagItem<PoolConfig>]
    ) {
        if item.config.rule == nil {
            let domain = options.defaultDomain.isEmpty ? "" : ".\(options.defaultDomain)"
            item.config.rule = "Host(`\(standard)\(domain)`)"
        }
        guard item.config.service == nil else { return }
        item.config.service = pools.count == 1 ? pools.keys.first : nil
        if item.config.service == nil {
            let tag = item.tags["rule"] ?? item.tags.values.min() ?? item.name
            let names = pools.values.map(\.name).sorted().joined(separator: ", ")
            let reason = "the tags state several services: say with traefik.http.routers.\(item.name).service which of"
            item.faults.append(TagRemark(tag: tag, reason: "\(reason) \(names) it leads to"))
        }
    }

    private mutating func add(_ instance: ServiceInstance, to pool: String, port: Int) {
        guard (1...65_535).contains(port), !instance.address.isEmpty else { return }
        reachable.insert(pool)
        guard instance.isOffered else { return }
        targets[pool, default: []].append(
            Route.Target(instance: instance.id, address: instance.address, port: port))
    }

    /// A name as Traefik makes one for routers and hosts: letters and digits, all else is one hyphen.
    private static func normalized(_ name: String) -> String {
        name.split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }

    // MARK: - Mounting

    /// Makes a route of every router that can be one, and reports the others.
    mutating func mountAll() {
        var used: Set<String> = []
        for name in routers.names {
            guard let verdict = routers.verdict(on: name) else { continue }
            note(verdict.notes, of: verdict.item.name)
            mount(verdict, &used)
        }
        for name in pools.names {
            guard let verdict = pools.verdict(on: name) else { continue }
            note(verdict.notes, of: verdict.item.name)
        }
        // A broken middleware that no router names takes nothing out; its author wants to know all the same.
        for name in middlewares.names where !used.contains(name) {
            guard let verdict = middlewares.verdict(on: name) else { continue }
            for remark in verdict.faults {
                report([remark], of: String(remark.tag.prefix { $0 != "=" }), services: verdict.services)
            }
        }
    }

    private mutating func note(_ remarks: [TagRemark], of name: String) {
        for remark in remarks { notes.insert(RouteNote(name: name, tag: remark.tag, reason: remark.reason)) }
    }

    private mutating func mount(_ router: TagCollection<RouterConfig>.Verdict, _ used: inout Set<String>) {
        let item = router.item
        var remarks = router.faults
        let chain = TagChain(item, in: middlewares)
        used.formUnion(chain.used)
        remarks += chain.faults
        let text = item.config.rule ?? ""
        let ruleTag = item.tags["rule"] ?? "traefik.http.routers.\(item.name).rule=\(TagLabel.shortened(text))"
        let pool = pool(of: item, tag: item.tags["service"] ?? ruleTag, &remarks)
        let rule: RouteRule
        do throws(RouteRuleError) {
            rule = try RouteRule(text)
        } catch {
            remarks.append(TagRemark(tag: ruleTag, reason: "\(error)"))
            return report(remarks, of: item.name, services: router.services)
        }
        guard let pool, remarks.isEmpty else { return report(remarks, of: item.name, services: router.services) }
        let stated = item.config.priority
        let route = Route(
            name: item.name, rule: text, priority: stated > 0 ? stated : text.utf8.count, service: pool.item.name,
            middlewares: chain.middlewares, targets: targets(of: item.config.service ?? ""),
            passesHost: pool.item.config.passesHost)
        mounted.append(Mounted(route: route, condition: rule.condition))
    }

    /// The service that a router leads to.
    private func pool(
        of router: TagItem<RouterConfig>, tag: String, _ remarks: inout [TagRemark]
    ) -> TagCollection<PoolConfig>.Verdict? {
        guard let name = router.config.service else { return nil }
        guard let verdict = pools.verdict(on: name) else {
            let near = TagSet.near(name, pools.names)
            remarks.append(TagRemark(tag: tag, reason: "there is no service `\(name)` in any tag\(near)"))
            return nil
        }
        remarks += verdict.faults
        if !reachable.contains(name) {
            let who = verdict.services.joined(separator: ", ")
            let reason = "no instance of \(who) has a port; give the service block a port that the group has"
            remarks.append(TagRemark(tag: tag, reason: reason))
        }
        return verdict
    }

    /// In the order of the instances; two services of one task that share a port count once.
    private func targets(of pool: String) -> [Route.Target] {
        struct Endpoint: Hashable {
            var address: String
            var port: Int
        }
        var seen: Set<Endpoint> = []
        return (targets[pool] ?? []).sorted { $0.instance < $1.instance }.filter {
            seen.insert(Endpoint(address: $0.address, port: $0.port)).inserted
        }
    }
}
