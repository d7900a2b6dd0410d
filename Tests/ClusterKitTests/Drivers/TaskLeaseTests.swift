import ClusterKit
import Foundation
import Testing

/// The lease of a task, kept by whoever watches over it.
@Suite(.timeLimit(.minutes(10))) struct TaskLeaseTests {
    private func start(
        _ workshop: Workshop, _ script: String, for time: Duration, grace: Duration = .seconds(60)
    ) async throws -> (handle: TaskHandle, pid: Int32) {
        var request = try workshop.script(script, environment: ["PATH": "/usr/bin:/bin"])
        request.lease = TaskLease(until: SystemTime().now().uptime + time, signal: "SIGTERM", grace: grace)
        let handle = try await workshop.driver().start(request)
        #expect(try await eventually { try numbers(workshop.output(of: request)).count >= 1 })
        return (handle, try #require(try numbers(workshop.output(of: request)).first))
    }

    @Test(arguments: Workshop.Way.allCases) func endsTheTask(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let (handle, pid) = try await start(
            workshop, "trap 'exit 7' TERM; echo $$; while :; do sleep 0.05; done", for: .seconds(2))
        #expect(runs(pid))
        let exit = try await workshop.driver().wait(for: handle)
        #expect(exit.code == 7 && !runs(pid))
        try await workshop.driver().remove(handle)
    }

    @Test(arguments: Workshop.Way.allCases) func killsTheStubborn(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let (handle, pid) = try await start(
            workshop, "trap '' TERM; echo $$; while :; do sleep 1; done", for: .seconds(1), grace: .milliseconds(100))
        #expect(try await workshop.driver().wait(for: handle).signal == 9)
        #expect(!runs(pid))
        try await workshop.driver().remove(handle)
    }

    @Test(arguments: Workshop.Way.allCases) func isRenewed(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let (handle, pid) = try await start(
            workshop, "trap 'exit 7' TERM; echo $$; while :; do sleep 0.05; done", for: .seconds(2))
        let now = SystemTime().now().uptime
        try await driver.renewLease(of: handle, until: now + .seconds(3600))
        // A renewal that was overtaken takes nothing away.
        try await driver.renewLease(of: handle, until: now)
        try await Task.sleep(for: .seconds(3))
        #expect(runs(pid))
        try await driver.remove(handle)
        try await driver.renewLease(of: handle, until: now + .seconds(7200))
    }

    @Test(arguments: Workshop.Way.allCases) func letsNothingStartAfterIt(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        var request = try workshop.script("echo $$")
        request.lease = TaskLease(until: SystemTime().now().uptime, signal: "SIGTERM", grace: .zero)
        await #expect(throws: TaskStartFailure.self) { _ = try await workshop.driver().start(request) }
        #expect(try workshop.output(of: request) == "")
    }
}
