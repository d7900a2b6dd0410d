import Testing

@testable import ClusterKit

@Suite("Versions of a job")
struct VersionHistoryTests {
    private func bench() -> RolloutBench {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy(maxParallel: 3))
        bench.register(
            RolloutBench.job("/bin/two", UpdateStrategy(maxParallel: 3)),
            note: ChangeNote(author: "ann", reason: "faster"))
        return bench
    }

    private func message(_ result: Result<ServerReply, ClusterError>?) -> String {
        if case .failure(let error) = result { error.message } else { "" }
    }

    @Test func revertMakesANewVersionThatSaysTheSame() {
        var bench = bench()
        bench.ask(.revert(bench.job, to: 0, ifVersion: nil, note: ChangeNote(author: "bob", reason: "too fast")))
        #expect(bench.record?.version == 2 && bench.record?.note?.author == "bob")
        #expect(bench.record?.job == bench.head.jobVersions[JobVersion(bench.job, 0)]?.job)
        #expect(bench.record?.isStable == false)
    }

    @Test func refusesWhatCannotBeRevertedTo() {
        var bench = bench()
        let current = bench.ask(.revert(bench.job, to: 1, ifVersion: nil, note: nil))
        #expect(message(current) == "can't revert to current version")
        let missing = bench.ask(.revert(bench.job, to: 7, ifVersion: nil, note: nil))
        #expect(message(missing).contains("at version 7 not found; versions that are kept: 0, 1"))
        let raced = bench.ask(.revert(bench.job, to: 0, ifVersion: 0, note: nil))
        #expect(message(raced).contains("has version 1; enforcing version 0 (version 1 by ann: faster)"))
        #expect(bench.record?.version == 1)
    }

    @Test func theSecondOfTwoOperatorsIsToldWhatChanged() {
        var bench = bench()
        let answer = bench.ask(
            .register(RolloutBench.job("/bin/three", nil), source: nil, ifUnchangedSince: Revision(2)))
        #expect(message(answer).contains("conflicting job modify index"))
        #expect(message(answer).contains("(version 1 by ann: faster)"))
    }

    @Test func aTagKeepsItsVersionAndIsUnique() throws {
        var bench = bench()
        bench.ask(.tag(bench.job, version: 0, VersionTag(name: "golden", time: bench.bench.now.wall)))
        #expect(bench.record?.version == 1, "an older version stays an older version")
        let taken = bench.ask(.tag(bench.job, version: 1, VersionTag(name: "golden", time: bench.bench.now.wall)))
        #expect(message(taken).contains("already exists on a different version"))
        bench.ask(.setStability(bench.job, version: 0, isStable: false))
        for number in 0..<9 {
            bench.register(RolloutBench.job("/bin/\(number)", UpdateStrategy(maxParallel: 3)))
            for allocation in bench.head.allocations(of: bench.job) { bench.report(allocation, .complete) }
            // What names old versions is forgotten, as the collector does.
            let ended = bench.head.allocations(of: bench.job).filter(\.isTerminal)
            bench.bench.core.commit(
                ended.map { .removeAllocation($0.id) }, at: bench.bench.now, into: &bench.bench.effects)
            bench.ask(.evaluate(bench.job))
        }
        let kept = bench.head.versionsByJob.members(of: bench.job).map(\.version)
        #expect(kept == [0, 5, 6, 7, 8, 9, 10])
        #expect(bench.head.jobVersions[JobVersion(bench.job, 0)]?.tag?.name == "golden")
    }

    /// Whoever takes a name away does not take the one that the version was given since.
    @Test func aNameIsTakenFromWhicheverVersionHasIt() {
        var bench = bench()
        for name in ["golden", "silver"] {
            bench.ask(.tag(bench.job, version: 0, VersionTag(name: name, time: bench.bench.now.wall)))
        }
        let missing = bench.ask(.untag(bench.job, name: "golden"))
        #expect(message(missing).contains("has no version tagged \"golden\""))
        #expect(bench.head.jobVersions[JobVersion(bench.job, 0)]?.tag?.name == "silver")
        bench.ask(.untag(bench.job, name: "silver"))
        #expect(bench.head.jobVersions[JobVersion(bench.job, 0)]?.tag == nil)
    }

    @Test func theNewestStableVersionIsKept() {
        var bench = bench()
        for number in 0..<9 {
            bench.register(RolloutBench.job("/bin/\(number)", UpdateStrategy(maxParallel: 0)))
            for allocation in bench.head.allocations(of: bench.job) { bench.report(allocation, .complete) }
            let ended = bench.head.allocations(of: bench.job).filter(\.isTerminal)
            bench.bench.core.commit(
                ended.map { .removeAllocation($0.id) }, at: bench.bench.now, into: &bench.bench.effects)
            bench.ask(.evaluate(bench.job))
        }
        #expect(bench.head.versionsByJob.members(of: bench.job).map(\.version) == [0, 5, 6, 7, 8, 9, 10])
    }
}
