import ClusterKit

/// Which devices of a node a group gets: one request after the other, in the order of the job file, each the best that
/// leaves those after it enough.
enum ReferenceDevices {
    /// One device of a node.
    struct Single: Hashable {
        var name: DeviceName
        var id: String
    }

    struct Choice {
        var given: [AllocatedDevice] = []
        /// The weights of the wishes that came true.
        var matched = 0.0
    }

    /// What a task asks for.
    private typealias Asked = (task: String, request: DeviceRequest)

    /// What the group gets beside what is taken; `nil` when a request finds too few, whatever the others get.
    static func choice(for group: TaskGroup, on node: Node, taken: Set<Single>) -> Choice? {
        let asked = group.tasks.flatMap { task in task.resources.devices.map { (task: task.name, request: $0) } }
        return choice(for: asked[...], on: node, taken: taken)
    }

    /// The first request gets the best that leaves the rest enough.
    private static func choice(for asked: ArraySlice<Asked>, on node: Node, taken: Set<Single>) -> Choice? {
        guard let first = asked.first else { return Choice() }
        for (device, wishes) in offers(to: first, on: node, taken: taken) {
            let given = Set(device.instances.map { Single(name: device.name, id: $0) })
            guard let rest = choice(for: asked.dropFirst(), on: node, taken: taken.union(given)) else { continue }
            return Choice(given: [device] + rest.given, matched: wishes + rest.matched)
        }
        return nil
    }

    /// What each group of devices could give, and the weights of the wishes that would come true: the most first, of
    /// equals the first name.
    private static func offers(
        to asked: Asked, on node: Node, taken: Set<Single>
    ) -> [(device: AllocatedDevice, wishes: Double)] {
        let request = asked.request
        var offers: [(device: AllocatedDevice, wishes: Double)] = []
        for devices in node.devices where admits(devices, request) {
            let free = devices.instances.filter { instance in
                instance.healthy && !taken.contains(Single(name: devices.name, id: instance.id))
            }
            guard free.count >= request.count else { continue }
            let ids = free.map(\.id).sorted().prefix(max(0, request.count))
            let wishes = request.affinities.filter { meets($0.condition, devices) }
                .reduce(0.0) { $0 + Double($1.weight) }
            offers.append((AllocatedDevice(task: asked.task, name: devices.name, instances: Array(ids)), wishes))
        }
        return offers.sorted { ($1.wishes, $0.device.name) < ($0.wishes, $1.device.name) }
    }

    /// The part of the score: which share of all wishes came true; `nil` when there are none.
    static func part(_ choice: Choice, for group: TaskGroup) -> Double? {
        let wishes = group.tasks.flatMap(\.resources.devices).flatMap(\.affinities)
        let weights = wishes.reduce(0.0) { $0 + Double($1.weight.magnitude) }
        return weights > 0 ? choice.matched / weights : nil
    }

    /// Whether each request would find its devices if nothing were taken.
    static func areThinkable(for group: TaskGroup, on node: Node) -> Bool {
        group.tasks.flatMap(\.resources.devices).allSatisfy { request in
            node.devices.contains { devices in
                admits(devices, request) && devices.instances.count(where: \.healthy) >= request.count
            }
        }
    }

    private static func admits(_ devices: DeviceGroup, _ request: DeviceRequest) -> Bool {
        let name = devices.name
        let names = [name.kind, "\(name.vendor)/\(name.kind)", "\(name.vendor)/\(name.kind)/\(name.model)"]
        return names.contains(request.name) && request.constraints.allSatisfy { meets($0, devices) }
    }

    private static func meets(_ rule: Constraint, _ devices: DeviceGroup) -> Bool {
        ReferenceAmount.holds(rule.comparison, resolve(rule.attribute, devices), resolve(rule.value, devices))
    }

    private static func resolve(_ text: String, _ devices: DeviceGroup) -> String? {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return text }
        let name = String(text.dropFirst(2).dropLast())
        switch name {
        case "device.vendor": return devices.name.vendor
        case "device.type": return devices.name.kind
        case "device.model": return devices.name.model
        default: return name.hasPrefix("device.attr.") ? devices.attributes[String(name.dropFirst(12))] : nil
        }
    }
}
