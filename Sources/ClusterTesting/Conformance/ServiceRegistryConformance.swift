public import ClusterKit
import Synchronization

/// The cluster that a registry under test shows: the suite changes it and looks at what the registry makes of that.
/// Every change is seen by the registry when the call returns.
public protocol ServiceRegistryWorld: Sendable {
    /// The registry under test.
    var registry: any ServiceRegistry { get }

    /// Lets an allocation run with one instance of each of `services`, all of this health.
    func run(_ allocation: AllocationID, services: [String], health: CheckHealth) async throws

    /// Ends an allocation.
    func end(_ allocation: AllocationID) async throws

    /// Has a leader that is no longer one say that an allocation runs. Whether that throws is up to the world.
    func runUnderOlderEpoch(_ allocation: AllocationID, services: [String]) async throws

    /// Cuts the registry off from what it learns of the cluster, or takes it away altogether.
    func breakOff() async
}

/// Checks the promises that `ServiceRegistry` states, for whoever writes one. One whose `follow` never ends keeps
/// the suite waiting: give its test a time limit.
public struct ServiceRegistryConformance: Sendable {
    private let limit: Duration
    private let makeWorld: @Sendable () async throws -> any ServiceRegistryWorld

    private static let first = AllocationID(high: 1, low: 1)
    private static let second = AllocationID(high: 1, low: 2)

    /// Prepares a run; `makeWorld` makes an empty cluster. No step may take longer than `limit`.
    public init(
        limit: Duration = .seconds(10), makeWorld: @escaping @Sendable () async throws -> any ServiceRegistryWorld
    ) {
        self.limit = limit
        self.makeWorld = makeWorld
    }

    /// Runs all checks, each in a world of its own, and returns the promises that were broken.
    public func run() async -> [Violation] {
        let checks: [(String, @Sendable (any ServiceRegistryWorld) async throws -> [String])] = [
            ("an instance is in it only while its allocation runs", whileItRuns),
            ("an instance that fails is never offered", failingIsNotOffered),
            ("what leaves with an allocation leaves together", leavesTogether),
            ("an older epoch changes nothing", olderEpoch),
            ("an error never becomes an empty catalog", errorIsNotEmpty),
            ("follow gives the present first", presentFirst),
            ("follow leaves no last state out", lastState),
            ("follow ends with its task", endsWithTask),
        ]
        var violations: [Violation] = []
        for (rule, check) in checks {
            do {
                let details = try await check(try await makeWorld())
                violations += details.map { Violation(rule: rule, detail: $0) }
            } catch {
                violations.append(Violation(rule: rule, detail: "threw \(error)"))
            }
        }
        return violations
    }

    // MARK: - What is known

    private func whileItRuns(_ world: any ServiceRegistryWorld) async throws -> [String] {
        var found: [String] = []
        func expect(_ wanted: [AllocationID], _ moment: String) {
            let seen = world.registry.catalog.instances(of: "web").map(\.allocation).sorted()
            if seen != wanted { found.append("\(moment): \(seen.map(\.short)), not \(wanted.map(\.short))") }
        }
        expect([], "at first")
        try await world.run(Self.first, services: ["web"], health: .passing)
        expect([Self.first], "after a start")
        try await world.run(Self.second, services: ["web"], health: .passing)
        expect([Self.first, Self.second], "after two")
        try await world.end(Self.first)
        expect([Self.second], "after an end")
        try await world.end(Self.second)
        expect([], "after both ends")
        if world.registry.catalog.names.contains("web") {
            found.append("the name of a service without instances stays")
        }
        return found
    }

    private func failingIsNotOffered(_ world: any ServiceRegistryWorld) async throws -> [String] {
        var found: [String] = []
        for health in [CheckHealth.passing, .critical, .warning, .critical, .passing] {
            try await world.run(Self.first, services: ["web"], health: health)
            let catalog = world.registry.catalog
            if catalog.instances(of: "web").first?.health != health { found.append("\(health.rawValue) is not seen") }
            let isOffered = !catalog.offered("web").isEmpty
            if isOffered != (health > .critical) {
                found.append("an instance that is \(health.rawValue) is \(isOffered ? "" : "not ")offered")
            }
        }
        return found
    }

    private func leavesTogether(_ world: any ServiceRegistryWorld) async throws -> [String] {
        let counts = Mutex<[Int]>([])
        try await following(world.registry) { catalog in
            counts.withLock { $0.append(["a", "b"].count { !catalog.instances(of: $0).isEmpty }) }
        } while: {
            for _ in 0..<5 {
                try await world.run(Self.first, services: ["a", "b"], health: .passing)
                try await world.end(Self.first)
            }
        }
        return counts.withLock(\.self).contains(1) ? ["one of two services of an allocation was seen alone"] : []
    }

    private func olderEpoch(_ world: any ServiceRegistryWorld) async throws -> [String] {
        try await world.run(Self.first, services: ["web"], health: .passing)
        try await world.end(Self.first)
        // Refusing is as good as ignoring.
        try? await world.runUnderOlderEpoch(Self.first, services: ["web"])
        return world.registry.catalog.instances(of: "web").isEmpty ? [] : ["an instance came back from an older epoch"]
    }

    private func errorIsNotEmpty(_ world: any ServiceRegistryWorld) async throws -> [String] {
        try await world.run(Self.first, services: ["web"], health: .passing)
        let smallest = Mutex(Int.max)
        try await following(world.registry) { catalog in
            smallest.withLock { $0 = min($0, catalog.instances(of: "web").count) }
        } while: {
            try await until { smallest.withLock { $0 != .max } }
            await world.breakOff()
            try await Task.sleep(for: .milliseconds(50))
        }
        var found: [String] = []
        if world.registry.catalog.instances(of: "web").isEmpty { found.append("the catalog is empty after a failure") }
        if smallest.withLock({ $0 == 0 }) { found.append("followers were given an empty catalog after a failure") }
        return found
    }

    // MARK: - Following

    private func presentFirst(_ world: any ServiceRegistryWorld) async throws -> [String] {
        try await world.run(Self.first, services: ["web"], health: .passing)
        let first = Mutex<Int?>(nil)
        try await following(world.registry) { catalog in
            first.withLock { $0 = $0 ?? catalog.instances(of: "web").count }
        } while: {
            try await until { first.withLock { $0 != nil } }
        }
        return switch first.withLock(\.self) {
        case 1: []
        case nil: ["no catalog came within \(limit)"]
        case let count?: ["the first catalog had \(count) instances of 1"]
        }
    }

    private func lastState(_ world: any ServiceRegistryWorld) async throws -> [String] {
        let last = Mutex<CheckHealth?>(nil)
        try await world.run(Self.first, services: ["web"], health: .passing)
        try await following(world.registry) { catalog in
            // Slower than the changes come.
            try? await Task.sleep(for: .milliseconds(20))
            last.withLock { $0 = catalog.instances(of: "web").first?.health }
        } while: {
            // What changes before anybody follows is the present, not the last state.
            try await until { last.withLock { $0 != nil } }
            for health in [CheckHealth.critical, .passing, .warning, .passing, .critical, .warning] {
                try await world.run(Self.first, services: ["web"], health: health)
            }
            try await until { last.withLock { $0 == .warning } }
        }
        let seen = last.withLock(\.self)
        return seen == .warning ? [] : ["the last state that came was \(seen?.rawValue ?? "none"), not warning"]
    }

    private func endsWithTask(_ world: any ServiceRegistryWorld) async throws -> [String] {
        let registry = world.registry
        let start = ContinuousClock.now
        let ended: Void? = await firstAnswer(within: .milliseconds(50)) { await registry.follow { _ in } }
        if ended != nil { return ["it ended although nothing was over"] }
        return ContinuousClock.now - start > limit ? ["it goes on after its task was canceled"] : []
    }

    /// Follows for as long as `change` is at work.
    private func following(
        _ registry: any ServiceRegistry, _ use: @escaping @Sendable (ServiceCatalog) async -> Void,
        while change: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await registry.follow(use) }
            try await change()
            group.cancelAll()
        }
    }

    /// Waits for something, no longer than `limit`.
    private func until(_ holds: () -> Bool) async throws {
        let start = ContinuousClock.now
        while !holds(), ContinuousClock.now - start < limit { try await Task.sleep(for: .milliseconds(2)) }
    }
}
