import Testing

@testable import ClusterKit

/// A server with two nodes, of which one falls silent and comes back as a test says.
struct SilenceBench {
    var bench = CoreBench()
    let first: NodeID
    let second: NodeID
    let web = JobID("web")

    /// A job of one instance that runs on the first node.
    init(count: Int = 1, kind: JobKind = .service, _ change: (inout TaskGroup) -> Void) {
        var bench = CoreBench()
        first = bench.addNode(1)
        var job = makeJob(count: count, kind: kind)
        change(&job.groups[0])
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        second = bench.addNode(2)
        self.bench = bench
    }

    var head: Snapshot { bench.core.head }
    var allocations: [Allocation] {
        head.allocations(of: web).sorted { ($0.createRevision, $0.id) < ($1.createRevision, $1.id) }
    }
    var original: Allocation? { allocations.first }
    /// What each instance has come to, the oldest first.
    var states: [String] { allocations.map { "\($0.desired.rawValue)/\($0.client.rawValue)" } }

    /// Seconds in which only the second node is heard of.
    mutating func wait(_ seconds: Int) { for _ in 0..<seconds { bench.beat(second) } }

    /// The first node falls silent, until it counts as lost.
    mutating func fallSilent() {
        for _ in 0..<60 where head.nodes[first]?.status == .ready { bench.beat(second) }
    }

    mutating func ask(_ request: ServerRequest) {
        _ = bench.ask(request)
        bench.write()
    }

    /// The first node is heard of again, and tells how its instance is.
    mutating func comeBack(telling client: ClientStatus? = .running) {
        _ = bench.addNode(1)
        guard let client, let original else { return }
        report(original, client)
    }

    mutating func report(_ allocation: Allocation, _ client: ClientStatus, startedAt: WallTime? = nil) {
        var state = TaskState()
        state.phase = client == .running ? .running : .dead
        state.startedAt = startedAt
        let report = AllocationReport(id: allocation.id, client: client, tasks: ["main": state])
        ask(.report(allocation.node, [report]))
    }

    /// Another server leads from what is stored.
    mutating func changeLeader() {
        bench = CoreBench(head: head, at: bench.now)
    }
}
