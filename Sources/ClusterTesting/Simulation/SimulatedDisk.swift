import ClusterKit

/// What an agent's journal has on disk. Files are replaced whole and are not forced to disk, so a loss of power undoes
/// what was written to each of them in the last seconds, and not to all of them the same.
struct SimulatedDisk {
    /// The records.
    private(set) var journal: [AllocationID: AllocationRecord] = [:]
    /// The newest view that was seen.
    private(set) var seen = ViewStamp.zero
    /// Whether no view was kept since the machine was started last.
    private(set) var isOfAnotherRun = true
    private var recent: [Write] = []

    /// What a file held before it was written to.
    private struct Write {
        let time: Uptime
        let file: File
    }

    private enum File {
        indirect case record(AllocationID, before: AllocationRecord?)
        case view(before: ViewStamp)
    }

    /// By then the system has written everything back.
    private static let writeBack = Duration.seconds(30)

    /// The records, in order.
    var records: [AllocationRecord] { journal.keys.sorted().compactMap { journal[$0] } }

    mutating func keep(_ record: AllocationRecord, at now: Uptime) {
        let before = journal.updateValue(record, forKey: record.id)
        note(.record(record.id, before: before), at: now)
    }

    mutating func forget(_ id: AllocationID, at now: Uptime) {
        guard let before = journal.removeValue(forKey: id) else { return }
        note(.record(id, before: before), at: now)
    }

    mutating func remember(_ stamp: ViewStamp, at now: Uptime) {
        note(.view(before: seen), at: now)
        seen = stamp
        isOfAnotherRun = false
    }

    private mutating func note(_ file: File, at now: Uptime) {
        if recent.count >= 256 { recent.removeAll { $0.time + Self.writeBack <= now } }
        recent.append(Write(time: now, file: file))
    }

    /// The power fails. Gives how many files are not as they were.
    mutating func losePower(at now: Uptime, using entropy: inout Entropy) -> Int {
        func kept(_ entropy: inout Entropy) -> Uptime {
            now + .milliseconds(-entropy.below(Int(Self.writeBack.nanoseconds / 1_000_000)))
        }
        let keptView = kept(&entropy)
        var keptRecords: [AllocationID: Uptime] = [:]
        var files = 0
        for write in recent.reversed() {
            switch write.file {
            case .record(let id, let before):
                let moment = keptRecords[id] ?? kept(&entropy)
                keptRecords[id] = moment
                guard write.time > moment else { continue }
                journal[id] = before
            case .view(let before):
                guard write.time > keptView else { continue }
                seen = before
            }
            files += 1
        }
        recent = []
        isOfAnotherRun = true
        return files
    }
}
