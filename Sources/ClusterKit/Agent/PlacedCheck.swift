/// A check where it stands: of which service, and which tasks must run for it to be made.
struct PlacedCheck: Hashable, Sendable {
    /// Its name.
    var id: CheckID
    /// What the job states.
    var spec: CheckSpec
    /// The service that it is about.
    var service: PlacedService
    /// The task that it belongs to: where a script runs, and what `check_restart` restarts. Empty for checks of the
    /// whole group: their scripts run on the host, and all tasks are restarted.
    var task: String
    /// The start of that task that it belongs to, so that the next start begins with a clean slate.
    var attempt: Int

    /// The label of the port that is asked.
    var portLabel: String { spec.portLabel.isEmpty ? service.spec.portLabel : spec.portLabel }
}

extension AllocationRecord {
    /// Every check whose service runs now, in the order of the job. A check of a task is made while that task runs,
    /// one of the group while any main task does.
    var runningChecks: [PlacedCheck] {
        guard let group = assignment.group, group.hasServices else { return [] }
        let running = Dictionary(
            tasks.filter { $0.stage == .running }.map { ($0.name, $0.attempt) }, uniquingKeysWith: max)
        let isAnyMainRunning = group.tasks.contains { $0.lifecycle == nil && running[$0.name] != nil }
        return group.placedServices.flatMap { service in
            let names = ServiceNames(job: assignment.job.name, group: group.name, task: service.task)
            return service.spec.checks.indices.compactMap { index -> PlacedCheck? in
                var spec = service.spec.checks[index]
                spec.name = names.replacing(in: spec.name)
                let task = [spec.task, service.task, service.spec.task].first { !$0.isEmpty } ?? ""
                guard task.isEmpty ? isAnyMainRunning : running[task] != nil else { return nil }
                return PlacedCheck(
                    id: CheckID(id, service: service.key, index: index), spec: spec, service: service, task: task,
                    attempt: running[task] ?? 0)
            }
        }
    }
}
