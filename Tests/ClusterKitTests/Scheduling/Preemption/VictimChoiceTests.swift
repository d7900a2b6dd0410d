import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct VictimChoiceTests {
    /// Something that runs on the node, in the order of its creation.
    private func holder(
        _ number: UInt64, _ priority: Int, cpu: Int = 0, memory: Int = 0, disk: Int = 0, job: String? = nil,
        ports: [Int] = [], cores: [Int] = [], devices: [AllocatedDevice] = []
    ) -> Held {
        var resources = AllocatedResources(total: Resources(cpuMHz: cpu, memoryMiB: memory, diskMiB: disk))
        resources.ports = ports.map { PortMapping(label: "p\($0)", value: $0, to: 0, hostIP: "") }
        resources.cores = cores.isEmpty ? [:] : ["main": cores]
        resources.devices = devices
        let allocation = Allocation(
            id: AllocationID(high: 0, low: number), job: JobID(job ?? "job-\(number)"), jobVersion: 0, group: "web",
            index: 0, node: NodeID(high: 0, low: 1), evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
            resources: resources, time: WallTime(nanoseconds: Int64(number)))
        var held = Held(allocation)
        held.priority = priority
        return held
    }

    /// The numbers of those who end on a node of 4000 MHz, 4096 MiB and 4 cores, in the order of their choice.
    private func victims(
        _ holders: [Held], cpu: Int = 0, memory: Int = 0, disk: Int = 0, cores: Int = 0, ports: [Int] = [],
        devices: [DeviceRequest] = []
    ) -> [UInt64]? {
        var node = Node(
            id: NodeID(high: 0, low: 1), name: "n", capacity: Resources(cpuMHz: 4000, memoryMiB: 4096, diskMiB: 10_000))
        node.cores = 4
        node.devices = [DeviceTests.small]
        var room = NodeRoom(node)
        for holder in holders { room.add(holder) }
        var group = TaskGroup(
            name: "web",
            tasks: [
                TaskSpec(
                    name: "main",
                    resources: TaskResources(cpuMHz: cpu, cores: cores, memoryMiB: memory, devices: devices))
            ])
        group.disk.sizeMiB = disk
        if !ports.isEmpty {
            group.network = NetworkSpec(ports: ports.map { PortSpec(label: "p\($0)", number: $0) })
        }
        let full = Dictionary(uniqueKeysWithValues: holders.map { ($0.id, $0) })
        let needs = GroupNeeds(group)
        var choice = VictimChoice(
            needs, on: room.gauge, full: needs.isPlain ? nil : FullTrial(room: room, needs: needs, holders: full))
        return choice.victims(among: contenders(holders.filter { !$0.isGoing }))?.victims.map(\.id.low)
    }

    private func contenders(_ holders: [Held]) -> [Contender] {
        let groups = Array(Set(holders.map(\.groupKey)))
        return holders.map { Contender($0, group: Int32(groups.firstIndex(of: $0.groupKey) ?? -1)) }
    }

    @Test func theLeastImportantEndsFirstHoweverWellOthersMatch() {
        let holders = [holder(1, 30, memory: 1024), holder(2, 20, memory: 3072)]
        #expect(victims(holders, memory: 1024) == [2])
        #expect(victims([holder(1, 20, memory: 1024), holder(2, 30, memory: 3072)], memory: 1024) == [1])
    }

    @Test func ofOnePriorityTheNearestMatchEnds() {
        // Distances to 1000 MiB: 0.5, 0.1 and 0.496.
        let holders = [holder(1, 20, memory: 1500), holder(2, 20, memory: 1100), holder(3, 20, memory: 1496)]
        #expect(victims(holders, memory: 1000) == [2])
        // With processor time: 0 and 0.5 are farther than 0.1 and 0.1.
        let both = [holder(1, 20, cpu: 500, memory: 1000), holder(2, 20, cpu: 1100, memory: 1100)]
        let rest = holder(3, 90, cpu: 2400, memory: 1996)
        #expect(victims(both + [rest], cpu: 1000, memory: 1000) == [2])
    }

    @Test func ofEqualsTheYoungestEnds() {
        let holders = (1...4).map { holder(UInt64($0), 20, memory: 1024) }
        #expect(victims(holders, memory: 1024) == [4])
        #expect(victims(holders, memory: 2048).map(Set.init) == [4, 3])
    }

    @Test func anotherOfOneGroupCountsAsFar() {
        let holders = [
            holder(1, 20, memory: 1000, job: "a"), holder(2, 20, memory: 1000, job: "a"),
            holder(3, 20, memory: 2096, job: "b"),
        ]
        // 2000 MiB are asked: 3 is nearest and suffices; for 3000 one of job a is added, and not both.
        #expect(victims(holders, memory: 2000) == [3])
        #expect(victims(holders, memory: 3000) == [3, 2])
        // Both of job a would be as near, the second of them 50 farther.
        let equal = [
            holder(1, 20, memory: 1000, job: "b"), holder(2, 20, memory: 1000, job: "a"),
            holder(3, 20, memory: 1000, job: "a"), holder(4, 90, memory: 1096),
        ]
        #expect(victims(equal, memory: 2000) == [3, 1])
    }

    @Test func whoBecomesSuperfluousIsSpared() {
        // The least important end first, and turn out not to be needed; of them the worst match is spared first.
        let holders = [
            holder(1, 10, memory: 100), holder(2, 10, memory: 200), holder(3, 30, memory: 3000),
            holder(4, 90, memory: 796),
        ]
        #expect(victims(holders, memory: 3000) == [3])
        #expect(victims(holders, memory: 3150) == [2, 3])
        #expect(victims(holders, memory: 3250) == [2, 1, 3])
    }

    /// However many there are, those end who end by the rules alone.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func manyAreChosenAsFewAre(seed: UInt64) {
        var entropy = Entropy(seed: seed)
        let count = [5, 16, 20, 60][entropy.below(4)]
        let holders = (1...count).map { number in
            holder(
                UInt64(number), 20 + 10 * entropy.below(2), memory: 10 + 10 * entropy.below(4),
                job: "job-\(entropy.below(7))")
        }
        let all = holders.reduce(0) { $0 + $1.resources.total.memoryMiB }
        let rest = holder(1000, 90, memory: 4096 - all)
        for share in [30, 70, 100] {
            let memory = all * share / 100
            #expect(victims(holders + [rest], memory: memory) == plainVictims(holders, memory: memory))
        }
    }

    /// Who ends on a full node for so much memory.
    private func plainVictims(_ holders: [Held], memory: Int) -> [UInt64] {
        func distance(_ held: Held, to ask: Int) -> Double {
            let share = (Double(ask) - Double(held.resources.total.memoryMiB)) / Double(ask)
            return (share * share).squareRoot()
        }
        var (candidates, chosen, free) = (holders, [Held](), 0)
        while free < memory {
            let missing = memory - free
            let lowest = candidates.compactMap(\.priority).min()
            let far = candidates.filter { $0.priority == lowest }.map { held in
                let again = chosen.count { $0.groupKey == held.groupKey }
                return (held: held, distance: distance(held, to: missing) + 50 * Double(again))
            }
            let nearest = far.min { ($0.distance, $1.held.id) < ($1.distance, $0.held.id) }
            guard let next = nearest?.held else { return [] }
            candidates.removeAll { $0.id == next.id }
            chosen.append(next)
            free += next.resources.total.memoryMiB
        }
        let order = chosen.map { (held: $0, distance: distance($0, to: memory)) }
            .sorted { ($1.distance, $0.held.id) < ($0.distance, $1.held.id) }
        var spared: Set<AllocationID> = []
        for (held, _) in order where free - held.resources.total.memoryMiB >= memory {
            free -= held.resources.total.memoryMiB
            spared.insert(held.id)
        }
        return chosen.filter { !spared.contains($0.id) }.map(\.id.low)
    }

    @Test func whatVictimsHoldByNumberComesFree() {
        let ports = [holder(1, 20, memory: 10, ports: [80]), holder(2, 20, memory: 10, ports: [443])]
        #expect(victims(ports, memory: 10, ports: [80]) == [1])
        #expect(victims(ports, memory: 10, ports: [443, 80]).map(Set.init) == [1, 2])
        let cores = [holder(1, 30, cpu: 2000, cores: [0, 1]), holder(2, 20, cpu: 2000, cores: [2, 3])]
        #expect(victims(cores, cores: 2) == [2])
        #expect(victims(cores, cores: 3) == [2, 1])
        let devices = [["a"], ["b", "c"]].enumerated().map { number, ids in
            holder(
                UInt64(number + 1), 20, memory: 10,
                devices: [AllocatedDevice(task: "main", name: DeviceTests.small.name, instances: ids)])
        }
        #expect(victims(devices, devices: [DeviceRequest(name: "gpu", count: 2)]) == [2])
        #expect(victims(devices, devices: [DeviceRequest(name: "gpu", count: 3)]).map(Set.init) == [1, 2])
    }

    @Test func nobodyEndsInVain() {
        #expect(victims([holder(1, 20, memory: 4000)], memory: 5000) == nil)
        #expect(victims([], memory: 5000) == nil)
        #expect(victims([holder(1, 20, ports: [80])], ports: [70_000]) == nil)
    }

    @Test func scoreFallsWithWhatIsLost() {
        // 1 / (1 + e^(0.0048 (max + sum / max - 2048)))
        #expect(abs(VictimChoice.part([20]) - 0.999_940_507) < 1e-8)
        #expect(abs(VictimChoice.part([40, 20, 20]) - 0.999_934_198) < 1e-8)
        #expect(VictimChoice.part([20]) > VictimChoice.part([20, 20]))
        #expect(VictimChoice.part([20, 20]) > VictimChoice.part([30]))
    }
}
