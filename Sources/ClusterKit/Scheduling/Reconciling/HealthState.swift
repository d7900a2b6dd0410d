/// What an instance is like now, as roll-outs see it and whoever waits for it.
enum HealthState: Hashable, Sendable {
    /// Nothing of it will run again.
    case ended
    /// A task does not run, or a check does not pass.
    case unsettled
    /// All tasks run, after so many starts, and all checks pass.
    case well(starts: Int)

    /// Checks count `byChecks`, those that nothing was heard of as failing ones; where work ends, a main task that is
    /// done is as good as one that runs.
    init(of allocation: Allocation, in group: TaskGroup, byChecks: Bool, whereWorkEnds isFinite: Bool = false) {
        let failed = allocation.tasks.values.contains { $0.phase == .dead && $0.failed }
        if failed || allocation.isTerminal {
            self = .ended
            return
        }
        let mains = group.tasks.filter { $0.lifecycle == nil || $0.lifecycle?.isSidecar == true }
        let standsWell = { (task: TaskSpec) -> Bool in
            let phase = allocation.tasks[task.name]?.phase
            return phase == .running || isFinite && phase == .dead
        }
        guard allocation.client == .running, mains.allSatisfy(standsWell),
            !byChecks || group.placedServices.allSatisfy({ allocation.passes($0) })
        else {
            self = .unsettled
            return
        }
        self = .well(starts: allocation.tasks.values.reduce(0) { $0 &+ $1.restarts })
    }

    /// Whether it lacks nothing.
    var isWell: Bool { if case .well = self { true } else { false } }
}

extension Allocation {
    /// Whether all checks of a service are well enough for roll-outs.
    fileprivate func passes(_ service: PlacedService) -> Bool {
        service.spec.checks.enumerated().allSatisfy { index, check in
            if check.onUpdate == "ignore" { return true }
            let found = checks.first { $0.service == service.key && $0.index == index }?.health
            return found == .passing || found == .warning && check.onUpdate == "ignore_warnings"
        }
    }
}
