import Testing

@testable import ClusterKit

/// Workers that claim, renew, end, crash and come back late, under servers that fail over and stores that refuse.
private struct ClaimWorld {
    private static let names = (0..<12).map { "item-\($0)" }
    private static let systems = ["linux", "macos"]

    var bench = CoreBench()
    var chance: Entropy
    /// Every ticket that was ever given, in order.
    var tickets: [WorkTicket] = []
    /// The highest token of each item.
    var highest: [String: UInt64] = [:]
    /// Which token is known to have been accepted as done.
    var done: [String: UInt64] = [:]
    private var parked: [UInt64] = []
    private var answered: Set<UInt64> = []

    init(seed: UInt64) { chance = Entropy(seed: seed) }

    mutating func step() {
        switch chance.below(14) {
        case 0, 1:
            let constraint = chance.below(2) == 0 ? [:] : ["os": Self.systems[chance.below(2)]]
            bench.put(
                Self.names[chance.below(Self.names.count)],
                WorkOrder(
                    priority: 1 + chance.below(100), attributes: constraint, maxAttempts: 1 + chance.below(4),
                    retention: .seconds(chance.below(200))))
        case 2, 3, 4: claim()
        case 5: use { .renew($0) }
        case 6: use { .progress($0, 0.5, "half") }
        case 7: use { .giveBack($0, .released("")) }
        case 8: use { .giveBack($0, .failed("", delay: .seconds(5), isFinal: false)) }
        case 9, 10: use { .complete($0, result: [], message: "") }
        case 11: bench.idle(1 + chance.below(40))
        case 12: chance.below(4) == 0 ? failOver() : refuse()
        default: if chance.below(6) == 0 { _ = bench.work(.remove(key(Self.names[chance.below(12)]))) }
        }
        bench.write()
        collect()
        check()
    }

    private func key(_ name: String) -> WorkItemKey { WorkItemKey(name, in: CoreBench.builds) }

    private mutating func claim() {
        let attributes = ["os": Self.systems[chance.below(2)]]
        let wait = Duration.seconds(chance.below(3) * 20)
        let worker = WorkerStatement("worker-\(chance.below(5))", attributes: attributes, lease: .seconds(30))
        parked.append(bench.ask(.work(.claim(CoreBench.builds, worker, wait: wait))))
        if chance.below(8) == 0, let last = parked.last { bench.tell(.withdrawn(last)) }
    }

    /// Any ticket may be used at any time: most workers are late.
    private mutating func use(_ wish: (WorkTicket) -> WorkRequest) {
        guard !tickets.isEmpty else { return }
        let recent = max(0, tickets.count - 6)
        let ticket = tickets[recent + chance.below(tickets.count - recent)]
        let before = bench.item(ticket.item.id)
        let answer = bench.work(wish(ticket))
        guard let answer, case .success = answer else { return }
        // Whoever is heard has the newest lease: nobody else has had the item since.
        #expect(before?.token == ticket.token, "an older lease was taken for good")
        if bench.item(ticket.item.id)?.state == .complete { done[ticket.item.id] = ticket.token }
    }

    private mutating func failOver() {
        bench.failOver()
        parked = []
    }

    private mutating func refuse() {
        _ = bench.ask(.work(.put(WorkOrder(id: "item-0"), in: CoreBench.builds)))
        guard bench.takeAppend() != nil else { return }
        bench.tell(.appendFailed(.refused("disk full")))
        bench.pass(.seconds(2))
    }

    /// Takes in what those who wait were given.
    private mutating func collect() {
        for id in parked where !answered.contains(id) {
            guard let reply = bench.workReply(to: id) else { continue }
            answered.insert(id)
            guard let item = reply.item else { continue }
            #expect(item.state == .leased)
            #expect(item.token > highest[item.key.id, default: 0], "tokens only grow")
            highest[item.key.id] = item.token
            tickets.append(item.ticket)
        }
        bench.effects.removeAll { if case .reply = $0 { true } else { false } }
    }

    private func check() {
        let items = bench.core.head.work.sorted
        for item in items {
            // An item ends or waits, or exactly one has it.
            #expect((item.state == .leased) == (item.lease != nil))
            #expect(item.attempts <= item.maxAttempts)
            #expect(item.state != .waiting || item.attempts < item.maxAttempts)
            #expect(item.state != .leased || item.token == highest[item.key.id], "a lease that nobody was told of")
        }
        let counts = bench.core.head.work.counts(of: CoreBench.builds) ?? WorkCounts()
        #expect(counts.total == items.count && counts.leased == items.count { $0.state == .leased })
        #expect(bench.core.head.work.keys(in: CoreBench.builds) == items.map(\.key))
    }

    /// Everyone goes away, and one worker that may have everything takes what is left: then nothing waits.
    mutating func drain() {
        bench.idle(120)
        for _ in 0..<100 {
            for system in Self.systems {
                while let item = bench.claim("last", ["os": system]) {
                    _ = bench.work(.complete(item.ticket, result: [], message: ""))
                }
            }
        }
        for item in bench.core.head.work.sorted { #expect(item.isOver, "\(item.key) is left over: \(item.state)") }
    }
}

@Suite struct ClaimPropertyTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func oneWorkerAtATimeHasAnItemWhateverHappens(seed: UInt64) {
        var world = ClaimWorld(seed: seed)
        for _ in 0..<300 { world.step() }
        world.drain()
    }
}
