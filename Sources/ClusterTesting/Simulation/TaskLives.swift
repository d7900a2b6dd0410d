import ClusterKit

/// What became of the tasks of each instance, as their machines know it, whatever agents and servers believe.
struct TaskLives {
    private var lives: [AllocationID: Life] = [:]

    /// The tasks of one instance.
    struct Life {
        /// When the first of its tasks started; `nil` while none has.
        fileprivate(set) var begun: Uptime?
        /// Tasks that were started.
        fileprivate(set) var started: Set<String> = []
        /// Runs that have ended, and whether each ended well.
        fileprivate(set) var ends: [TaskRun: Bool] = [:]

        /// Whether a run of a task ended well.
        func isDone(_ task: String) -> Bool { ends.contains { $0.key.task == task && $0.value } }

        /// Whether a run of a task has ended.
        func hasEnded(_ task: String) -> Bool { ends.contains { $0.key.task == task } }
    }

    /// What became of an instance.
    func life(of allocation: AllocationID) -> Life { lives[allocation] ?? Life() }

    /// A task has started. Gives whether it is the first of its instance.
    mutating func started(_ run: TaskRun, at now: Uptime) -> Bool {
        lives[run.allocation, default: Life()].started.insert(run.task)
        guard lives[run.allocation]?.begun == nil else { return false }
        lives[run.allocation]?.begun = now
        return true
    }

    /// A task ended, by itself or not, or was lost.
    mutating func ended(_ run: TaskRun, wellBehaved: Bool) {
        lives[run.allocation, default: Life()].ends[run] = wellBehaved
    }

    /// Whether a task of the instance has ended.
    func hasEnded(_ allocation: AllocationID) -> Bool { lives[allocation]?.ends.isEmpty == false }

    /// Whether a run may be told to end for what became of the tasks of its instance: it has ended already, another has
    /// failed, the leader has ended, or it is only there for main tasks, which have all ended.
    func mayEnd(_ run: TaskRun, of group: TaskGroup?) -> Bool {
        guard let life = lives[run.allocation], !life.ends.isEmpty else { return false }
        if life.ends[run] != nil { return true }
        guard let group else { return life.ends.contains { $0.key.task != run.task } }
        if life.ends.contains(where: { $0.key.task != run.task && !$0.value }) { return true }
        if let leader = group.tasks.first(where: \.isLeader), life.hasEnded(leader.name) { return true }
        guard group.task(run.task)?.lifecycle?.isSidecar == true else { return false }
        return group.tasks.allSatisfy { $0.lifecycle != nil || life.hasEnded($0.name) }
    }
}
