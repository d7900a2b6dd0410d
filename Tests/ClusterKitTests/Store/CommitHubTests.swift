import ClusterKit
import Testing

@Suite struct CommitHubTests {
    /// A hub of one lineage with `count` batches of one change published on it.
    private func make(_ count: Int, limit: Int = 100) -> (hub: CommitHub, head: Snapshot) {
        let hub = CommitHub(lineage: 9, limit: limit)
        var head = Snapshot()
        for _ in 0..<count { publish(&head, hub) }
        return (hub, head)
    }

    private func publish(_ head: inout Snapshot, _ hub: CommitHub, showing: Bool = true) {
        let batch = ChangeBatch(
            revision: head.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0),
            changes: [.removeNode(NodeID(high: 1, low: 1))])
        head.apply(batch)
        hub.publish(showing ? [batch] : [], head: head)
    }

    private func next(_ hub: CommitHub, _ lineage: UInt64?, _ revision: UInt64) async -> String {
        var iterator = Follow(hub: hub, after: Cursor(lineage: lineage, revision: Revision(revision)))
            .makeAsyncIterator()
        return switch await iterator.next() {
        case .batch(let batch, let state)?:
            "batch \(batch.revision) of \(state.revision), at \(iterator.cursor.revision)"
        case .resync(let state)?: "resync \(state.revision), at \(iterator.cursor.revision)"
        case nil: "end"
        }
    }

    @Test func theWindowHoldsTheNewest() async {
        // Each batch counts its change and itself: ten fit.
        let (hub, _) = make(30, limit: 20)
        #expect(await next(hub, 9, 20) == "batch 21 of 30, at 21")
        #expect(await next(hub, 9, 29) == "batch 30 of 30, at 30")
        #expect(await next(hub, 9, 19) == "resync 30, at 30")
        #expect(await next(hub, nil, 0) == "resync 30, at 30")
        #expect(await next(hub, 8, 25) == "resync 30, at 30")
        #expect(await next(hub, 9, 31) == "resync 30, at 30")
        #expect(await next(hub, 9, .max) == "resync 30, at 30")
        hub.close()
        #expect(await next(hub, 9, 25) == "end")
    }

    @Test func aGapIsNeverHandedOut() async {
        var (hub, head) = make(3)
        publish(&head, hub, showing: false)
        publish(&head, hub)
        #expect(await next(hub, 9, 2) == "batch 3 of 5, at 3")
        #expect(await next(hub, 9, 3) == "resync 5, at 5")
        #expect(await next(hub, 9, 4) == "resync 5, at 5")
    }

    @Test func aResetStartsFollowersAnew() async {
        let (hub, _) = make(5)
        let (_, other) = make(2)
        async let waiting = next(hub, 9, 5)
        hub.reset(to: other)
        #expect(await waiting == "resync 2, at 2")
        #expect(await next(hub, 9, 0) == "resync 2, at 2")
    }

    @Test func aCanceledFollowerEnds() async {
        let (hub, _) = make(1)
        let following = Task { await next(hub, 9, 1) }
        for _ in 0..<10 { await Task.yield() }
        following.cancel()
        #expect(await following.value == "end")
    }

    @Test func manyFollowersSeeTheSame() async {
        let (hub, start) = make(1, limit: 10_000)
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    var seen: [UInt64] = []
                    for await element in Follow(hub: hub, after: Cursor(lineage: 9, revision: Revision(1))) {
                        if case .batch(let batch, _) = element { seen.append(batch.revision.number) }
                        if seen.last == 101 { break }
                    }
                    return seen
                }
            }
            var head = start
            for _ in 0..<100 { publish(&head, hub) }
            for await seen in group { #expect(seen == Array(2...101)) }
        }
    }
}
