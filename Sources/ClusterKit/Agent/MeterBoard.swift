import Synchronization

/// The running tasks of a machine, for those who measure: written where records are kept, read from anywhere.
final class MeterBoard: Sendable {
    /// One running task.
    struct Entry: Sendable {
        var handle: TaskHandle
        var job: JobID
        var group: String
        var resources: TaskResources

        var allocation: AllocationID { handle.allocation }
    }

    /// One allocation of which something runs.
    struct Place: Sendable {
        var job: JobID
        var group: String
        var diskMiB: Int
        var tasks: [Entry]
        /// What was last told of its work.
        var work: WorkStatus?
        /// What the last whole look through its folder found.
        var diskBytes: UInt64?
    }

    /// The task of a job, whichever instance of its group it runs in.
    struct TaskName: Hashable, Comparable, Sendable {
        var job: JobID
        var group: String
        var task: String

        static func < (left: Self, right: Self) -> Bool {
            (left.job, left.group, left.task) < (right.job, right.group, right.task)
        }
    }

    private struct State {
        var places: [AllocationID: Place] = [:]
        /// How often tasks of the allocations that are known were ended for taking too much memory.
        var kills: [AllocationID: [TaskName: Int]] = [:]
        /// The same of allocations that were forgotten while others of their job are known.
        var past: [TaskName: Int] = [:]
    }

    private let state = Mutex(State())

    init(_ records: [AllocationRecord] = []) {
        for record in records { note(record) }
    }

    /// Takes note of what became of an allocation.
    func note(_ record: AllocationRecord) {
        let job = record.assignment.job.id
        let group = record.assignment.allocation.group
        let tasks = record.tasks.compactMap { task -> Entry? in
            guard task.stage == .running, let handle = task.handle else { return nil }
            let resources = record.assignment.group?.task(task.name)?.resources ?? TaskResources()
            return Entry(handle: handle, job: job, group: group, resources: resources)
        }
        let kills = record.tasks.map { (TaskName(job: job, group: group, task: $0.name), $0.memoryKills) }
        let disk = record.assignment.allocation.resources.total.diskMiB
        var place =
            tasks.isEmpty ? nil : Place(job: job, group: group, diskMiB: disk, tasks: tasks, work: record.work)
        state.withLock { state in
            place?.diskBytes = state.places[record.id]?.diskBytes
            state.places[record.id] = place
            state.kills[record.id] = Dictionary(kills) { first, _ in first }
        }
    }

    /// Takes note of what the folder of an allocation holds.
    func note(disk bytes: UInt64, of id: AllocationID) {
        state.withLock { $0.places[id]?.diskBytes = bytes }
    }

    /// Whether the folder of an allocation of which something runs held more than it may when it was last looked at.
    func holdsTooMuch(_ id: AllocationID) -> Bool {
        state.withLock { state in
            guard let place = state.places[id], let bytes = place.diskBytes, place.diskMiB > 0 else { return false }
            return bytes / 1_048_576 >= UInt64(place.diskMiB)
        }
    }

    func forget(_ id: AllocationID) {
        state.withLock { state in
            state.places[id] = nil
            for (name, count) in state.kills.removeValue(forKey: id) ?? [:] { state.past[name, default: 0] += count }
            let known = Set(state.kills.values.flatMap(\.keys))
            state.past = state.past.filter { known.contains($0.key) }
        }
    }

    /// All that runs, in the order of the allocations.
    var current: [(id: AllocationID, place: Place)] {
        state.withLock { $0.places }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How often tasks were ended for taking too much memory, 0 from their first start on, in the order of the names.
    var memoryKills: [(name: TaskName, count: Int)] {
        let state = state.withLock { $0 }
        var sums = state.past
        for kills in state.kills.values { sums.merge(kills) { $0 + $1 } }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
