/// Whether a changed job needs new instances, or goes on with those that run.
package enum TaskChange {
    /// Whether what `group` runs, or what its tasks see, differs between two versions. Counts, policies, services and
    /// rules about nodes may change while the tasks run; `VersionCheck` finds nodes that no longer meet the rules.
    @Sendable package static func needsReplacement(from old: Job, to new: Job, group: String) -> Bool {
        guard let before = old.group(group), let after = new.group(group) else { return true }
        return old.kind != new.kind || old.meta != new.meta || before.meta != after.meta
            || before.network != after.network || before.disk != after.disk
            || before.tasks.map(\.whatRuns) != after.tasks.map(\.whatRuns)
    }
}

extension TaskSpec {
    /// The task without what the agent takes over while it runs.
    fileprivate var whatRuns: TaskSpec {
        var task = self
        task.constraints = []
        task.services = []
        task.restart = nil
        task.killTimeout = .zero
        return task
    }
}
