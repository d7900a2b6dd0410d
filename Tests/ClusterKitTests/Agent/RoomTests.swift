import ClusterKit
import Testing

/// What servers place in the room of something that they gave up waits on the machine until that has ended.
@Suite struct RoomTests {
    private static func instance(_ number: UInt64, memory: Int = 100, port: Int? = nil) -> Assignment {
        var assignment = Assignment.sample(number)
        assignment.allocation.resources = AllocatedResources(
            total: Resources(memoryMiB: memory), ports: port.map { [PortMapping(label: "http", value: $0)] } ?? [])
        return assignment
    }

    private static func run(_ assignment: Assignment) -> TaskRun { TaskRun(assignment.allocation.id, "main") }

    /// A machine that was cut off runs `old`; the servers gave that up and placed `new` there.
    private static func returned(_ old: Assignment, _ new: Assignment) -> CoreHarness {
        var harness = CoreHarness()
        harness.run(old)
        harness.assign(new, revision: 2)
        harness.send(.prepared(new.allocation.id))
        return harness
    }

    private static func end(_ assignment: Assignment, in harness: inout CoreHarness) {
        harness.exit(assignment, "main", code: 130)
        harness.send(.stopped(run(assignment)))
        harness.send(.removed(run(assignment)))
    }

    @Test func aPortIsTakenOnceWhoeverHadItHasEnded() {
        let (old, new) = (Self.instance(1, port: 8000), Self.instance(2, port: 8000))
        var harness = Self.returned(old, new)
        var effects = harness.take()
        #expect(effects.stops == [Self.run(old)] && effects.starts.isEmpty)
        harness.exit(old, "main", code: 130)
        harness.send(.stopped(Self.run(old)))
        effects = harness.take()
        #expect(effects.removals == [Self.run(old)] && effects.starts.isEmpty)
        harness.send(.removed(Self.run(old)))
        #expect(harness.take().starts == [Self.run(new)])
    }

    @Test func coresAreTakenOnceWhoeverHadThemHasEnded() {
        var (old, new) = (Self.instance(1), Self.instance(2))
        old.allocation.resources.cores = ["main": [0, 1]]
        new.allocation.resources.cores = ["main": [1, 2]]
        var harness = Self.returned(old, new)
        #expect(harness.take().starts.isEmpty)
        Self.end(old, in: &harness)
        #expect(harness.take().starts == [Self.run(new)])
    }

    @Test func roomIsTakenOnceItIsThere() {
        let (old, new) = (Self.instance(1, memory: 6000), Self.instance(2, memory: 4000))
        var harness = Self.returned(old, new)
        #expect(harness.take().starts.isEmpty)
        Self.end(old, in: &harness)
        #expect(harness.take().starts == [Self.run(new)])
    }

    @Test func whatFitsBesideWhatEndsDoesNotWait() {
        let (old, new) = (Self.instance(1, memory: 6000, port: 8000), Self.instance(2, memory: 1000, port: 8001))
        var harness = Self.returned(old, new)
        let effects = harness.take()
        #expect(effects.stops == [Self.run(old)] && effects.starts == [Self.run(new)])
    }

    /// What the servers place where nobody ends is their affair: they may have allowed more than there is.
    @Test func nobodyWaitsForWhatRunsOn() {
        let (first, second) = (Self.instance(1, memory: 6000), Self.instance(2, memory: 4000))
        var harness = CoreHarness()
        harness.run(first)
        harness.assign(first, second, revision: 2)
        harness.send(.prepared(second.allocation.id))
        #expect(harness.take().starts == [Self.run(second)])
    }

    @Test func theWaitOutlivesTheAgent() throws {
        let (old, new) = (Self.instance(1, port: 8000), Self.instance(2, port: 8000))
        let before = Self.returned(old, new)
        let records = try [#require(before.record(old)), #require(before.record(new))]
        var harness = CoreHarness(booted: false)
        harness.boot(records)
        var effects = harness.take()
        #expect(effects.stops == [Self.run(old)] && effects.starts.isEmpty)
        Self.end(old, in: &harness)
        effects = harness.take()
        #expect(effects.starts == [Self.run(new)])
    }

    @Test func whatIsNoLongerWantedWaitsForNothing() {
        let (old, new) = (Self.instance(1, port: 8000), Self.instance(2, port: 8000))
        var harness = Self.returned(old, new)
        harness.assign(new.desiring(.stop), revision: 3)
        #expect(harness.record(new)?.hasEnded == true)
        Self.end(old, in: &harness)
        #expect(harness.take().starts.isEmpty)
    }
}
