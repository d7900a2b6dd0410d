import ClusterKit
import ClusterShimCore
import ClusterTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct TaskDriverConformanceTests {
    private static func shell(_ script: String) -> [String: ConfigValue] {
        ["command": "/bin/sh", "args": ["-c", .string(script)]]
    }

    private static let tasks = TaskDriverConformance.Tasks(
        succeeding: shell("exit 0"), failing: shell("exit 42"), failureCode: 42,
        lasting: shell("trap 'exit 0' TERM; echo > local/ready; while :; do sleep 0.05; done"),
        stubborn: shell("trap '' TERM; echo > local/ready; while :; do sleep 0.05; done"),
        unstartable: ["command": "/no/such/program"], ready: "local/ready")

    private func suite(
        _ workshop: Workshop, limit: Duration = .seconds(120),
        _ make: @escaping @Sendable () async throws -> any TaskDriver
    ) -> TaskDriverConformance {
        TaskDriverConformance(
            tasks: Self.tasks, folder: workshop.folder, limit: limit,
            leftOvers: { handle in
                guard let trace = TaskTrace(facts: handle.facts) else { return ["a task without a trace"] }
                return trace.isGone ? [] : ["\(trace.facts)"]
            },
            makeDriver: make)
    }

    @Test(arguments: Workshop.Way.allCases) func theProcessDriverKeepsItsPromises(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        #expect(await suite(workshop) { try workshop.driver() }.run() == [])
    }

    @Test(arguments: Flaw.allCases) func brokenPromisesAreFound(_ flaw: Flaw) async throws {
        let workshop = try Workshop()
        // Only what never comes is waited for until the limit; all others are to be judged by what they do.
        let isWaitedFor = [.neverKills, .stopsTooEarly, .forgetsTheTimeout, .signalsTheDriver].contains(flaw)
        let violations = await suite(workshop, limit: .seconds(isWaitedFor ? 1 : 120)) {
            FlawedDriver(flaw: flaw, driver: try workshop.driver())
        }.run()
        #expect(violations.contains { $0.rule.contains(flaw.rawValue) }, "\(violations)")
        _ = try await workshop.driver().sweep(keeping: [])
    }
}

/// What a careless author gets wrong; the words stand in the promise that is broken.
enum Flaw: String, CaseIterable, Sendable {
    case losesTheCode = "exit code"
    case answersDifferently = "may be repeated and gives the same"
    case forgetsAfterRestart = "after a restart"
    case stopsTooEarly = "returns when nothing of it runs"
    case neverKills = "after the grace"
    case remembersForever = "remove cleans up"
    case knowsTheUnknown = "nothing is known of"
    case throwsSomethingElse = "throws TaskStartFailure"
    case signalsTheDriver = "a signal reaches a task"
    case killsBySignal = "ends none by itself"
    case losesTheOutput = "gives its code and its output"
    case losesTheEnvironment = "with the environment that it is given"
    case forgetsTheTimeout = "never outlives its timeout"
    case outlivesTheTask = "never outlives its task"
}

/// The process driver with one promise broken.
private struct FlawedDriver: TaskDriver, TaskSignaling, TaskExecuting {
    let flaw: Flaw
    let driver: ProcessDriver
    let token = "\(UInt64.random(in: 0 ... .max))"

    var name: String { driver.name }

    func fingerprint() async -> DriverStatus { await driver.fingerprint() }

    func start(_ request: TaskRequest) async throws -> TaskHandle {
        do {
            var handle = try await driver.start(request)
            handle.facts["token"] = token
            return handle
        } catch {
            if flaw == .throwsSomethingElse { throw ClusterError(.internal, "\(error)") }
            throw error
        }
    }

    func wait(for handle: TaskHandle) async throws -> TaskExit {
        if flaw == .forgetsAfterRestart, handle.facts["token"] != token {
            return TaskExit(cause: .supervisorLost, time: WallTime(nanoseconds: 0))
        }
        var exit = try await driver.wait(for: handle)
        switch flaw {
        case .losesTheCode: exit.code = 0
        case .answersDifferently: exit.time = WallTime(nanoseconds: .random(in: 0 ... .max))
        case .remembersForever where handle.facts["token"] != nil: exit.cause = .exited
        case .knowsTheUnknown where handle.facts.isEmpty: exit.cause = .exited
        default: break
        }
        return exit
    }

    func stop(_ handle: TaskHandle, signal: String, grace: Duration) async throws {
        switch flaw {
        case .stopsTooEarly: break
        case .neverKills:
            if grace > .seconds(1) { try await driver.stop(handle, signal: signal, grace: grace) }
        default: try await driver.stop(handle, signal: signal, grace: grace)
        }
    }

    func remove(_ handle: TaskHandle) async throws { try await driver.remove(handle) }

    func signal(_ handle: TaskHandle, _ name: String) async throws {
        switch flaw {
        case .signalsTheDriver: _ = try TaskSignal(named: name)
        case .killsBySignal: try await driver.signal(handle, TaskSignal(named: name).number == 15 ? "SIGKILL" : name)
        default: try await driver.signal(handle, name)
        }
    }

    func execute(_ command: TaskCommand, in handle: TaskHandle) async throws -> TaskExecution {
        var command = command
        if flaw == .losesTheEnvironment { command.environment = ["PATH": "/usr/bin:/bin"] }
        if flaw == .forgetsTheTimeout { command.timeout = .seconds(30) }
        do {
            var end = try await driver.execute(command, in: handle)
            if flaw == .losesTheOutput { end.output = [] }
            return end
        } catch let error as ClusterError where flaw == .outlivesTheTask && error.code == .notFound {
            return TaskExecution()
        }
    }
}
