import Testing

@testable import ClusterKit

/// The table beside a dictionary of the same holders.
@Suite struct HolderTableTests {
    private struct Model {
        var table = HolderTable()
        var held: [AllocationID: Held] = [:]
        var entropy: Entropy

        mutating func add(_ held: Held) {
            table.add(held)
            self.held[held.id] = held
        }
    }

    private func holder(_ id: AllocationID, using entropy: inout Entropy) -> Held {
        let job = JobID("job-\(entropy.below(12))")
        var resources = AllocatedResources(total: Resources(cpuMHz: 100 * entropy.below(3), memoryMiB: 64))
        if entropy.below(4) == 0 { resources.ports = [PortMapping(label: "http", value: 20_000 + entropy.below(9))] }
        var held = Held(
            id: id, node: NodeID(high: 2, low: UInt64(entropy.below(7))),
            groupKey: GroupKey(job: job, group: "group-\(entropy.below(3))"), resources: resources)
        held.version = entropy.below(3)
        held.createTime = WallTime(nanoseconds: Int64(entropy.below(1_000)))
        held.priority = entropy.below(3) == 0 ? nil : entropy.below(100)
        held.isLive = entropy.below(2) == 0
        held.isReserved = entropy.below(2) == 0
        return held
    }

    private func isSame(_ left: Held?, _ right: Held?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.id == right.id && left.node == right.node && left.groupKey == right.groupKey
            && left.resources == right.resources && left.version == right.version && left.priority == right.priority
            && left.createTime == right.createTime && left.isLive == right.isLive && left.awaiting == right.awaiting
            && left.isReserved == right.isReserved && left.isEvicted == right.isEvicted
    }

    private func compare(_ model: Model, _ known: [AllocationID]) {
        for id in known {
            #expect(isSame(model.table[id], model.held[id]))
            #expect(model.table.contains(id) == (model.held[id] != nil))
            #expect(model.table.isReserved(id) == (model.held[id]?.isReserved ?? false))
        }
        for number in 0..<7 {
            let node = NodeID(high: 2, low: UInt64(number))
            let here = model.held.values.filter { $0.node == node }.map(\.id).sorted()
            #expect(model.table.holders(on: node).map(\.id).sorted() == here)
        }
        for number in 0..<12 {
            let job = JobID("job-\(number)")
            let ofJob = model.held.values.filter { $0.groupKey.job == job }
            #expect(model.table.holders(of: job).map(\.id).sorted() == ofJob.map(\.id).sorted())
            #expect(model.table.ofJob(job) == ofJob.reduce(into: [:]) { $0[$1.node, default: 0] += 1 })
            for group in 0..<3 {
                let key = GroupKey(job: job, group: "group-\(group)")
                let ofGroup = ofJob.filter { $0.groupKey == key }
                #expect(model.table.ofGroup(key) == ofGroup.reduce(into: [:]) { $0[$1.node, default: 0] += 1 })
            }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func isWhatADictionaryIs(seed: UInt64) {
        var model = Model(entropy: Entropy(seed: seed))
        var known: [AllocationID] = []
        for step in 0..<3_000 {
            switch model.entropy.below(5) {
            case 0, 1:
                // Some as they come, some numbered by hand, which stand side by side.
                let id = step % 2 == 0 ? model.entropy.identifier() : AllocationID(high: 1, low: UInt64(step))
                known.append(id)
                model.add(holder(id, using: &model.entropy))
            case 2:
                guard !known.isEmpty else { continue }
                let id = known[model.entropy.below(known.count)]
                guard let old = model.held[id] else { continue }
                var new = holder(id, using: &model.entropy)
                new = Held(id: id, node: old.node, groupKey: old.groupKey, resources: old.resources)
                new.priority = model.entropy.below(100)
                (new.awaiting, new.isEvicted) = (model.entropy.below(3), true)
                model.table.update(new)
                model.held[id] = new
            default:
                guard !known.isEmpty else { continue }
                let id = known[model.entropy.below(known.count)]
                #expect(isSame(model.table.remove(id), model.held.removeValue(forKey: id)))
            }
            if step % 500 == 0 { compare(model, known) }
        }
        compare(model, known)
        for id in known { #expect(isSame(model.table.remove(id), model.held.removeValue(forKey: id))) }
        compare(model, known)
    }

    @Test func copiesGoTheirOwnWay() {
        var model = Model(entropy: Entropy(seed: 9))
        let ids = model.entropy.identifiers(100, of: Allocation.self)
        for id in ids { model.add(holder(id, using: &model.entropy)) }
        let before = model.table
        for id in ids { _ = model.table.remove(id) }
        #expect(ids.allSatisfy { before.contains($0) && !model.table.contains($0) })
    }

    /// A node that is kept has its number while nobody is there, and reservations by that number are like others.
    @Test func keptNodesHaveTheirNumbersUntilTheyAreLetGo() {
        var table = HolderTable()
        let (node, other) = (NodeID(high: 0, low: 7), NodeID(high: 0, low: 8))
        let number = table.keep(node)
        let key = GroupKey(job: JobID("j"), group: "g")
        let resources = AllocatedResources(total: Resources(cpuMHz: 5, memoryMiB: 6))
        let ids = (1...3).map { AllocationID(high: 0, low: UInt64($0)) }
        let lease = table.lease(of: key, resources)
        for id in ids { #expect(table.reserve(id, lease, onNode: number) == node) }
        #expect(ids.allSatisfy { table.isReserved($0) && table[$0]?.resources == resources })
        #expect(table.ofGroup(key) == [node: 3])
        var seen: [AllocationID] = []
        table.visit(onNode: number) { holder in
            seen.append(holder.id)
            #expect(holder.total == resources.total && !holder.yields && !holder.isGoing && holder.priority == .max)
        }
        #expect(seen.sorted() == ids)
        for id in ids { _ = table.remove(id) }
        #expect(table.keep(node) == number && table.holders(on: node).isEmpty)
        table.letGo(node)
        #expect(table.keep(other) == number)
    }

    @Test func numbersThatDoNotFitAreHeldAtTheirEnds() {
        var table = HolderTable()
        var held = Held(
            id: AllocationID(high: 0, low: 1), node: NodeID(high: 0, low: 1),
            groupKey: GroupKey(job: JobID("j"), group: "g"),
            resources: AllocatedResources(total: Resources(cpuMHz: .max, memoryMiB: .min, diskMiB: 0)))
        (held.version, held.priority) = (.max, .min)
        table.add(held)
        #expect(table[held.id]?.version == Int(Int32.max))
        #expect(table[held.id]?.priority == Int(Int32.min + 1))
        #expect(table[held.id]?.resources == held.resources)
    }
}
