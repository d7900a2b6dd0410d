import Logging

/// Looks every two seconds whether tasks told something new of their work. What did not change is not told again, and
/// neither are small steps of progress.
struct WorkWatch: Sendable {
    let folders: AllocationFolders
    let board: MeterBoard
    let time: any TimeSource
    let logger: Logger

    private static let interval = Duration.seconds(2)

    /// What was read of one task.
    fileprivate struct Reading: Sendable {
        var bytes: [UInt8]
        var status: WorkStatus?
    }

    /// What the next look compares with.
    struct Round: Sendable {
        fileprivate var readings: [AllocationID: [String: Reading]] = [:]
        fileprivate var told: [AllocationID: WorkStatus] = [:]
    }

    /// Watches until it is canceled.
    func run(tell: (AllocationID, WorkStatus) -> Void) async {
        var round = Round()
        while (try? await Task.sleep(for: Self.interval)) != nil {
            for (id, work) in look(&round) { tell(id, work) }
        }
    }

    /// What there is to tell since the last look.
    func look(_ round: inout Round) -> [(AllocationID, WorkStatus)] {
        var next = Round()
        var news: [(AllocationID, WorkStatus)] = []
        for (id, place) in board.current {
            let known = round.readings[id] ?? [:]
            var readings: [String: Reading] = [:]
            for entry in place.tasks {
                let task = entry.handle.task
                readings[task] = read(id, task, after: known[task])
            }
            next.readings[id] = readings
            // What an agent before this one told, or an earlier run of a task, is taken back as well.
            let told = round.told[id] ?? place.work
            next.told[id] = told
            // A file that is gone says that there is no work.
            guard let work = Self.joined(readings.values.compactMap(\.status)) ?? told.map(idle) else { continue }
            if told.map({ work.isWorthTelling(after: $0) }) ?? true {
                next.told[id] = work
                news.append((id, work))
            }
        }
        round = next
        return news
    }

    private func read(_ id: AllocationID, _ task: String, after known: Reading?) -> Reading? {
        let path = WorkFile.path(in: folders.folders(id, task: task))
        guard let bytes = WorkFile.read(path) else { return nil }
        if let known, known.bytes == bytes { return known }
        do throws(ClusterError) {
            return Reading(bytes: bytes, status: try WorkFile.status(bytes, at: time.now().wall))
        } catch {
            logger.warning("\(path) does not say how the work of task \(task) stands: \(error.message)")
            return Reading(bytes: bytes, status: known?.status)
        }
    }

    /// What the tasks of an instance tell together; `nil` when none tells anything.
    static func joined(_ all: [WorkStatus]) -> WorkStatus? {
        guard let time = all.map(\.time).max() else { return nil }
        let cost = all.map(\.keepCost).reduce(0, +)
        return WorkStatus(
            isBusy: all.contains(where: \.isBusy), progress: all.filter(\.isBusy).compactMap(\.progress).min(),
            keepCost: cost.isFinite ? cost : .greatestFiniteMagnitude, time: time)
    }

    private func idle(after told: WorkStatus) -> WorkStatus {
        // Newer than what it takes the place of, also where the clock was set back.
        WorkStatus(isBusy: false, time: max(time.now().wall, told.time + .nanoseconds(1)))
    }
}

extension WorkStatus {
    /// Whether it says enough beyond what was told: progress alone counts in steps of a twentieth.
    fileprivate func isWorthTelling(after told: WorkStatus) -> Bool {
        if isBusy != told.isBusy || keepCost != told.keepCost { return true }
        guard let progress, let known = told.progress else { return progress != told.progress }
        return abs(progress - known) >= 0.05
    }
}
