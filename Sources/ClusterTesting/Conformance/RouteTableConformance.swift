public import ClusterKit

/// What every `RouteTable` must keep, checked on services and requests drawn from a seed.
///
/// ```swift
/// #expect(RouteTableConformance.violations { MyTable($0) }.isEmpty)
/// ```
///
/// `tagViolations` asks more: that the table understands Traefik's tags as a plain reading of them does.
public struct RouteTableConformance {
    private let seed: UInt64
    private let make: (ServiceCatalog) -> any RouteTable
    private let readsTags: Bool
    private var violations: [Violation] = []

    /// The promises that tables broke in `rounds` random catalogs; the detail names the seed that shows it again.
    public static func violations(
        seed: UInt64 = 1, rounds: Int = 40, making make: (ServiceCatalog) -> any RouteTable
    ) -> [Violation] {
        violations(seed: seed, rounds: rounds, readsTags: false, make)
    }

    /// The same for a table that reads Traefik's tags: it must choose what a plain reading of them chooses.
    public static func tagViolations(
        seed: UInt64 = 1, rounds: Int = 40, making make: (ServiceCatalog) -> any RouteTable
    ) -> [Violation] {
        violations(seed: seed, rounds: rounds, readsTags: true, make)
    }

    private static func violations(
        seed: UInt64, rounds: Int, readsTags: Bool, _ make: (ServiceCatalog) -> any RouteTable
    ) -> [Violation] {
        withoutActuallyEscaping(make) { make in
            var violations: [Violation] = []
            for round in 0..<max(0, rounds) {
                var one = Self(seed: seed &+ UInt64(round), make: make, readsTags: readsTags)
                one.run()
                violations += one.violations
                if violations.count >= 20 { break }
            }
            return violations
        }
    }

    private init(seed: UInt64, make: @escaping (ServiceCatalog) -> any RouteTable, readsTags: Bool) {
        self.seed = seed
        self.make = make
        self.readsTags = readsTags
    }

    private mutating func report(_ rule: String, _ detail: String) {
        violations.append(Violation(rule: rule, detail: "seed \(seed): \(detail)"))
    }

    private mutating func run() {
        var world = RouteWorld(seed: seed)
        let table = make(ServiceCatalog(instances: world.instances))
        let twin = make(ServiceCatalog(instances: world.instances.reversed()))
        checkRoutes(table, world)
        if table.routes.map(RouteFacts.init) != twin.routes.map(RouteFacts.init) {
            report("the same services give the same table", "the order of the instances changed the routes")
        }
        if readsTags { checkTags(table, world) }
        var asked: [(RouteRequest, RouteFacts?)] = []
        for _ in 0..<60 {
            let request = world.request()
            let answer = table.route(for: request.head)
            asked.append((request, answer.map(RouteFacts.init)))
            if let answer, !table.routes.contains(where: { $0 === answer }) {
                report("a route that is given is one of `routes`", "\(answer.name) for \(request)")
            }
            if twin.route(for: request.head).map(RouteFacts.init) != answer.map(RouteFacts.init) {
                report("the same request takes the same route", "two tables of one catalog differ for \(request)")
            }
            if readsTags { check(answer, request, world) }
        }
        // A table never changes: not by lookups, and not by the table that takes its place.
        let next = RouteWorld(seed: seed &+ 0x9E37)
        _ = make(ServiceCatalog(instances: next.instances)).routes
        for (request, answer) in asked where table.route(for: request.head).map(RouteFacts.init) != answer {
            report("the same request takes the same route", "asked again, the answer to \(request) is another")
        }
    }

    private mutating func checkRoutes(_ table: any RouteTable, _ world: RouteWorld) {
        let offered = Set(world.instances.filter(\.isOffered).map(\.id))
        for route in table.routes {
            for target in route.targets where !offered.contains(target.instance) {
                report("failing instances are never offered", "\(route.name) leads to \(target.instance)")
            }
            for target in route.targets where target.address.isEmpty || !(1...65_535).contains(target.port) {
                report("a target can be reached", "\(route.name) leads to \(target.address):\(target.port)")
            }
        }
        for (first, second) in zip(table.routes, table.routes.dropFirst())
        where (second.priority, first.name) > (first.priority, second.name) {
            report("routes stand in the order in which they are tried", "\(first.name) before \(second.name)")
        }
    }

    private mutating func checkTags(_ table: any RouteTable, _ world: RouteWorld) {
        let rule = "what is broken is named, mounts nothing and hides nothing else"
        let mounted = table.routes.map(\.name)
        let expected = world.expected.map(\.name)
        if mounted != expected { report(rule, "mounted \(mounted), expected \(expected)") }
        for name in world.broken where !table.problems.contains(where: { $0.router == name }) {
            report(rule, "no problem names \(name)")
        }
        for problem in table.problems where problem.reason.isEmpty || problem.tag.isEmpty || problem.services.isEmpty {
            report("a problem says what, where and why", "\(problem)")
        }
    }

    private mutating func check(_ answer: Route?, _ request: RouteRequest, _ world: RouteWorld) {
        let expected = world.expected.first { $0.rule.holds(for: request) }
        guard answer?.name == expected?.name else {
            return report(
                "the first rule that holds takes the request",
                "\(request) takes \(answer?.name ?? "none"), expected \(expected?.name ?? "none"), "
                    + "\(expected?.rule.text ?? "")")
        }
        guard let answer, let expected else { return }
        if answer.targets.map(\.instance) != expected.targets {
            report("every offered instance is a target", "\(answer.name): \(answer.targets), \(expected.targets)")
        }
        if answer.middlewares != expected.middlewares {
            report("a route has its middlewares, in order", "\(answer.name): \(answer.middlewares)")
        }
    }
}

/// What of a route can be compared.
private struct RouteFacts: Hashable {
    var name: String
    var rule: String
    var priority: Int
    var service: String
    var middlewares: [Middleware]
    var targets: [Route.Target]
    var passesHost: Bool

    init(_ route: Route) {
        name = route.name
        rule = route.rule
        priority = route.priority
        service = route.service
        middlewares = route.middlewares
        targets = route.targets
        passesHost = route.passesHost
    }
}
