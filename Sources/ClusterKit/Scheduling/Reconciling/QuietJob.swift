/// The quick answer for a job of which all is as it should be, which is what nearly every look finds.
///
/// It puts nothing in order and copies nothing: one pass over the instances. Whatever it takes a closer look to judge
/// is not quiet; the reconciler then looks at everything.
struct QuietJob {
    private let record: JobRecord
    private let head: Snapshot
    private let groups: [String: Int]
    /// How many instances each group wants.
    private let counts: [Int]

    /// Which numbers of a group are taken, and how many.
    private struct Numbers {
        private var taken: [Bool]
        private(set) var count = 0

        init(upTo limit: Int) { taken = [Bool](repeating: false, count: limit) }

        /// Returns whether the number was free, and not far above all that are wanted.
        mutating func take(_ number: Int) -> Bool {
            guard taken.indices.contains(number), !taken[number] else { return false }
            taken[number] = true
            count += 1
            return true
        }
    }

    /// Which nodes are there and not down. Most instances stand beside one of the same node.
    private struct Nodes {
        private var good: Set<NodeID> = []
        private var latest: NodeID?

        mutating func countsOn(_ node: NodeID, in head: Snapshot) -> Bool {
            if node == latest { return true }
            if !good.contains(node) {
                guard head.nodes.part(of: node, { $0.status != .down }) == true else { return false }
                good.insert(node)
            }
            latest = node
            return true
        }
    }

    /// `nil` for jobs that are not looked at group by group, and while something is said of a roll-out.
    init?(_ record: JobRecord?, in head: Snapshot, largestCount: Int) {
        guard let record, !record.stopped, !record.job.isParent, !record.job.kind.runsEverywhere else { return nil }
        let rollouts = head.deployments(of: record.job.id)
        guard rollouts.allSatisfy({ !$0.isActive && ($0.jobVersion != record.version || $0.status != .failed) })
        else { return nil }
        self.record = record
        self.head = head
        groups = Dictionary(
            record.job.groups.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        counts = record.job.groups.map { min(max(0, $0.count), largestCount) }
        guard groups.count == counts.count else { return nil }
    }

    /// Whether nothing is to be done.
    func holds() -> Bool {
        #if MUTANTS
            if Sabotage.active == .repeatedWork { return false }
        #endif
        // Numbers of instances that were kept over others may lie above the count.
        var numbers = counts.map { Numbers(upTo: 2 * $0 + 64) }
        var nodes = Nodes()
        let only = record.job.groups.count == 1 ? record.job.groups.first?.name : nil
        for id in head.allocationsByJob.unordered(of: record.job.id) {
            guard let allocation = head.allocations[id] else { continue }
            let name = allocation.group
            guard let group = name == only ? 0 : groups[name] else { return false }
            guard allocation.client.isTerminal else {
                guard nodes.countsOn(allocation.node, in: head), allocation.client != .unknown else { return false }
                // What was told to end, and has not yet, holds no number.
                guard allocation.desired == .run else { continue }
                guard allocation.jobVersion == record.version, allocation.isSteady,
                    numbers[group].take(allocation.index)
                else { return false }
                continue
            }
            // Done work ends whoever does it once more.
            if allocation.client == .complete, allocation.next != nil, allocation.desired == .run { return false }
            guard allocation.desired == .run, allocation.next == nil, allocation.wish != .retire else { continue }
            guard record.job.kind.isFinite else { return false }
            if allocation.jobVersion < record.workVersion { continue }
            guard allocation.client == .complete, !allocation.isCanary, numbers[group].take(allocation.index) else {
                return false
            }
        }
        return zip(numbers, counts).allSatisfy { $0.count == $1 }
    }
}
