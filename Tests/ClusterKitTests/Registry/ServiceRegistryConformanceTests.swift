import ClusterTesting
import Synchronization
import Testing

@testable import ClusterKit

@Suite(.timeLimit(.minutes(10))) struct ServiceRegistryConformanceTests {
    @Test func theStoreRegistryKeepsItsPromises() async {
        let violations = await ServiceRegistryConformance(limit: .seconds(120)) { try await StoredWorld() }.run()
        #expect(violations == [])
    }

    @Test(arguments: RegistryFlaw.allCases) func brokenPromisesAreFound(_ flaw: RegistryFlaw) async {
        let suite = ServiceRegistryConformance(limit: .milliseconds(500)) { FlawedWorld(flaw, try await StoredWorld()) }
        let violations = await suite.run()
        #expect(violations.contains { $0.rule.contains(flaw.rawValue) }, "\(violations)")
    }
}

/// What a careless author gets wrong; the words stand in the promise that is broken.
enum RegistryFlaw: String, CaseIterable, Sendable {
    case keepsTheDead = "only while its allocation runs"
    case offersTheFailing = "never offered"
    case believesOldLeaders = "older epoch"
    case forgetsOnError = "never becomes an empty catalog"
    case beginsEmpty = "gives the present first"
    case missesTheLast = "leaves no last state out"
}

/// A store with one node and a job for each set of services, whose allocations the suite starts and ends.
private final class StoredWorld: ServiceRegistryWorld {
    let store = MemoryStore()
    let registry: any ServiceRegistry
    private let state: Mutex<(epoch: Epoch, head: Snapshot)>
    private static let node = Node(id: NodeID(high: 9, low: 9), name: "n", address: "10.0.0.1", capacity: Resources())

    init() async throws {
        registry = StoreRegistry(store: store)
        let (epoch, head) = try await store.lead(as: ServerID("one"))
        state = Mutex((epoch, head))
        try await write([.putNode(Self.node)])
    }

    private func write(_ changes: [Change], under old: Epoch? = nil) async throws {
        let (batch, head) = state.withLock { state in
            let batch = ChangeBatch(
                revision: state.head.revision.next, epoch: old ?? state.epoch, time: WallTime(nanoseconds: 1),
                changes: changes)
            var head = state.head
            head.apply(batch)
            return (batch, head)
        }
        try await store.append([batch], head: head)
        state.withLock { $0.head = head }
    }

    private func changes(
        _ id: AllocationID, _ services: [String], _ health: CheckHealth, isRunning: Bool = true
    ) -> [Change] {
        let check = CheckSpec(name: "c", kind: "tcp", interval: .seconds(1), timeout: .seconds(1))
        let specs = services.map { ServiceSpec(name: $0, checks: [check]) }
        let group = TaskGroup(name: "g", tasks: [TaskSpec(name: "t")], services: specs)
        let job = Job(id: JobID("job-\(id.short)-\(id)"), groups: [group])
        var allocation = Allocation(
            id: id, job: job.id, jobVersion: 0, group: "g", index: 0, node: Self.node.id,
            evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: WallTime(nanoseconds: 0))
        allocation.client = .running
        allocation.desired = isRunning ? .run : .stop
        var task = TaskState()
        task.phase = .running
        allocation.tasks = ["t": task]
        allocation.checks = group.placedServices.map {
            CheckStatus(
                service: $0.key, index: 0, name: "c", kind: "tcp", health: health, since: WallTime(nanoseconds: 0))
        }
        return [
            .putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0))), .putAllocation(allocation),
        ]
    }

    func run(_ allocation: AllocationID, services: [String], health: CheckHealth) async throws {
        try await write(changes(allocation, services, health))
    }

    func end(_ allocation: AllocationID) async throws {
        let (known, head) = state.withLock { ($0.head.allocations[allocation], $0.head) }
        let services = known.map { head.instances(of: $0).map(\.name) } ?? []
        try await write(changes(allocation, services, .passing, isRunning: false))
    }

    func runUnderOlderEpoch(_ allocation: AllocationID, services: [String]) async throws {
        let old = state.withLock(\.epoch)
        let (epoch, _) = try await store.lead(as: ServerID("two"))
        state.withLock { $0.epoch = epoch }
        try await write(changes(allocation, services, .passing), under: old)
    }

    func breakOff() async { await store.close() }
}

/// The stored world behind a registry with one promise broken.
private final class FlawedWorld: ServiceRegistryWorld, ServiceRegistry {
    private let flaw: RegistryFlaw
    private let world: StoredWorld
    private let seen = Mutex<[ServiceInstanceID: ServiceInstance]>([:])
    private let isBroken = Mutex(false)

    init(_ flaw: RegistryFlaw, _ world: StoredWorld) {
        self.flaw = flaw
        self.world = world
    }

    var registry: any ServiceRegistry { self }

    var catalog: ServiceCatalog {
        let catalog = world.registry.catalog
        let present = catalog.names.flatMap(catalog.instances)
        switch flaw {
        case .keepsTheDead, .believesOldLeaders:
            let all = seen.withLock { seen in
                for instance in present { seen[instance.id] = instance }
                let isDead = flaw == .keepsTheDead || isBroken.withLock(\.self)
                return isDead ? Array(seen.values) : present
            }
            return ServiceCatalog(instances: all)
        case .offersTheFailing:
            return ServiceCatalog(
                instances: present.map { instance in
                    var instance = instance
                    instance.checks = []
                    return instance
                })
        case .forgetsOnError: return isBroken.withLock(\.self) ? ServiceCatalog() : catalog
        case .beginsEmpty, .missesTheLast: return catalog
        }
    }

    func follow(_ use: (ServiceCatalog) async -> Void) async {
        if flaw == .beginsEmpty { await use(ServiceCatalog()) }
        var isFirst = true
        await world.registry.follow { catalog in
            if flaw == .missesTheLast, !isFirst { return }
            isFirst = false
            await use(catalog)
        }
    }

    func run(_ allocation: AllocationID, services: [String], health: CheckHealth) async throws {
        try await world.run(allocation, services: services, health: health)
        _ = catalog
    }

    func end(_ allocation: AllocationID) async throws { try await world.end(allocation) }

    func runUnderOlderEpoch(_ allocation: AllocationID, services: [String]) async throws {
        isBroken.withLock { $0 = true }
        try await world.runUnderOlderEpoch(allocation, services: services)
    }

    func breakOff() async {
        isBroken.withLock { $0 = true }
        await world.breakOff()
    }
}
