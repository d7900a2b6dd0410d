/// The devices of one node, and which of them are held.
struct DeviceRoom: Sendable {
    /// In the order of their names.
    private let groups: [Group]
    /// How often each is held. Two holders of one device are a mistake made elsewhere; counting both keeps it taken
    /// until both end.
    private var held: [Device: Int] = [:]

    private struct Group: Sendable {
        let description: DeviceGroup
        /// Those that can be given out, in order.
        let healthy: [String]
    }

    fileprivate struct Device: Hashable, Sendable {
        let name: DeviceName
        let id: String
    }

    /// What an instance gets.
    struct Choice {
        var devices: [AllocatedDevice] = []
        /// The weights of the wishes that the chosen groups meet.
        var matched = 0.0
        fileprivate var taken: Set<Device> = []

        fileprivate mutating func take(_ ids: ArraySlice<String>, of group: DeviceName, for need: DeviceNeed) {
            devices.append(AllocatedDevice(task: need.task, name: group, instances: Array(ids)))
            for id in ids { taken.insert(Device(name: group, id: id)) }
        }
    }

    init(_ devices: [DeviceGroup]) {
        groups = devices.map { group in
            Group(description: group, healthy: Set(group.instances.filter(\.healthy).map(\.id)).sorted())
        }.sorted { $0.description.name < $1.description.name }
    }

    mutating func take(_ devices: [AllocatedDevice]) {
        for device in devices {
            for id in device.instances { held[Device(name: device.name, id: id), default: 0] += 1 }
        }
    }

    mutating func give(_ devices: [AllocatedDevice]) {
        for device in devices {
            for id in device.instances {
                let key = Device(name: device.name, id: id)
                guard let count = held[key] else { continue }
                held[key] = count > 1 ? count - 1 : nil
            }
        }
    }

    /// Whether all of `devices` are there, well, and held by nobody.
    func isFree(_ devices: [AllocatedDevice]) -> Bool {
        var taken: Set<Device> = []
        return devices.allSatisfy { device in
            let healthy = groups.first { $0.description.name == device.name }?.healthy ?? []
            return device.instances.allSatisfy { id in
                let single = Device(name: device.name, id: id)
                return healthy.contains(id) && held[single] == nil && taken.insert(single).inserted
            }
        }
    }

    /// What is missing for the first of `needs` for which `given` holds too few of what it asks for; `nil` where all
    /// have theirs.
    func lack(of needs: [DeviceNeed], among given: [AllocatedDevice]) -> Lack? {
        for task in Set(needs.map(\.task)).sorted() {
            var ids: [DeviceName: Set<String>] = [:]
            for device in given where device.task == task { ids[device.name, default: []].formUnion(device.instances) }
            let own = groups.map { group in
                var description = group.description
                description.instances.removeAll { ids[description.name]?.contains($0.id) != true }
                return description
            }
            if case .failure(let lack) = DeviceRoom(own).choose(needs.filter { $0.task == task }) { return lack }
        }
        return nil
    }

    /// Devices for all of `needs`, each from the group that its wishes prefer, the first by name of equals. Where that
    /// leaves a later one without, an earlier one has to do with another group. If nothing helps, what is missing for
    /// the first need that finds none.
    func choose(_ needs: [DeviceNeed]) -> Result<Choice, Lack> {
        let choice = chooseOneByOne(needs)
        if needs.count > 1, case .failure = choice, let other = search(needs) { return .success(other) }
        return choice
    }

    private func chooseOneByOne(_ needs: [DeviceNeed]) -> Result<Choice, Lack> {
        var choice = Choice()
        for need in needs {
            var best: (group: DeviceName, free: [String], matched: Double)?
            var most = 0
            for group in groups where need.accepts(group.description) {
                let name = group.description.name
                let free = group.healthy.filter {
                    let device = Device(name: name, id: $0)
                    return held[device] == nil && !choice.taken.contains(device)
                }
                most = max(most, free.count)
                guard free.count >= need.count else { continue }
                let matched = need.wishes.matched(on: group.description)
                if best.map({ matched > $0.matched }) ?? true { best = (name, free, matched) }
            }
            guard let best else { return .failure(Lack(name: need.name, needed: need.count, free: most)) }
            choice.take(best.free.prefix(need.count), of: best.group, for: need)
            choice.matched += best.matched
        }
        return .success(choice)
    }

    /// The most groups that are tried before it gives up.
    private static let mostTries = 1000

    /// Like `chooseOneByOne`, but the last need that has another group gives way to one that finds none.
    private func search(_ needs: [DeviceNeed]) -> Choice? {
        let free = groups.map { group in
            group.healthy.filter { held[Device(name: group.description.name, id: $0)] == nil }
        }
        // By need, the groups that would do if it were alone, those first that it prefers.
        var options: [[(group: Int, matched: Double)]] = []
        for need in needs {
            let able = groups.indices.filter {
                free[$0].count >= need.count && need.accepts(groups[$0].description)
            }
            guard !able.isEmpty else { return nil }
            options.append(
                able.map { (group: $0, matched: need.wishes.matched(on: groups[$0].description)) }
                    .sorted { ($1.matched, $0.group) < ($0.matched, $1.group) })
        }
        var left = free.map(\.count)
        // By need, the place of its group among its options.
        var chosen: [Int] = []
        var next = 0
        var tries = 0
        while chosen.count < needs.count {
            let number = chosen.count
            if next < options[number].count {
                tries += 1
                guard tries <= Self.mostTries else { return nil }
                let group = options[number][next].group
                guard left[group] >= needs[number].count else {
                    next += 1
                    continue
                }
                left[group] -= needs[number].count
                chosen.append(next)
                next = 0
            } else {
                guard let last = chosen.popLast() else { return nil }
                left[options[number - 1][last].group] += needs[number - 1].count
                next = last + 1
            }
        }
        var choice = Choice()
        var given = Array(repeating: 0, count: groups.count)
        for (number, need) in needs.enumerated() {
            let (group, matched) = options[number][chosen[number]]
            let ids = free[group].dropFirst(given[group]).prefix(need.count)
            choice.take(ids, of: groups[group].description.name, for: need)
            choice.matched += matched
            given[group] += need.count
        }
        return choice
    }

    /// Too few of one kind.
    struct Lack: Error {
        let name: String
        let needed: Int
        /// In the group that has most.
        let free: Int
    }
}
