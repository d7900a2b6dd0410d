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
    }

    private let places = Mutex<[AllocationID: Place]>([:])

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
        let disk = record.assignment.allocation.resources.total.diskMiB
        let place = tasks.isEmpty ? nil : Place(job: job, group: group, diskMiB: disk, tasks: tasks)
        places.withLock { $0[record.id] = place }
    }

    func forget(_ id: AllocationID) { places.withLock { $0[id] = nil } }

    /// All that runs, in the order of the allocations.
    var current: [(id: AllocationID, place: Place)] {
        places.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
