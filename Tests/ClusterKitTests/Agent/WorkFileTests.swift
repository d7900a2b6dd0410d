import Logging
import Testing

@testable import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct WorkFileTests {
    private let id = AllocationID(high: 1, low: 2)

    private func watch(
        _ scratch: ScratchFolder, knowing work: WorkStatus? = nil
    ) throws -> (watch: WorkWatch, path: String, record: AllocationRecord) {
        let folders = try AllocationFolders(dataFolder: scratch.path, secrets: .folder)
        try folders.prepare(id, tasks: ["build"])
        let job = Job(id: JobID("j"), groups: [TaskGroup(name: "g", tasks: [TaskSpec(name: "build")])])
        let allocation = Allocation(
            id: id, job: job.id, jobVersion: 0, group: "g", index: 0, node: NodeID(high: 1, low: 1),
            evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()),
            time: WallTime(nanoseconds: 0))
        var record = AllocationRecord(Assignment(allocation: allocation, job: job), seen: .zero)
        record.tasks[0].stage = .running
        record.tasks[0].handle = TaskHandle(driver: "raw_exec", allocation: id, task: "build")
        record.work = work
        let watch = WorkWatch(
            folders: folders, board: MeterBoard([record]), time: SystemTime(), logger: Logger(label: "test"))
        return (watch, WorkFile.path(in: folders.folders(id, task: "build")), record)
    }

    private func write(_ text: String, _ path: String) throws {
        // Renamed, so that it is another file each time however coarse the clock of the file system is.
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    @Test func changesAreToldOnce() throws {
        let scratch = try ScratchFolder()
        let (watch, path, _) = try watch(scratch)
        var round = WorkWatch.Round()
        let none = watch.look(&round)
        #expect(none.isEmpty)
        try write(#"{"busy": true, "progress": 0.5, "keep_cost": 12}"#, path)
        let first = watch.look(&round)
        #expect(first.map(\.0) == [id])
        let status = try #require(first.first?.1)
        #expect(status.isBusy && status.progress == 0.5 && status.keepCost == 12 && status.time.nanoseconds > 0)
        let again = watch.look(&round)
        #expect(again.isEmpty)
        try write(#"{"busy": true, "progress": 0.52, "keep_cost": 12}"#, path)
        let small = watch.look(&round)
        #expect(small.isEmpty, "small steps of progress are not told")
        try write(#"{"busy": true, "progress": 0.6, "keep_cost": 12}"#, path)
        let large = watch.look(&round)
        #expect(large.first?.1.progress == 0.6)
        try FileManager.default.removeItem(atPath: path)
        let gone = watch.look(&round)
        #expect(gone.first?.1.isBusy == false && gone.first?.1.keepCost == 0)
        let quiet = watch.look(&round)
        #expect(quiet.isEmpty)
    }

    /// What the servers were told is in the record, also of an agent before this one.
    @Test func anAgentThatStartsTellsThatTheWorkIsGone() throws {
        let scratch = try ScratchFolder()
        let told = WorkStatus(isBusy: true, keepCost: 2, time: WallTime(nanoseconds: 5))
        let (watch, path, _) = try watch(scratch, knowing: told)
        try write(#"{"busy": true, "keep_cost": 2}"#, path)
        var round = WorkWatch.Round()
        let same = watch.look(&round)
        #expect(same.isEmpty, "nothing is new")
        var next = WorkWatch.Round()
        try FileManager.default.removeItem(atPath: path)
        let gone = watch.look(&next)
        #expect(gone.first?.1.isBusy == false && gone.first?.1.keepCost == 0)
        let quiet = watch.look(&next)
        #expect(quiet.isEmpty)
    }

    /// The file of a run is removed before the next one.
    @Test func anotherRunBeginsIdle() throws {
        let scratch = try ScratchFolder()
        var (watch, path, record) = try watch(scratch)
        var round = WorkWatch.Round()
        try write(#"{"busy": true}"#, path)
        record.work = watch.look(&round).first?.1
        #expect(record.work?.isBusy == true)
        record.tasks[0].stage = .delayed
        watch.board.note(record)
        let between = watch.look(&round)
        #expect(between.isEmpty)
        try FileManager.default.removeItem(atPath: path)
        record.tasks[0].stage = .running
        watch.board.note(record)
        let after = watch.look(&round)
        #expect(after.first?.1.isBusy == false)
    }

    @Test func whatCannotBeReadChangesNothing() throws {
        let scratch = try ScratchFolder()
        let (watch, path, _) = try watch(scratch)
        var round = WorkWatch.Round()
        try write(#"{"busy": true}"#, path)
        _ = watch.look(&round)
        for text in ["{", "[]", #"{"busy": 1}"#, #"{"progress": 2}"#] {
            try write(text, path)
            let news = watch.look(&round)
            #expect(news.isEmpty, "\(text)")
        }
        try write(String(repeating: " ", count: 5000), path)
        #expect(WorkFile.read(path) == nil)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
        #expect(WorkFile.read(path) == nil)
    }

    @Test(arguments: ["", "7", #"{"busy": "yes"}"#, #"{"progress": -0.1}"#, #"{"keep_cost": "much"}"#])
    func mistakesAreNamed(_ text: String) {
        #expect(throws: ClusterError.self) {
            try WorkFile.status(Array(text.utf8), at: WallTime(nanoseconds: 0))
        }
    }

    @Test func severalTasksTellOneThing() {
        let time = WallTime(nanoseconds: 1)
        let joined = WorkWatch.joined([
            WorkStatus(isBusy: false, progress: 0.1, keepCost: 2, time: time),
            WorkStatus(isBusy: true, progress: 0.7, keepCost: 3, time: WallTime(nanoseconds: 9)),
        ])
        #expect(joined == WorkStatus(isBusy: true, progress: 0.7, keepCost: 5, time: WallTime(nanoseconds: 9)))
        #expect(WorkWatch.joined([]) == nil)
    }
}
