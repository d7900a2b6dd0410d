/// A service of a group where it stands: the group's own, or a task's.
public struct PlacedService: Hashable, Sendable {
    /// What the job states.
    public var spec: ServiceSpec
    /// The task whose block it stands in; empty for the group's.
    public var task: String

    /// Places a service.
    public init(_ spec: ServiceSpec, task: String) {
        self.spec = spec
        self.task = task
    }

    /// Tells the services of a group apart: the second half of the identifier that Nomad gives an instance.
    public var key: String { "\(task.isEmpty ? "group" : task)-\(spec.name)-\(spec.portLabel)" }
}

extension TaskGroup {
    /// Every service of the group: its own first, then those of its tasks, in the order of the job.
    public var placedServices: [PlacedService] {
        services.map { PlacedService($0, task: "") }
            + tasks.flatMap { task in task.services.map { PlacedService($0, task: task.name) } }
    }

    /// Whether there is any.
    var hasServices: Bool { !services.isEmpty || tasks.contains { !$0.services.isEmpty } }
}
