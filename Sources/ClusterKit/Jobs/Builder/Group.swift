/// A task group as it is stated in Swift. It becomes a `TaskGroup` within a job, whose kind decides its defaults.
///
/// ```swift
/// Group("web", count: 2) {
///     PortSpec(label: "http")
///     Constraint("${attr.kernel.name}", .equal, "linux")
///     TaskSpec("server", command: "/usr/bin/server", "--port", "${NOMAD_PORT_http}")
/// }
/// ```
public struct Group {
    private let name: String
    private let count: Int
    private let nodePools: [String]
    private let after: [String]
    private let atMostOne: Bool
    private let parts: [Part<TaskGroup>]

    /// States `count` instances of what stands within the braces, on nodes of the first of `nodePools` that has room;
    /// without pools, of that of the job. They are placed once the groups that they come `after` are well. With
    /// `atMostOne` nothing of one name ever runs twice at a time.
    public init(
        _ name: String, count: Int = 1, nodePools: [String] = [], after: [String] = [], atMostOne: Bool = false,
        @PartsBuilder<TaskGroup> _ parts: () -> [Part<TaskGroup>]
    ) {
        self.name = name
        self.count = count
        self.nodePools = nodePools
        self.after = after
        self.atMostOne = atMostOne
        self.parts = parts()
    }

    func taskGroup(of kind: JobKind) -> TaskGroup {
        var group = TaskGroup(name: name, count: count, nodePools: nodePools, kind: kind)
        group.after = after
        group.atMostOne = atMostOne
        for part in parts { part.add(&group) }
        return group
    }
}

extension PartsBuilder where Whole == TaskGroup {
    /// Adds a task.
    public static func buildExpression(_ task: TaskSpec) -> [Part<TaskGroup>] { [Part { $0.tasks.append(task) }] }
    /// Adds a port.
    public static func buildExpression(_ port: PortSpec) -> [Part<TaskGroup>] {
        [
            Part { group in
                var network = group.network ?? NetworkSpec()
                network.ports.append(port)
                group.network = network
            }
        ]
    }
    /// Adds a service.
    public static func buildExpression(_ service: ServiceSpec) -> [Part<TaskGroup>] {
        [Part { $0.services.append(service) }]
    }
    /// Adds a demand on nodes.
    public static func buildExpression(_ constraint: Constraint) -> [Part<TaskGroup>] {
        [Part { $0.constraints.append(constraint) }]
    }
    /// Adds a wish about nodes.
    public static func buildExpression(_ affinity: Affinity) -> [Part<TaskGroup>] {
        [Part { $0.affinities.append(affinity) }]
    }
    /// Adds a wish to scatter instances.
    public static func buildExpression(_ spread: Spread) -> [Part<TaskGroup>] { [Part { $0.spreads.append(spread) }] }
    /// Adds a volume that nodes must offer.
    public static func buildExpression(_ volume: VolumeRequest) -> [Part<TaskGroup>] {
        [Part { $0.volumes.append(volume) }]
    }
    /// Sets when a task is started again.
    public static func buildExpression(_ policy: RestartPolicy) -> [Part<TaskGroup>] { [Part { $0.restart = policy }] }
    /// Sets when an instance is placed anew.
    public static func buildExpression(_ policy: ReschedulePolicy) -> [Part<TaskGroup>] {
        [Part { $0.reschedule = policy }]
    }
    /// Sets the rules of roll-outs.
    public static func buildExpression(_ update: UpdateStrategy) -> [Part<TaskGroup>] { [Part { $0.update = update }] }
    /// Sets how long an instance may run.
    public static func buildExpression(_ limit: RunLimit) -> [Part<TaskGroup>] { [Part { $0.runLimit = limit }] }
    /// Sets within which bounds the count may be changed.
    public static func buildExpression(_ bounds: ScalingBounds) -> [Part<TaskGroup>] {
        [Part { $0.scaling = bounds }]
    }
    /// Sets how instances leave a node that is drained.
    public static func buildExpression(_ migrate: MigrateStrategy) -> [Part<TaskGroup>] {
        [Part { $0.migrate = migrate }]
    }
    /// Sets what becomes of instances while nothing is heard of their node.
    public static func buildExpression(_ policy: DisconnectPolicy) -> [Part<TaskGroup>] {
        [Part { $0.disconnect = policy }]
    }
    /// Places all instances together or none.
    public static func buildExpression(_ gang: Gang) -> [Part<TaskGroup>] { [Part { $0.gang = gang }] }
    /// Sets the disk.
    public static func buildExpression(_ disk: EphemeralDisk) -> [Part<TaskGroup>] { [Part { $0.disk = disk }] }
    /// Adds free words.
    public static func buildExpression(_ meta: Meta) -> [Part<TaskGroup>] { [Part { $0.meta.add(meta.words) }] }
}
