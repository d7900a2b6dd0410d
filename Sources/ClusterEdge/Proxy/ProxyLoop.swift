import ClusterKit
import NIOCore
import Synchronization

/// All that one event loop knows. Nothing in it is shared with another loop but the count of connections, so requests
/// take no locks.
final class ProxyLoop {
    let eventLoop: any EventLoop
    let configuration: ProxyConfiguration
    let times: TimeLimits
    let connections: ConnectionCount
    let counters = LoopCounters()

    private(set) var table: any RouteTable = EmptyTable()
    private(set) var isDraining = false
    /// The time of the last tick, in nanoseconds: enough for time limits.
    private(set) var now = NIODeadline.now().uptimeNanoseconds
    private(set) var clients: [ClientConnection] = []
    private var states: [ObjectIdentifier: RouteState] = [:]
    private var upstreams: [UpstreamKey: Upstream] = [:]
    private var ticker: RepeatedTask?

    /// Kept between requests so that reading allocates nothing.
    var scanner = RequestScanner()
    var response = ResponseScanner()
    var parts: [Range<Int>] = []
    var scratch = ByteBufferAllocator().buffer(capacity: 4096)

    init(_ eventLoop: any EventLoop, configuration: ProxyConfiguration, connections: ConnectionCount) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.connections = connections
        times = TimeLimits(configuration)
    }

    /// Begins to look at time limits.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let tick = TimeAmount(configuration.tick)
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in bound.value.tick() }
    }

    private func tick() {
        now = NIODeadline.now().uptimeNanoseconds
        // From the end: whoever is closed gives its place to the last, which was looked at already.
        for index in clients.indices.reversed() where index < clients.count {
            if clients[index].deadline < now { clients[index].timedOut() }
        }
        let oldest = now > times.upstreamIdle ? now - times.upstreamIdle : 0
        for upstream in upstreams.values { upstream.closeIdle(before: oldest) }
    }

    // MARK: - Table

    /// Serves by another table from the next request on. What is in flight ends as it began.
    func serve(_ next: any RouteTable) {
        var kept: [UpstreamKey: Upstream] = [:]
        var nextStates: [ObjectIdentifier: RouteState] = [:]
        let old = Dictionary(states.values.map { ($0.route.name, $0) }) { first, _ in first }
        for route in next.routes {
            if let state = old[route.name], state.route.targets == route.targets, state.route.service == route.service {
                for upstream in state.upstreams { kept[upstream.key] = upstream }
                nextStates[ObjectIdentifier(route)] = RouteState(route, following: state)
            } else {
                let targets = route.targets.map { upstream(for: UpstreamKey($0), among: &kept) }
                nextStates[ObjectIdentifier(route)] = RouteState(
                    route, upstreams: targets, counters: counters.service(route.service))
            }
        }
        for (key, upstream) in upstreams where kept[key] == nil {
            upstream.isListed = false
            upstream.closeAllIdle()
        }
        upstreams = kept
        states = nextStates
        table = next
        counters.serve(Set(next.routes.map(\.service)))
    }

    private func upstream(for key: UpstreamKey, among kept: inout [UpstreamKey: Upstream]) -> Upstream {
        if let known = kept[key] { return known }
        let upstream = upstreams[key] ?? Upstream(key)
        kept[key] = upstream
        return upstream
    }

    /// What is known of a route. A table that makes routes up while it is asked gets a state for that request alone.
    func state(of route: Route) -> RouteState {
        if let state = states[ObjectIdentifier(route)] { return state }
        let targets = route.targets.map { target in
            let upstream = upstreams[UpstreamKey(target)] ?? Upstream(UpstreamKey(target))
            if upstreams[upstream.key] == nil { upstream.isListed = false }
            return upstream
        }
        return RouteState(route, upstreams: targets, counters: counters.service(route.service))
    }

    // MARK: - Connections

    func add(_ client: ClientConnection) {
        client.place = clients.count
        clients.append(client)
    }

    func remove(_ client: ClientConnection) {
        guard client.place < clients.count, clients[client.place] === client else { return }
        let last = clients.removeLast()
        if last !== client {
            clients[client.place] = last
            last.place = client.place
        }
    }

    /// Takes no new requests: idle connections are closed, the others after the answer that they wait for.
    func drain() {
        isDraining = true
        for client in clients { client.drain() }
    }

    /// Closes everything.
    func stop() {
        isDraining = true
        ticker?.cancel()
        for client in clients { client.close() }
        for upstream in upstreams.values { upstream.closeAllIdle() }
    }
}

/// The table before the first.
private struct EmptyTable: RouteTable {
    func route(for head: borrowing RequestHead) -> Route? { nil }
    var routes: [Route] { [] }
    var problems: [RouteProblem] { [] }
}

/// How many clients are connected, over all loops.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
    func remove() { count.subtract(1, ordering: .relaxed) }
}

/// The configuration's times in nanoseconds.
struct TimeLimits {
    let head, keepAlive, response, body, tunnel, upstreamIdle, linger, avoidance, maximumAvoidance: UInt64

    init(_ configuration: ProxyConfiguration) {
        head = Self.nanoseconds(configuration.headTimeout)
        keepAlive = Self.nanoseconds(configuration.keepAliveTimeout)
        response = Self.nanoseconds(configuration.responseTimeout)
        body = Self.nanoseconds(configuration.bodyTimeout)
        tunnel = Self.nanoseconds(configuration.tunnelTimeout)
        upstreamIdle = Self.nanoseconds(configuration.upstreamIdleTimeout)
        linger = Self.nanoseconds(configuration.lingerTimeout)
        avoidance = Self.nanoseconds(configuration.avoidance)
        maximumAvoidance = Self.nanoseconds(configuration.maximumAvoidance)
    }

    /// At least a millisecond, at most a year.
    static func nanoseconds(_ duration: Duration) -> UInt64 {
        let capped = min(max(duration, .milliseconds(1)), .seconds(365 * 86400))
        return UInt64(clamping: capped.components.seconds * 1_000_000_000)
            + UInt64(clamping: capped.components.attoseconds / 1_000_000_000)
    }
}
