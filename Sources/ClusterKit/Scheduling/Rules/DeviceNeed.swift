/// Devices that one task asks for, made ready for many nodes.
struct DeviceNeed: Sendable {
    /// The task that will hold them.
    let task: String
    /// As the job names them: `gpu`, `nvidia/gpu`, `nvidia/gpu/a100`.
    let name: String
    let count: Int
    let wishes: Wishes<DeviceAttribute>
    private let vendor: Substring?
    private let kind: Substring
    private let model: Substring?
    private let constraints: [ConstraintCheck<DeviceAttribute>]

    /// What the tasks of `group` ask for, in the order of the job.
    static func all(of group: TaskGroup) -> [DeviceNeed] {
        group.tasks.flatMap { task in task.resources.devices.map { DeviceNeed(task.name, $0) } }
    }

    private init(_ task: String, _ request: DeviceRequest) {
        self.task = task
        name = request.name
        count = max(0, request.count)
        wishes = Wishes(request.affinities)
        constraints = request.constraints.map(ConstraintCheck.init)
        // A model may have slashes in its name.
        let parts = request.name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        vendor = parts.count > 1 ? parts[0] : nil
        kind = parts.count > 1 ? parts[1] : parts.first ?? ""
        model = parts.count > 2 ? parts[2] : nil
    }

    /// Whether devices of `group` are what is asked for, however many are free.
    func accepts(_ group: DeviceGroup) -> Bool {
        group.name.kind == kind && vendor.map { $0 == group.name.vendor } ?? true
            && model.map { $0 == group.name.model } ?? true && constraints.allSatisfy { $0.holds(on: group) }
    }

    /// Whether one group of `node` could give enough of them if nobody held any.
    func couldBeMet(by node: Node) -> Bool {
        node.devices.contains { accepts($0) && Set($0.instances.filter(\.healthy).map(\.id)).count >= count }
    }
}
