import ClusterTesting
import Testing

@testable import ClusterKit

/// Answers of schedulers that somebody else wrote.
@Suite struct CheckedSchedulerTests {
    /// Answers what it is told to, whatever is asked.
    private struct Scripted: Scheduler {
        let answers: [Decision]

        struct Session: SchedulingSession {
            let answers: [Decision]
            mutating func apply(_ batch: ChangeBatch) -> FreedRoom { FreedRoom() }
            mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] { answers }
            mutating func release(_ reserved: [AllocationID]) {}
            func vacancy(on node: NodeID) -> Vacancy? { nil }
        }

        func session(on snapshot: Snapshot) -> any SchedulingSession { Session(answers: answers) }

        func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
            Explanation(lines: [], remedies: [])
        }
    }

    /// A cluster with a small machine, and one that takes no work; a batch job of priority 20 runs on the small one.
    private struct Scene {
        var nodes = sites([("a", 2)], cores: 4, memoryGiB: 4)
        var running: Allocation
        var request: PlacementRequest
        var placement: Placement
        var rules = SchedulingRules()

        init() throws {
            nodes[1].eligibility = .ineligible
            nodes[0].devices = [
                DeviceGroup(
                    name: DeviceName(vendor: "v", kind: "gpu", model: "m"), instances: [DeviceInstance("g0")])
            ]
            rules.preempting = [.service]
            let total = Resources(cpuMHz: 500, memoryMiB: 3000, diskMiB: 300)
            running = Allocation(
                id: AllocationID(high: 1, low: 1), job: JobID("low"), jobVersion: 0, group: "all", index: 0,
                node: nodes[0].id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
                resources: AllocatedResources(total: total), time: WallTime(nanoseconds: 0))
            running.client = .running
            let job = makeJob("web", cpuMHz: 500)
            request = PlacementRequest(
                allocation: AllocationID(high: 2, low: 2), subject: try #require(PlacementSubject(job, group: "all")))
            let needs = job.groups[0].tasks[0].resources
            placement = Placement(
                node: nodes[0].id,
                resources: AllocatedResources(
                    total: Resources(cpuMHz: 500, memoryMiB: needs.memoryMiB, diskMiB: job.groups[0].disk.sizeMiB)),
                score: 0.5)
        }

        var decision: Decision {
            var low = makeJob("low", kind: .batch)
            low.priority = 20
            let record = JobRecord(job: low, version: 0, submitTime: WallTime(nanoseconds: 0))
            let snapshot = Snapshot(
                revision: Revision(1), epoch: Epoch(1),
                records: nodes.map(Change.putNode) + [
                    .putJob(record), .putSchedulingRules(rules), .putAllocation(running),
                ])
            var entropy = Entropy(seed: 1)
            var session = CheckedScheduler.of(Scripted(answers: [.placed(placement)])).session(on: snapshot)
            return session.place([request], using: &entropy)[0]
        }
    }

    @Test func whatIsRightIsTaken() throws {
        var scene = try Scene()
        #expect(scene.decision == .placed(scene.placement))
        scene.placement.resources.total.memoryMiB = 4000
        scene.placement.evicting = [scene.running.id]
        #expect(scene.decision == .placed(scene.placement), "a less important one may end for it")
    }

    private typealias Mistake = (words: String, make: @Sendable (inout Scene) -> Void)

    private static let mistakes: [Mistake] = [
        ("is not known", { $0.placement.node = NodeID(high: 9, low: 9) }),
        ("a2 takes no work", { $0.placement.node = $0.nodes[1].id }),
        ("is kept for other work", { $0.request.withheld = [$0.nodes[0].id] }),
        ("was not asked about", { $0.request.pinned = $0.nodes[1].id }),
        ("has a node already", { $0.request.allocation = $0.running.id }),
        ("has less than", { $0.placement.resources.total.memoryMiB = 2000 }),
        ("MiB of disk are needed", { $0.placement.resources.total.memoryMiB = 1 }),
        ("it gives the ports", { $0.placement.resources.ports = [PortMapping(label: "http", value: 80)] }),
        ("cores [0, 0] of node a1 are not free", { $0.placement.resources.cores = ["main": [0, 0]] }),
        ("cores [4] of node a1 are not free", { $0.placement.resources.cores = ["main": [4]] }),
        ("a device of node a1 is not free", giveADeviceTwice),
        ("1 of the devices gpu are needed, and it gives 0", askForADevice),
        ("1 of the devices fpga are needed, and it gives 0", giveADeviceOfAnotherKind),
        ("1 of the devices gpu are needed, and it gives 0", giveADeviceToAnotherTask),
        ("which is to end, is not on node a1", { $0.placement.evicting = [AllocationID(high: 7, low: 7)] }),
        ("ends twice", { $0.placement.evicting = [$0.running.id, $0.running.id] }),
        ("need not end for this job", { ($0.running.desired, $0.placement.evicting) = (.stop, [$0.running.id]) }),
        ("may not let others end", { ($0.rules.preempting, $0.placement.evicting) = ([], [$0.running.id]) }),
        (
            "cannot be replaced",
            { ($0.request.replacing, $0.placement.evicting) = ($0.running.id, [$0.running.id]) }
        ),
    ]

    private static func give(_ ids: [String], to task: String = "main", in scene: inout Scene) {
        let name = DeviceName(vendor: "v", kind: "gpu", model: "m")
        scene.placement.resources.devices = [AllocatedDevice(task: task, name: name, instances: ids)]
    }

    private static func need(_ device: String, in scene: inout Scene) {
        var job = scene.request.subject.job
        job.groups[0].tasks[0].resources.devices = [DeviceRequest(name: device)]
        scene.request.subject = PlacementSubject(job, group: "all") ?? scene.request.subject
    }

    @Sendable private static func giveADeviceTwice(_ scene: inout Scene) { give(["g0", "g0"], in: &scene) }

    @Sendable private static func askForADevice(_ scene: inout Scene) { need("gpu", in: &scene) }

    @Sendable private static func giveADeviceOfAnotherKind(_ scene: inout Scene) {
        need("fpga", in: &scene)
        give(["g0"], in: &scene)
    }

    @Sendable private static func giveADeviceToAnotherTask(_ scene: inout Scene) {
        need("gpu", in: &scene)
        give(["g0"], to: "sidecar", in: &scene)
    }

    @Test(arguments: mistakes.indices) func whatIsWrongIsRefused(_ number: Int) throws {
        var scene = try Scene()
        let mistake = Self.mistakes[number]
        mistake.make(&scene)
        guard case .refused(let refusal) = scene.decision else {
            Issue.record("\(mistake.words): it was taken")
            return
        }
        #expect(refusal.shortages.count == 1 && refusal.shortages[0].contains(mistake.words), "\(refusal.shortages)")
        #expect(refusal.shortages[0].hasPrefix("the scheduler's answer was not taken: "))
    }

    @Test func devicesThatAreAskedForAreTaken() throws {
        var scene = try Scene()
        Self.need("v/gpu", in: &scene)
        Self.give(["g0"], in: &scene)
        #expect(scene.decision == .placed(scene.placement))
    }

    /// Two answers that each fit, but not both; what is released can be given again.
    @Test func whatWasGivenBeforeCounts() throws {
        var scene = try Scene()
        scene.placement.resources.total.memoryMiB = 600
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1),
            records: scene.nodes.map(Change.putNode) + [.putAllocation(scene.running)])
        let scripted = Scripted(answers: [.placed(scene.placement), .placed(scene.placement)])
        var session = CheckedScheduler.of(scripted).session(on: snapshot)
        var entropy = Entropy(seed: 1)
        var other = scene.request
        other.allocation = AllocationID(high: 3, low: 3)
        let first = session.place([scene.request, other], using: &entropy)
        #expect(first[0] == .placed(scene.placement) && first[1] != .placed(scene.placement))
        session.release([scene.request.allocation])
        #expect(session.place([other], using: &entropy)[0] == .placed(scene.placement))
        var ended = scene.running
        ended.client = .complete
        _ = session.apply(
            ChangeBatch(
                revision: Revision(2), epoch: Epoch(1), time: WallTime(nanoseconds: 0),
                changes: [.putAllocation(ended)]))
        #expect(session.place([scene.request], using: &entropy)[0] == .placed(scene.placement))
    }

    @Test func aMissingAnswerIsARefusal() throws {
        let scene = try Scene()
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: scene.nodes.map(Change.putNode))
        var session = CheckedScheduler.of(Scripted(answers: [])).session(on: snapshot)
        var entropy = Entropy(seed: 1)
        #expect(session.place([scene.request], using: &entropy) == [.refused(.unanswered)])
    }

    @Test func ourOwnIsTrusted() {
        #expect(CheckedScheduler.of(BinPackScheduler()) is BinPackScheduler)
        #expect(CheckedScheduler.of(Scripted(answers: [])) is CheckedScheduler)
    }
}
