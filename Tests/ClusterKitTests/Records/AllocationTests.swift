import Testing

@testable import ClusterKit

@Suite struct AllocationTests {
    /// Each property with a way to change it: what the tests below try one by one.
    private static let changes: [(name: String, change: @Sendable (inout Allocation) -> Void)] = [
        ("id", { $0.id = AllocationID(high: 9, low: 9) }),
        ("job", { $0.job = JobID("another") }),
        ("jobVersion", { $0.jobVersion += 1 }),
        ("group", { $0.group += "+" }),
        ("index", { $0.index += 1 }),
        ("node", { $0.node = NodeID(high: 9, low: 9) }),
        ("nodeName", { $0.nodeName += "+" }),
        ("evaluation", { $0.evaluation = EvaluationID(high: 9, low: 9) }),
        ("epoch", { $0.epoch = $0.epoch.next }),
        ("resources", { $0.resources.total.cpuMHz += 1 }),
        ("desired", { $0.desired = $0.desired == .stop ? .evict : .stop }),
        ("desiredDescription", { $0.desiredDescription += "+" }),
        ("client", { $0.client = $0.client == .lost ? .failed : .lost }),
        ("clientDescription", { $0.clientDescription += "+" }),
        ("tasks", { $0.tasks["another"] = TaskState() }),
        ("checks", { $0.checks.append($0.checks.first ?? check) }),
        ("reportSerial", { $0.reportSerial &+= 1 }),
        ("previous", { $0.previous = AllocationID(high: 9, low: 9) }),
        ("next", { $0.next = AllocationID(high: 9, low: 9) }),
        ("preempted", { $0.preempted.append(AllocationID(high: 9, low: 9)) }),
        ("preemptedBy", { $0.preemptedBy = AllocationID(high: 9, low: 9) }),
        (
            "reschedules",
            {
                $0.reschedules.append(
                    RescheduleEvent(time: $0.createTime, previous: $0.id, node: $0.node, delay: .seconds(1)))
            }
        ),
        ("followUp", { $0.followUp = EvaluationID(high: 9, low: 9) }),
        ("score", { $0.score += 1 }),
        ("createTime", { $0.createTime = $0.createTime + .seconds(1) }),
        ("modifyTime", { $0.modifyTime = $0.modifyTime + .seconds(1) }),
        ("createRevision", { $0.createRevision = $0.createRevision.next }),
        ("modifyRevision", { $0.modifyRevision = $0.modifyRevision.next }),
        ("deployment", { $0.deployment = DeploymentID(high: 9, low: 9) }),
        ("isCanary", { $0.isCanary.toggle() }),
        ("health", { $0.health = AllocationHealth(isHealthy: $0.health?.isHealthy != true, time: $0.createTime) }),
        ("wish", { $0.wish = $0.wish == .migrate ? .retire : .migrate }),
        ("work", { $0.work = WorkStatus(isBusy: $0.work?.isBusy != true, time: $0.createTime) }),
        ("cause", { $0.cause = $0.cause == .exit ? .driver : .exit }),
        ("fence", { $0.fence = ($0.fence ?? .zero) + .seconds(1) }),
        (
            "reload",
            { $0.reload = ReloadTurn(since: $0.createTime, phase: $0.reload?.phase == .waiting ? .granted : .waiting) }
        ),
    ]

    private static let check = CheckStatus(
        service: "web", index: 0, name: "alive", kind: "tcp", health: .passing, since: WallTime(nanoseconds: 1))

    private static let plain = Allocation(
        id: AllocationID(high: 1, low: 2), job: JobID("web"), jobVersion: 3, group: "all", index: 4,
        node: NodeID(high: 5, low: 6), nodeName: "n1", evaluation: EvaluationID(high: 7, low: 8), epoch: Epoch(2),
        resources: AllocatedResources(total: Resources(cpuMHz: 100)), time: WallTime(nanoseconds: 1000))

    private static var full: Allocation {
        var samples = Samples(seed: 3)
        return samples.allocation()
    }

    @Test func everyPropertyIsTried() {
        let fields = Set(Mirror(reflecting: Self.plain).children.compactMap(\.label))
        #expect(fields == Set(Self.changes.map(\.name)))
    }

    @Test(arguments: changes.map(\.name), [false, true])
    func aCopyDoesNotShareChanges(_ name: String, _ isFull: Bool) throws {
        let index = try #require(Self.changes.firstIndex { $0.name == name })
        let original = isFull ? Self.full : Self.plain
        let before = original.encoded
        var copy = original
        Self.changes[index].change(&copy)
        #expect(original.encoded == before)
        #expect(copy != original)
        #expect(copy.encoded != before)
        // Once it stands by itself, it is changed where it is.
        let once = copy
        Self.changes[index].change(&copy)
        Self.changes[(index + 1) % Self.changes.count].change(&copy)
        #expect(once != copy)
        #expect(original.encoded == before)
    }

    @Test(arguments: [false, true])
    func equalOnesAreEqualHoweverTheyCameAbout(_ isFull: Bool) throws {
        let original = isFull ? Self.full : Self.plain
        let read = try Allocation(decoding: original.encoded)
        #expect(read == original)
        #expect(read.hashValue == original.hashValue)
        var changed = read
        changed.clientDescription += "x"
        changed.next = nil
        changed.clientDescription.removeLast()
        changed.next = original.next
        #expect(changed == original)
        #expect(changed.hashValue == original.hashValue)
    }

    @Test func siblingsStandByThemselves() {
        let first = Self.plain
        var second = Allocation(
            beside: first, id: AllocationID(high: 1, low: 3), index: 5, node: NodeID(high: 5, low: 7), nodeName: "n2",
            resources: first.resources)
        let expected = Allocation(
            id: AllocationID(high: 1, low: 3), job: first.job, jobVersion: first.jobVersion, group: first.group,
            index: 5, node: NodeID(high: 5, low: 7), nodeName: "n2", evaluation: first.evaluation, epoch: first.epoch,
            resources: first.resources, time: first.createTime)
        #expect(second == expected)
        second.job = JobID("another")
        second.createTime = WallTime(nanoseconds: 1)
        #expect(first == Self.plain)
        #expect(first.job == JobID("web"))
    }

    /// What is on disks today must be readable for ever: written field by field, as the first version did, before
    /// checks and preemption were added.
    @Test func theFirstFormatIsRead() throws {
        var writer = RecordWriter()
        writer.record {
            for word: UInt64 in [1, 2] { $0.fixed(word) }
            for text in ["default", "web"] { $0.put(text) }
            $0.put(3)
            $0.put("all")
            $0.put(4)
            for word: UInt64 in [5, 6] { $0.fixed(word) }
            $0.put("n1")
            for word: UInt64 in [7, 8] { $0.fixed(word) }
            $0.varint(2)
            $0.put(AllocatedResources(total: Resources(cpuMHz: 100)))
            for time in [1000, 1000] { $0.put(time) }
            $0.varint(0)
            $0.put("")
            $0.varint(0)
            $0.put("")
            $0.varint(0)
            for _ in 0..<2 { $0.put(false) }
            $0.varint(0)
            $0.put(false)
            $0.fixed(0)
            for _ in 0..<2 { $0.varint(0) }
        }
        #expect(try Allocation(decoding: writer.bytes) == Self.plain)
        // Today's has twelve more: no checks, no report, nothing preempted, nothing of roll-outs, wishes, causes,
        // leases and turns.
        let more = [UInt8](repeating: 0, count: 12)
        #expect(Self.plain.encoded == [writer.bytes[0] + 12] + writer.bytes.dropFirst() + more)
    }
}
