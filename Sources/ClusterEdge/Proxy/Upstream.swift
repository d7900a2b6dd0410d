import ClusterKit
import NIOCore

/// One instance as an event loop knows it: its idle connections, how many are open, and whether it is passed over.
final class Upstream {
    /// What makes an instance the same one in a new table.
    typealias Key = UpstreamKey

    let key: Key
    /// Its address; `nil` when it is a name that must be resolved.
    let address: SocketAddress?
    /// What stands in `Host` where the client's is not passed on.
    let host: [UInt8]
    /// Whether the present table holds it.
    var isListed = true
    /// Connections that are open or being opened.
    var open = 0
    var avoidance = AvoidanceCore()
    /// The connection used last stands last, and is taken first.
    private(set) var idle: [UpstreamConnection] = []

    init(_ key: Key) {
        self.key = key
        address = try? SocketAddress(ipAddress: key.address, port: key.port)
        let name = key.address.contains(":") ? "[\(key.address)]" : key.address
        host = Array("\(name):\(key.port)".utf8)
    }

    /// An idle connection; one that is taken for a request that cannot be repeated must have been in use just now.
    func takeIdle(usedAfter moment: UInt64) -> UpstreamConnection? {
        guard let last = idle.last, last.idleSince >= moment else { return nil }
        return idle.removeLast()
    }

    /// Keeps a connection for the next request.
    func park(_ connection: UpstreamConnection) { idle.append(connection) }

    func forget(_ connection: UpstreamConnection) { idle.removeAll { $0 === connection } }

    /// Closes the connections that have been idle since before a moment.
    func closeIdle(before moment: UInt64) {
        guard let first = idle.first, first.idleSince < moment else { return }
        let old = idle.prefix { $0.idleSince < moment }
        idle.removeFirst(old.count)
        for connection in old { connection.close() }
    }

    func closeAllIdle() {
        let all = idle
        idle = []
        for connection in all { connection.close() }
    }
}

/// What makes an instance the same one in a new table.
struct UpstreamKey: Hashable {
    var instance: ServiceInstanceID
    var address: String
    var port: Int

    init(_ target: Route.Target) {
        instance = target.instance
        address = target.address
        port = target.port
    }
}

/// A route as an event loop serves it: with its instances at hand, and whose turn it is.
final class RouteState {
    let route: Route
    let upstreams: [Upstream]
    let counters: ServiceCounters
    private var balancer: BalancerCore

    init(_ route: Route, upstreams: [Upstream], counters: ServiceCounters) {
        self.route = route
        self.upstreams = upstreams
        self.counters = counters
        balancer = BalancerCore(weights: route.targets.map(\.weight))
    }

    /// The route anew, going on where an older state of it stood when its instances are the same.
    init(_ route: Route, following old: RouteState) {
        self.route = route
        upstreams = old.upstreams
        counters = old.counters
        balancer = old.balancer
    }

    /// The instance whose turn it is. Those that were tried are left out; those that refused a connection just now
    /// are taken only when there is no other.
    func next(at now: UInt64, tried: [Int]) -> Int? {
        let usual = balancer.next { index in
            !upstreams[index].avoidance.isAvoided(at: now) && (tried.isEmpty || !tried.contains(index))
        }
        return usual ?? balancer.next { !tried.contains($0) }
    }
}
