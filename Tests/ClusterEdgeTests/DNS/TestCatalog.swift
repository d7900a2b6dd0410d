import ClusterKit
import Synchronization

@testable import ClusterEdge

/// An instance as tests write it.
func instance(
    _ name: String, _ number: Int, node: String = "node1", datacenter: String = "dc1", nodeAddress: String = "10.0.0.1",
    address: String? = nil, port: Int = 8080, tags: [String] = [], health: CheckHealth = .passing
) -> ServiceInstance {
    let allocation = AllocationID(high: UInt64(number), low: UInt64(truncatingIfNeeded: name.hashValue))
    let check = CheckStatus(
        service: name, index: 0, name: "check", kind: "http", health: health, since: WallTime(nanoseconds: 0))
    return ServiceInstance(
        id: ServiceInstanceID("\(name)-\(1000 + number)"), name: name, job: JobID(name), allocation: allocation,
        epoch: Epoch(1), node: NodeID(high: 0, low: 1), nodeName: node, datacenter: datacenter,
        nodeAddress: nodeAddress, address: address ?? nodeAddress, port: port, tags: tags, checks: [check])
}

/// A machine as tests write it.
func host(
    _ name: String, _ address: String, datacenter: String = "dc1", meta: [String: String] = [:]
) -> ServiceCatalog.Host {
    ServiceCatalog.Host(
        id: NodeID(high: 1, low: UInt64(truncatingIfNeeded: (name + datacenter).hashValue)), name: name,
        address: address, datacenter: datacenter, meta: meta)
}

extension DNSZone {
    /// The zone of a catalog.
    static func of(
        _ instances: [ServiceInstance], hosts: [ServiceCatalog.Host] = [],
        configuration: DNSConfiguration = DNSConfiguration()
    ) -> DNSZone? {
        var builder = DNSZoneBuilder(configuration)
        return builder?.zone(of: ServiceCatalog(instances: instances, hosts: hosts))
    }

    /// What is sent for these bytes; `nil` for silence.
    func bytes(for query: [UInt8], over transport: DNSTransport = .udp, turn: UInt64 = 0) -> [UInt8]? {
        // Just as much memory as the server gives, so that a byte too much is found.
        let limit = transport == .udp ? DNSTransport.datagramLimit : DNSTransport.streamLimit
        var memory = [UInt8](repeating: 0xee, count: limit)
        let outcome = query.withUnsafeBytes { query in
            memory.withUnsafeMutableBytes { answer(query, over: transport, turn: turn, into: $0) }
        }
        return outcome.length == 0 ? nil : Array(memory.prefix(outcome.length))
    }

    /// What a client reads; `nil` for silence or for bytes that are no message.
    func reply(to query: TestQuery, over transport: DNSTransport = .udp, turn: UInt64 = 0) -> TestAnswer? {
        bytes(for: query.bytes, over: transport, turn: turn).flatMap { TestAnswer($0) }
    }
}

/// A registry whose catalogs a test chooses.
final class ScriptedRegistry: ServiceRegistry {
    private struct State {
        var catalog = ServiceCatalog()
        var followers: [AsyncStream<(ServiceCatalog, CheckedContinuation<Void, Never>?)>.Continuation] = []
        var hasBegun = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        mutating func take() -> [CheckedContinuation<Void, Never>] {
            hasBegun = true
            defer { waiting = [] }
            return waiting
        }
    }

    private let state = Mutex(State())
    private let isSilent: Bool

    /// Starts with a catalog; without one it says nothing to who follows.
    init(_ catalog: ServiceCatalog?) {
        isSilent = catalog == nil
        state.withLock { $0.catalog = catalog ?? ServiceCatalog() }
    }

    var catalog: ServiceCatalog { state.withLock(\.catalog) }

    func follow(_ use: (ServiceCatalog) async -> Void) async {
        let (stream, continuation) = AsyncStream<(ServiceCatalog, CheckedContinuation<Void, Never>?)>.makeStream()
        let first = state.withLock { state in
            state.followers.append(continuation)
            return state.catalog
        }
        if !isSilent { await use(first) }
        for waiter in state.withLock({ $0.take() }) { waiter.resume() }
        for await (catalog, done) in stream {
            await use(catalog)
            done?.resume()
        }
    }

    /// Returns when somebody follows and has taken the first catalog.
    func isFollowed() async {
        await withCheckedContinuation { waiter in
            let isDue = state.withLock { state in
                if !state.hasBegun { state.waiting.append(waiter) }
                return state.hasBegun
            }
            if isDue { waiter.resume() }
        }
    }

    /// Publishes a catalog; returns when who follows has taken it.
    func publish(_ catalog: ServiceCatalog) async {
        let followers = state.withLock { state in
            state.catalog = catalog
            return state.followers
        }
        for follower in followers {
            await withCheckedContinuation { done in follower.yield((catalog, done)) }
        }
    }
}
