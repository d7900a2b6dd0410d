import ClusterKit

/// Which devices of a node a group gets: one request after the other, in the order of the job file.
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

    /// What the group gets beside what is taken; `nil` when a request finds too few.
    static func choice(for group: TaskGroup, on node: Node, taken: Set<Single>) -> Choice? {
        var taken = taken
        var choice = Choice()
        for task in group.tasks {
            for request in task.resources.devices {
                var best: (device: AllocatedDevice, wishes: Double)?
                for devices in node.devices.sorted(by: { $0.name < $1.name }) where admits(devices, request) {
                    let free = devices.instances.filter { instance in
                        instance.healthy && !taken.contains(Single(name: devices.name, id: instance.id))
                    }
                    let wishes = request.affinities.filter { meets($0.condition, devices) }
                        .reduce(0.0) { $0 + Double($1.weight) }
                    guard free.count >= request.count, best.map({ wishes > $0.wishes }) ?? true else { continue }
                    let ids = free.map(\.id).sorted().prefix(max(0, request.count))
                    best = (AllocatedDevice(task: task.name, name: devices.name, instances: Array(ids)), wishes)
                }
                guard let best else { return nil }
                taken.formUnion(best.device.instances.map { Single(name: best.device.name, id: $0) })
                choice.given.append(best.device)
                choice.matched += best.wishes
            }
        }
        return choice
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
