import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct DeviceTests {
    static let small = DeviceGroup(
        name: DeviceName(vendor: "nvidia", kind: "gpu", model: "t4"),
        attributes: ["memory": "16 GiB", "clock": "1590 MHz", "cores": "2560", "power": "70W", "ecc": "true"],
        instances: ["c", "a", "b"].map { DeviceInstance($0) })
    static let large = DeviceGroup(
        name: DeviceName(vendor: "nvidia", kind: "gpu", model: "a100"),
        attributes: ["memory": "40 GiB", "clock": "1.41 GHz", "cores": "6912", "power": "0.4 kW", "bus": "900 GB/s"],
        instances: [DeviceInstance("x"), DeviceInstance("y", healthy: false)])

    @Test(arguments: [
        ("${device.attr.memory}", ConstraintOperator.equal, "16384 MiB", true),
        ("${device.attr.memory}", .notEqual, "16384MiB", false),
        ("${device.attr.memory}", .greater, "17 GB", true), ("${device.attr.memory}", .greater, "18 GB", false),
        ("${device.attr.memory}", .greaterOrEqual, "16 Gi", true),
        ("${device.attr.memory}", .less, "17179869185 B", true),
        ("${device.attr.memory}", .greater, "9 GiB", true),
        ("${device.attr.clock}", .equal, "1.59 GHz", true), ("${device.attr.power}", .equal, "70000 mW", true),
        ("${device.attr.cores}", .greater, "900", true), ("${device.attr.cores}", .equal, "2560.0", true),
        ("${device.attr.ecc}", .equal, "True", true), ("${device.attr.ecc}", .notEqual, "f", true),
        // Nothing holds between units of two kinds, or where only one side has a unit, is a number or a truth.
        ("${device.attr.memory}", .equal, "16 GHz", false), ("${device.attr.memory}", .notEqual, "16 GHz", false),
        ("${device.attr.memory}", .greaterOrEqual, "16000", false), ("${device.attr.memory}", .less, "2", false),
        ("${device.attr.power}", .greater, "1 GiB", false), ("${device.attr.power}", .less, "1 GiB", false),
        ("${device.attr.memory}", .less, "16 parsec", false), ("${device.attr.cores}", .notEqual, "many", false),
        ("${device.attr.ecc}", .notEqual, "1", false), ("${device.attr.cores}", .less, "nan", false),
        ("${device.attr.bus}", .notEqual, "1 GB/s", true),
        ("${device.vendor}", .equal, "nvidia", true), ("${device.type}", .equal, "gpu", true),
        ("${device.model}", .setContainsAny, "t4,v100", true), ("${device.attr.bus}", .isNotSet, "", true),
        // Devices know nothing of their node.
        ("${attr.kernel.name}", .isSet, "", false),
    ])
    func demands(attribute: String, comparison: ConstraintOperator, value: String, holds: Bool) {
        let check = ConstraintCheck<DeviceAttribute>(Constraint(attribute, comparison, value))
        #expect(check.holds(on: Self.small) == holds)
    }

    @Test(arguments: [
        ("40 GiB", 0x1.4p35), ("1KiB", 1024), ("2 kB", 2000), ("2 K", 2000), ("1 B", 1), ("1.5 T", 1.5e12),
        ("3 PiB", 0x1.8p51), ("5EB", 5e18), ("900 GB/s", 9e11), ("1 MiB/s", 1_048_576), ("1410MHz", 1.41e9),
        ("50 Hz", 50), ("250 W", 250), ("5 mW", 0.005), ("-1 GW", -1e9),
    ])
    func units(text: String, amount: Double) { #expect(Quantity(text)?.amount == amount) }

    @Test(arguments: ["40", "", "GiB", "40 gib", "1.GiB", ".5 GiB", "4 0 GiB", "40 GiHz", "1e3 W", "nan W", "40 G/s"])
    func noUnits(text: String) { #expect(Quantity(text) == nil) }

    @Test(arguments: [
        ("gpu", true), ("nvidia/gpu", true), ("nvidia/gpu/t4", true), ("nvidia/gpu/a100", false), ("amd/gpu", false),
        ("nvidia", false), ("fpga", false), ("", false), ("nvidia/gpu/t4/x", false),
    ])
    func names(name: String, matches: Bool) {
        #expect(need(DeviceRequest(name: name)).allSatisfy { $0.accepts(Self.small) } == matches)
    }

    private func need(_ requests: DeviceRequest...) -> [DeviceNeed] {
        DeviceNeed.all(
            of: TaskGroup(name: "g", tasks: [TaskSpec(name: "t", resources: TaskResources(devices: requests))]))
    }

    private func choice(_ needs: [DeviceNeed], _ room: DeviceRoom) -> (names: [String], matched: Double)? {
        guard case .success(let choice) = room.choose(needs) else { return nil }
        return (choice.devices.map { "\($0.name.model) \($0.instances.joined(separator: " "))" }, choice.matched)
    }

    @Test func instancesComeInOrderAndOnce() {
        var room = DeviceRoom([Self.small, Self.large])
        let two = need(DeviceRequest(name: "nvidia/gpu/t4", count: 2))
        #expect(choice(two, room)?.names == ["t4 a b"])
        let held = [AllocatedDevice(task: "t", name: Self.small.name, instances: ["b"])]
        room.take(held)
        #expect(choice(two, room)?.names == ["t4 a c"])
        // Held twice by mistake: free when both have given it back.
        room.take(held)
        room.give(held)
        #expect(choice(two, room)?.names == ["t4 a c"])
        room.give(held)
        #expect(choice(two, room)?.names == ["t4 a b"])
    }

    @Test func requestsShareGroupsButNoDevice() {
        let room = DeviceRoom([Self.small, Self.large])
        let one = DeviceRequest(name: "nvidia/gpu/t4"), two = DeviceRequest(name: "nvidia/gpu/t4", count: 2)
        #expect(choice(need(one, two), room)?.names == ["t4 a", "t4 b c"])
        #expect(choice(need(two, two), room) == nil)
        // All of one request come from one group, and an unhealthy device is none.
        #expect(choice(need(DeviceRequest(name: "gpu", count: 4)), room) == nil)
        #expect(choice(need(DeviceRequest(name: "nvidia/gpu/a100", count: 2)), room) == nil)
        guard case .failure(let lack) = room.choose(need(two, two)) else {
            Issue.record("four of three devices were given")
            return
        }
        #expect(lack.needed == 2 && lack.free == 1 && lack.name == "nvidia/gpu/t4")
    }

    /// What is named first would have the only device that is good for the other.
    @Test func aRequestGivesWayToWhoCouldHaveNoOther() {
        let room = DeviceRoom([Self.small, Self.large])
        let plain = DeviceRequest(name: "gpu"), large = DeviceRequest(name: "nvidia/gpu/a100")
        #expect(choice(need(plain, large), room)?.names == ["t4 a", "a100 x"])
        #expect(choice(need(large, plain), room)?.names == ["a100 x", "t4 a"])
        #expect(choice(need(plain, plain, large, plain), room)?.names == ["t4 a", "t4 b", "a100 x", "t4 c"])
        #expect(choice(need(plain, plain, large, plain, plain), room) == nil)
        #expect(choice(need(plain, large, large), room) == nil)
        let wishful = DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "a100", weight: 60)])
        #expect(choice(need(wishful, plain), room)?.matched == 60)
        #expect(choice(need(wishful, large), room)?.matched == 0, "a wish forbids nothing")
        // Ever so many of them end as well.
        let most = Array(repeating: plain, count: 40)
        let groups = (0..<40).map { number in
            DeviceGroup(
                name: DeviceName(vendor: "v", kind: "gpu", model: "\(number)"), attributes: [:],
                instances: number == 0 ? [] : [DeviceInstance("0")])
        }
        let needs = DeviceNeed.all(
            of: TaskGroup(name: "g", tasks: [TaskSpec(name: "t", resources: TaskResources(devices: most))]))
        #expect(choice(needs, DeviceRoom(groups)) == nil)
    }

    /// Whatever is asked for: what is given is what the plain reference gives, or what no order could.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func theReferenceGivesTheSame(seed: UInt64) throws {
        var entropy = Entropy(seed: seed)
        var node = sites([("a", 1)])[0]
        node.devices = ["k", "m", "t"].map { model in
            DeviceGroup(
                name: DeviceName(vendor: "v", kind: "gpu", model: model), attributes: [:],
                instances: (0..<(1 + entropy.below(3))).map { DeviceInstance("\($0)") })
        }
        for _ in 0..<20 {
            let requests = (0..<(2 + entropy.below(3))).map { _ in
                let name = ["gpu", "v/gpu/k", "v/gpu/m", "v/gpu/t"][entropy.below(4)]
                let wish = Affinity("${device.model}", .equal, ["k", "m", "t"][entropy.below(3)], weight: 10)
                return DeviceRequest(
                    name: name, count: 1 + entropy.below(2), affinities: entropy.below(2) == 0 ? [] : [wish])
            }
            let job = Job.sample { $0.groups[0].tasks[0].resources.devices = requests }
            let request = PlacementRequest(
                allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: "web")))
            let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: [.putNode(node)])
            let given = ([BinPackScheduler(), ReferenceScheduler()] as [any Scheduler]).map { scheduler in
                var (session, entropy) = (scheduler.session(on: snapshot), Entropy(seed: 1))
                return held(session.place([request], using: &entropy))
            }
            #expect(given[0] == given[1], "\(requests)")
        }
    }

    @Test func wishesChooseTheGroup() {
        let room = DeviceRoom([Self.small, Self.large])
        // Without a wish the first name.
        #expect(choice(need(DeviceRequest(name: "gpu")), room)?.names == ["a100 x"])
        let cheap = Affinity("${device.attr.power}", .less, "100 W", weight: 60)
        let big = Affinity("${device.attr.memory}", .greater, "20 GiB", weight: 40)
        let wishful = need(DeviceRequest(name: "gpu", affinities: [cheap, big]))
        #expect(choice(wishful, room)?.names == ["t4 a"])
        #expect(choice(wishful, room)?.matched == 60)
        let away = need(
            DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "a100", weight: -5)]))
        #expect(choice(away, room)?.names == ["t4 a"])
    }

    // MARK: In placements

    private func nodes() -> [Node] {
        var nodes = sites([("a", 1), ("b", 1), ("c", 1)])
        nodes[1].devices = [Self.small]
        nodes[2].devices = [Self.small, Self.large]
        return nodes
    }

    private func job(_ requests: DeviceRequest..., count: Int = 9) -> Job {
        Job.sample(count: count) { $0.groups[0].tasks[0].resources.devices = requests }
    }

    private func held(_ decisions: [Decision]) -> [String] {
        decisions.map { decision in
            guard case .placed(let placement) = decision else { return "-" }
            return placement.resources.devices.map {
                "\($0.task) \($0.name.model) \($0.instances.joined(separator: " "))"
            }.joined(separator: ", ")
        }
    }

    @Test func noDeviceTwice() throws {
        var bench = PlacementBench(Array(nodes().prefix(2)))
        let two = job(DeviceRequest(name: "gpu", count: 2))
        let decisions = bench.place(two, times: 2)
        #expect(held(decisions) == ["main t4 a b", "-"])
        #expect(bench.refusal(decisions).filtered == ["missing devices \"gpu\"": 1])
        #expect(bench.refusal(decisions).exhausted == ["devices: gpu": 1])
        #expect(
            bench.refusal(decisions).shortages == ["devices gpu: needs 2, most free is 1 on b1 (1 node looked at)"])
        #expect(try bench.lines(two)["b1"]?.refusal == "devices gpu: needs 2, 1 free")
        // What ends gives back exactly what it held; another session sees the same.
        let one = job(DeviceRequest(name: "nvidia/gpu"))
        #expect(held(bench.place(one)) == ["main t4 c"])
        bench.end(
            try #require(bench.snapshot.allocations.sorted.first { $0.resources.devices[0].instances.count == 2 }).id)
        var again = BinPackScheduler().session(on: bench.snapshot)
        var entropy = Entropy(seed: 1)
        let request = PlacementRequest(
            allocation: entropy.identifier(), subject: try #require(PlacementSubject(two, group: "web")))
        #expect(held(again.place([request], using: &entropy)) == ["main t4 a b"])
        #expect(held(bench.place(two, times: 2)) == ["main t4 a b", "-"])
    }

    @Test func demandsOnDevicesForbidNodes() throws {
        var bench = PlacementBench(nodes())
        let big = [Constraint("${device.attr.memory}", .greaterOrEqual, "40 GB")]
        let job = job(DeviceRequest(name: "gpu", constraints: big))
        #expect(try bench.lines(job)["b1"]?.refusal == "missing devices \"gpu\"")
        #expect(held(bench.place(job, times: 2)) == ["main a100 x", "-"])
    }

    @Test func wishesAboutDevicesAreAPart() throws {
        let bench = PlacementBench(nodes())
        let job = job(
            DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "a100", weight: 60)]),
            DeviceRequest(
                name: "gpu",
                affinities: [
                    Affinity("${device.attr.memory}", .less, "20 GiB", weight: 15),
                    Affinity("${device.attr.power}", .greater, "1 kW", weight: -25),
                ]))
        let lines = try bench.lines(job)
        // 15 of 100 where only small ones are, 60 + 15 of 100 where both are.
        #expect(lines["b1"]?.parts["devices"] == 0.15)
        #expect(lines["c1"]?.parts["devices"] == 0.75)
        let plain = try bench.lines(self.job(DeviceRequest(name: "gpu")))
        #expect(plain["c1"]?.parts.keys.sorted() == ["binpack"])
    }
}
