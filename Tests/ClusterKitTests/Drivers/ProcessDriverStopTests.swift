import ClusterKit
import ClusterShimCore
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProcessDriverStopTests {
    /// A process of another session whose parent ended: what a daemon does to get away.
    private static let runaway = "(setsid sh -c 'trap \"\" TERM INT HUP; echo $$; while :; do sleep 1; done' &) & wait;"
    private static let stubborn = "trap '' TERM INT; echo $$; while :; do sleep 1; done"

    /// Starts a script and waits for the process numbers that it writes.
    private func start(
        _ workshop: Workshop, _ script: String, numbers count: Int
    ) async throws -> (handle: TaskHandle, pids: [Int32]) {
        let request = try workshop.script(script, environment: ["PATH": "/usr/bin:/bin"])
        let handle = try await workshop.driver().start(request)
        let wrote = try await eventually { try numbers(workshop.output(of: request)).count >= count }
        #expect(wrote)
        let pids = try numbers(workshop.output(of: request))
        #expect(pids.allSatisfy(runs))
        return (handle, pids)
    }

    @Test(arguments: Workshop.Way.allCases) func asksPolitelyFirst(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let (handle, pids) = try await start(
            workshop, "trap 'exit 4' USR1; echo $$; while :; do sleep 0.05; done", numbers: 1)
        try await driver.stop(handle, signal: "SIGUSR1", grace: .seconds(60))
        #expect(!pids.contains(where: runs))
        #expect(try await driver.wait(for: handle).code == 4)
        try await driver.stop(handle, signal: "SIGUSR1", grace: .seconds(60))
        try await driver.remove(handle)
    }

    @Test(arguments: Workshop.Way.allCases) func killsTheStubborn(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let (handle, pids) = try await start(workshop, Self.stubborn, numbers: 1)
        try await driver.stop(handle, signal: "SIGTERM", grace: .milliseconds(50))
        #expect(!pids.contains(where: runs))
        #expect(try await driver.wait(for: handle).signal == 9)
        try await driver.remove(handle)
    }

    // Without control groups a thread of this program has no hold on a process that left the session.
    @Test(arguments: [Workshop.Way.helper, .helperWithoutGroups, .inProcess])
    func killsWhatRanAway(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let (handle, pids) = try await start(workshop, Self.runaway + Self.stubborn, numbers: 2)
        try await driver.stop(handle, signal: "SIGTERM", grace: .milliseconds(50))
        #expect(!pids.contains(where: runs))
        #expect(try await driver.wait(for: handle).signal == 9)
        try await driver.remove(handle)
    }

    @Test(arguments: [Workshop.Way.helper, .helperWithoutGroups, .inProcess])
    func endsWhatAFinishedTaskLeavesBehind(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let driver = try workshop.driver()
        let request = try workshop.script(
            Self.runaway + "sleep 1000 & echo $!; until [ -e go ]; do sleep 0.05; done; exit 5",
            environment: ["PATH": "/usr/bin:/bin"])
        let handle = try await driver.start(request)
        let wrote = try await eventually { try numbers(workshop.output(of: request)).count >= 2 }
        #expect(wrote)
        let pids = try numbers(workshop.output(of: request))
        #expect(FileManager.default.createFile(atPath: request.folders.task + "/go", contents: nil))
        #expect(try await driver.wait(for: handle).code == 5)
        #expect(!pids.contains(where: runs))
        try await driver.remove(handle)
    }

    @Test func takesTheTaskAlongWhenTheShimIsKilled() async throws {
        // What left the session is found through the control group.
        for (way, script) in [
            (Workshop.Way.helper, Self.runaway + Self.stubborn),
            (.helperWithoutGroups, "sleep 1000 & echo $!;" + Self.stubborn),
        ] {
            let workshop = try Workshop(way)
            let driver = try workshop.driver()
            let (handle, pids) = try await start(workshop, script, numbers: 2)
            let trace = try #require(TaskTrace(facts: handle.facts))
            async let exit = driver.wait(for: handle)
            #expect(trace.shim.signal(SIGKILL))
            let end = try await exit
            #expect(end.cause == .supervisorLost)
            #expect(!pids.contains(where: runs))
            #expect(try await driver.wait(for: handle) == end)
            try await driver.stop(handle, signal: "SIGTERM", grace: .seconds(1))
            try await driver.remove(handle)
        }
    }

    @Test func endsATaskWhoseShimDoesNotMove() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let (handle, pids) = try await start(workshop, Self.stubborn, numbers: 1)
        let trace = try #require(TaskTrace(facts: handle.facts))
        trace.shim.signal(SIGSTOP)
        try await driver.stop(handle, signal: "SIGTERM", grace: .milliseconds(10))
        #expect(!pids.contains(where: runs) && !trace.shim.isRunning)
        #expect(try await driver.wait(for: handle).signal == 9)
        try await driver.remove(handle)
    }

    @Test func finishesOnItsOwnSignalsOnly() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let (handle, pids) = try await start(workshop, Self.stubborn, numbers: 1)
        let trace = try #require(TaskTrace(facts: handle.facts))
        for number in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { trace.shim.signal(number) }
        #expect(try await settled { trace.shim.isRunning && pids.allSatisfy(runs) })
        await #expect(throws: ClusterError.self) {
            try await driver.stop(handle, signal: "SIGNONSENSE", grace: .zero)
        }
        #expect(pids.allSatisfy(runs))
        try await driver.remove(handle)
        #expect(!pids.contains(where: runs))
    }

    @Test(arguments: Workshop.Way.allCases) func isFoundAgain(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let request = try workshop.script("until [ -e go ]; do sleep 0.05; done; exit 6")
        let handle = try await workshop.driver().start(request)
        let found = try TaskHandle(decoding: handle.encoded)
        let later = try workshop.driver()
        async let exit = later.wait(for: found)
        #expect(FileManager.default.createFile(atPath: request.folders.task + "/go", contents: nil))
        let end = try await exit
        #expect(end.code == 6 && end.cause == .exited)
        #expect(try await workshop.driver().wait(for: found) == end)
        try await workshop.driver().remove(found)
    }

    @Test func neverTouchesAProcessThatOnlyHasTheNumber() async throws {
        let workshop = try Workshop()
        let (handle, pids) = try await start(
            workshop, "trap 'exit 3' TERM; echo $$; while :; do sleep 0.05; done", numbers: 1)
        let trace = try #require(TaskTrace(facts: handle.facts))
        let task = try #require(trace.task)
        var stale = handle
        stale.facts["state"] = "gone"
        stale.facts["group"] = trace.group + ".old"
        stale.facts["task"] = ProcessIdentity(pid: task.pid, start: task.start &+ 1).description
        stale.facts["shim"] = ProcessIdentity(pid: trace.shim.pid, start: trace.shim.start &+ 1).description
        var otherBoot = handle
        otherBoot.facts["state"] = "gone"
        otherBoot.facts["boot"] = "another"
        let driver = try workshop.driver()
        for wrong in [stale, otherBoot] {
            try await driver.stop(wrong, signal: "SIGTERM", grace: .zero)
            #expect(try await driver.wait(for: wrong).cause == .supervisorLost)
            #expect(ProcessIdentity(pid: task.pid, start: task.start &+ 1).signal(SIGKILL) == false)
            #expect(ProcessIdentity(pid: task.pid, start: task.start &+ 1).signalGroup(SIGKILL) == false)
        }
        #expect(pids.allSatisfy(runs))
        try await driver.stop(handle, signal: "SIGTERM", grace: .seconds(60))
        #expect(try await driver.wait(for: handle).code == 3)
        try await driver.remove(handle)
    }

    @Test func stopsWaitingWhenCanceled() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let (handle, pids) = try await start(workshop, Self.stubborn, numbers: 1)
        let waiting = Task { try await driver.wait(for: handle) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(pids.allSatisfy(runs))
        try await driver.remove(handle)
    }

    @Test func sweepsStrays() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let (known, knownPids) = try await start(workshop, Self.stubborn, numbers: 1)
        let (_, strayPids) = try await start(workshop, Self.stubborn, numbers: 1)
        try FileManager.default.createDirectory(
            atPath: workshop.folder + "/state/half-made", withIntermediateDirectories: true)
        #expect(try await driver.sweep(keeping: [known]) == 2)
        #expect(knownPids.allSatisfy(runs) && !strayPids.contains(where: runs))
        #expect(try await driver.sweep(keeping: [known]) == 0)
        try await driver.remove(known)
    }

    @Test func oneStrayThatCannotBeEndedDoesNotKeepTheAgentFromTheOthers() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver(strayPatience: .milliseconds(100))
        // A control group that never gets empty stands for a process that the system cannot end.
        let group = workshop.folder + "/group"
        try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: true)
        try "populated 1\n".write(toFile: group + "/cgroup.events", atomically: true, encoding: .utf8)
        let stuck = workshop.folder + "/state/0-stuck"
        try FileManager.default.createDirectory(atPath: stuck, withIntermediateDirectories: true)
        let gone = ProcessIdentity(pid: .max, start: 1)
        let trace = TaskTrace(boot: ProcessIdentity.boot, shim: gone, task: gone, group: group)
        try trace.text.write(toFile: stuck + "/" + TaskTrace.file, atomically: true, encoding: .utf8)
        var isRecorded = false
        if let folder = Descriptor.open(stuck, O_RDONLY | O_DIRECTORY) {
            isRecorded = ExitRecord(time: 1).write(in: folder)
        }
        #expect(isRecorded)
        let (_, pids) = try await start(workshop, Self.stubborn, numbers: 1)

        #expect(try await driver.sweep(keeping: []) == 2)
        #expect(!pids.contains(where: runs))
        #expect(FileManager.default.fileExists(atPath: stuck), "it is tried again")
        try FileManager.default.removeItem(atPath: group)
        #expect(try await driver.sweep(keeping: []) == 1)
        #expect(try await driver.sweep(keeping: []) == 0)
    }

    /// As it is for an agent that was killed before it heard of the start, and started again.
    @Test(arguments: Workshop.Way.allCases) func takesOverWhatWasStartedUnheard(_ way: Workshop.Way) async throws {
        let workshop = try Workshop(way)
        let request = try workshop.script("echo once; until [ -e go ]; do sleep 0.05; done; exit 6")
        let unheard = try await workshop.driver().start(request)
        let running = try await workshop.driver().start(request)
        #expect(running == unheard)
        #expect(FileManager.default.createFile(atPath: request.folders.task + "/go", contents: nil))
        #expect(try await workshop.driver().wait(for: running).code == 6)
        let ended = try await workshop.driver().start(request)
        #expect(ended == unheard)
        #expect(try await workshop.driver().wait(for: ended).code == 6)
        #expect(try workshop.output(of: request) == "once\n")
        try await workshop.driver().remove(ended)
        // What was removed was heard of.
        let anew = try await workshop.driver().start(request)
        #expect(try await workshop.driver().wait(for: anew).code == 6)
        #expect(try workshop.output(of: request) == "once\nonce\n")
        try await workshop.driver().remove(anew)
    }

    @Test func startsAnewWhatLostItsShimUnheard() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let request = try workshop.script(Self.stubborn)
        let unheard = try await driver.start(request)
        #expect(try await eventually { try numbers(workshop.output(of: request)).count == 1 })
        let shim = try #require(TaskTrace(facts: unheard.facts)).shim
        #expect(shim.signal(SIGKILL))
        #expect(await eventually { !shim.isRunning })
        let handle = try await driver.start(request)
        #expect(try await eventually { try numbers(workshop.output(of: request)).count == 2 })
        let pids = try numbers(workshop.output(of: request))
        #expect(!runs(pids[0]) && runs(pids[1]))
        try await driver.remove(handle)
    }

    /// The shim leaves its trace before the task is there.
    @Test func waitsForAStartThatIsUnderWay() async throws {
        let workshop = try Workshop()
        let driver = try workshop.driver()
        let request = try workshop.script("echo once; exec sleep 6000")
        let unheard = try await driver.start(request)
        let name = try #require(unheard.facts["state"])
        let file = workshop.folder + "/state/" + name + "/" + TaskTrace.file
        let trace = try #require(TaskTrace(facts: unheard.facts))
        var early = trace
        early.task = nil
        try early.text.write(toFile: file, atomically: true, encoding: .utf8)
        async let found = driver.start(request)
        try await Task.sleep(for: .milliseconds(100))
        try trace.text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await found == unheard)
        try await driver.remove(unheard)
    }
}

/// Whether a condition holds and goes on to hold for a little while.
private func settled(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<10 {
        guard condition() else { return false }
        try await Task.sleep(for: .milliseconds(10))
    }
    return true
}
