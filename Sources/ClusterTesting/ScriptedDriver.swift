public import ClusterKit
import Synchronization

/// A driver that starts nothing: its tasks run until the test ends them, or end as their script says.
///
/// Copies share one world of tasks, so a test that lets an agent end and starts another with a copy sees what a
/// restart of an agent does to tasks that go on.
public struct ScriptedDriver: TaskDriver, TaskSignaling {
    /// How the runs of a task go, in order; the last holds for all further runs.
    public enum Script: Hashable, Sendable {
        /// Runs until it is stopped or the test ends it.
        case runs
        /// Ends at once with this code.
        case exits(code: Int)
        /// Does not start.
        case refuses(String, isRecoverable: Bool)
    }

    /// A call that the driver got.
    public enum Call: String, Hashable, Sendable {
        case start, wait, stop, remove
    }

    /// A task that was started and not yet removed.
    public struct Running: Hashable, Sendable {
        /// What was asked for.
        public var request: TaskRequest
        /// How it ended; `nil` while it runs.
        public var exit: TaskExit?
    }

    private struct Key: Hashable {
        var allocation: AllocationID
        var task: String
        var attempt: Int
    }

    private struct World {
        var scripts: [String: [Script]] = [:]
        var starts: [String: Int] = [:]
        var tasks: [Key: Running] = [:]
        var waiters: [Key: [UInt64: CheckedContinuation<TaskExit?, Never>]] = [:]
        var watchers:
            [UInt64: (condition: @Sendable ([Running]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = [:]
        var calls: [Call: Int] = [:]
        var doubles = 0
        var signals: [String] = []
        var next: UInt64 = 0
        var isHealthy = true
    }

    // A class holds the lock, because copies of the driver share it.
    private final class Shared: Sendable {
        let world = Mutex(World())
    }

    /// The name by which job files ask for it.
    public let name: String
    private let shared = Shared()
    private let time: any TimeSource

    /// Makes a driver whose tasks run until they are ended.
    public init(name: String = "raw_exec", time: any TimeSource = SystemTime()) {
        self.name = name
        self.time = time
    }

    // MARK: - What tests say and ask

    /// Says how the runs of the tasks called `task` go.
    public func script(_ task: String, _ runs: Script...) {
        shared.world.withLock { $0.scripts[task] = runs }
    }

    /// Says whether the driver is well.
    public func setHealthy(_ isHealthy: Bool) { shared.world.withLock { $0.isHealthy = isHealthy } }

    /// Ends all runs of the tasks called `task`, as if they ended by themselves. Gives how many there were.
    @discardableResult public func end(_ task: String, code: Int = 0, signal: Int = 0) -> Int {
        let exit = TaskExit(code: code, signal: signal, time: time.now().wall)
        let keys = shared.world.withLock { world in
            world.tasks.filter { $0.key.task == task && $0.value.exit == nil }.map(\.key)
        }
        for key in keys { finish(key, exit) }
        return keys.count
    }

    /// Forgets all tasks without ending them, as a machine that lost its power does.
    public func losePower() {
        let waiters = shared.world.withLock { world in
            world.tasks = [:]
            defer { world.waiters = [:] }
            return world.waiters.values.flatMap(\.values)
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }

    /// How often a call was made.
    public func count(of call: Call) -> Int { shared.world.withLock { $0.calls[call, default: 0] } }

    /// The signals that were sent to tasks, in order.
    public var signals: [String] { shared.world.withLock { $0.signals } }

    /// How often a run was started while it ran.
    public var doubleStarts: Int { shared.world.withLock { $0.doubles } }

    /// What runs, by allocation, task and attempt.
    public var running: [Running] { shared.world.withLock { Self.running(in: $0) } }

    /// Waits until what runs is as `condition` wants it.
    public func wait(until condition: @escaping @Sendable ([Running]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = shared.world.withLock { world in
                if condition(Self.running(in: world)) { return true }
                world.next += 1
                world.watchers[world.next] = (condition, continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private static func running(in world: World) -> [Running] {
        world.tasks.values.filter { $0.exit == nil }.sorted {
            ($0.request.allocation, $0.request.task, $0.request.attempt)
                < ($1.request.allocation, $1.request.task, $1.request.attempt)
        }
    }

    // MARK: - TaskDriver

    public func fingerprint() async -> DriverStatus {
        shared.world.withLock {
            $0.isHealthy
                ? DriverStatus(healthy: true) : DriverStatus(healthy: false, description: "the test made it unwell")
        }
    }

    public func start(_ request: TaskRequest) async throws -> TaskHandle {
        let key = Key(allocation: request.allocation, task: request.task, attempt: request.attempt)
        let script: Script = shared.world.withLock { world in
            world.calls[.start, default: 0] += 1
            let count = world.starts[request.task, default: 0]
            world.starts[request.task] = count + 1
            let scripts = world.scripts[request.task] ?? [.runs]
            let script = scripts.isEmpty ? .runs : scripts[min(count, scripts.count - 1)]
            if case .refuses = script { return script }
            if world.tasks[key] != nil { world.doubles += 1 }
            world.tasks[key] = Running(request: request, exit: nil)
            return script
        }
        switch script {
        case .runs: break
        case .exits(let code): finish(key, TaskExit(code: code, time: time.now().wall))
        case .refuses(let reason, let isRecoverable): throw TaskStartFailure(reason, isRecoverable: isRecoverable)
        }
        tellWatchers()
        return TaskHandle(
            driver: name, allocation: request.allocation, task: request.task, facts: ["attempt": "\(request.attempt)"])
    }

    public func wait(for handle: TaskHandle) async throws -> TaskExit {
        let key = key(of: handle)
        let number = shared.world.withLock { world in
            world.calls[.wait, default: 0] += 1
            world.next += 1
            return world.next
        }
        let lost = TaskExit(cause: .supervisorLost, time: time.now().wall)
        let exit = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<TaskExit?, Never>) in
                let known: TaskExit?? = shared.world.withLock { world in
                    guard let task = world.tasks[key] else { return lost }
                    if let exit = task.exit { return exit }
                    if Task.isCancelled { return .some(nil) }
                    world.waiters[key, default: [:]][number] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            shared.world.withLock { $0.waiters[key]?.removeValue(forKey: number) }?.resume(returning: nil)
        }
        if let exit { return exit }
        try Task.checkCancellation()
        return lost
    }

    public func stop(_ handle: TaskHandle, signal: String, grace: Duration) async throws {
        shared.world.withLock { $0.calls[.stop, default: 0] += 1 }
        finish(key(of: handle), TaskExit(signal: 2, time: time.now().wall))
    }

    public func signal(_ handle: TaskHandle, _ name: String) async throws {
        shared.world.withLock { $0.signals.append(name) }
        tellWatchers()
    }

    public func remove(_ handle: TaskHandle) async throws {
        let key = key(of: handle)
        shared.world.withLock { world in
            world.calls[.remove, default: 0] += 1
            world.tasks[key] = nil
        }
        tellWatchers()
    }

    private func key(of handle: TaskHandle) -> Key {
        Key(
            allocation: handle.allocation, task: handle.task,
            attempt: handle.facts["attempt"].flatMap { Int($0) } ?? 0)
    }

    private func finish(_ key: Key, _ exit: TaskExit) {
        let waiters = shared.world.withLock { world -> [CheckedContinuation<TaskExit?, Never>] in
            guard world.tasks[key] != nil, world.tasks[key]?.exit == nil else { return [] }
            world.tasks[key]?.exit = exit
            return (world.waiters.removeValue(forKey: key) ?? [:]).values.map { $0 }
        }
        for waiter in waiters { waiter.resume(returning: exit) }
        tellWatchers()
    }

    private func tellWatchers() {
        let ready = shared.world.withLock { world in
            let now = Self.running(in: world)
            let ready = world.watchers.filter { $0.value.condition(now) }
            for number in ready.keys { world.watchers[number] = nil }
            return ready.values.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }
}
