import ClusterKit
import ClusterTesting
import Synchronization
import Testing

@Suite struct RouteTableConformanceTests {
    @Test func tagTableKeepsItsPromises() {
        #expect(RouteTableConformance.violations { TagRouteTable($0) } == [])
        #expect(RouteTableConformance.tagViolations(seed: 100, rounds: 150) { TagRouteTable($0) } == [])
    }

    /// A suite that finds nothing proves nothing: each of these breaks one promise.
    @Test(arguments: [
        (SpoiledTable.Fault.offersFailing, "failing instances are never offered"),
        (.ignoresPriority, "routes stand in the order in which they are tried"),
        (.takesTheLast, "the first rule that holds takes the request"),
        (.hidesProblems, "what is broken is named, mounts nothing and hides nothing else"),
        (.dropsAllForOne, "what is broken is named, mounts nothing and hides nothing else"),
        (.forgetsMiddlewares, "a route has its middlewares, in order"),
        (.dropsATarget, "every offered instance is a target"),
        (.makesRoutesUp, "a route that is given is one of `routes`"),
        (.changesItsMind, "the same request takes the same route"),
    ])
    func faultsAreFound(fault: SpoiledTable.Fault, rule: String) {
        let violations = RouteTableConformance.tagViolations(seed: 1, rounds: 20) { SpoiledTable($0, fault) }
        #expect(violations.contains { $0.rule == rule }, "\(violations.map(\.rule))")
    }
}

/// A table that is right but for one fault.
final class SpoiledTable: RouteTable {
    enum Fault: Sendable {
        case offersFailing
        case ignoresPriority
        case takesTheLast
        case hidesProblems
        case dropsAllForOne
        case forgetsMiddlewares
        case dropsATarget
        case makesRoutesUp
        case changesItsMind
    }

    let routes: [Route]
    let problems: [RouteProblem]
    private let rules: [RouteRule]
    private let fault: Fault
    private let catalog: ServiceCatalog
    private let asked = Atomic(0)

    init(_ catalog: ServiceCatalog, _ fault: Fault) {
        let table = TagRouteTable(catalog)
        self.fault = fault
        self.catalog = catalog
        problems = fault == .hidesProblems ? [] : table.problems
        var routes = table.routes.map { Self.spoil($0, fault, catalog) }
        if fault == .ignoresPriority { routes.sort { $0.name < $1.name } }
        if fault == .dropsAllForOne, !table.problems.isEmpty { routes = [] }
        self.routes = routes
        rules = routes.compactMap { try? RouteRule($0.rule) }
    }

    private static func spoil(_ route: Route, _ fault: Fault, _ catalog: ServiceCatalog) -> Route {
        var targets = route.targets
        if fault == .dropsATarget { targets = Array(targets.dropFirst()) }
        if fault == .offersFailing {
            targets = catalog.instances(of: route.service).map {
                Route.Target(instance: $0.id, address: $0.address, port: $0.port)
            }
        }
        return Route(
            name: route.name, rule: route.rule, priority: route.priority, service: route.service,
            middlewares: fault == .forgetsMiddlewares ? [] : route.middlewares, targets: targets)
    }

    func route(for head: borrowing RequestHead) -> Route? {
        var matches: [Route] = []
        for (route, rule) in zip(routes, rules) where rule.matches(head) { matches.append(route) }
        switch fault {
        case .takesTheLast: return matches.last
        case .makesRoutesUp: return matches.first.map { Self.spoil($0, fault, catalog) }
        case .changesItsMind:
            return asked.add(1, ordering: .relaxed).newValue.isMultiple(of: 7) ? nil : matches.first
        default: return matches.first
        }
    }
}
