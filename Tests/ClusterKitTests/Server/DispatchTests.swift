import Testing

@testable import ClusterKit

/// What a dispatch gives to a job, and what it must not.
@Suite struct DispatchTests {
    private let parent = JobID("build")

    private func bench(_ spec: ParameterizedSpec, kind: JobKind = .batch) -> CoreBench {
        var bench = CoreBench()
        _ = bench.addNode(1)
        var job = makeJob("build", kind: kind)
        job.parameterized = spec
        job.meta = ["branch": "main", "fixed": "yes"]
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        return bench
    }

    private func refusal(_ bench: inout CoreBench, _ order: DispatchOrder) -> String? {
        let id = bench.ask(.dispatch(parent, order))
        bench.write()
        guard case .failure(let error) = bench.reply(to: id) else { return nil }
        return error.code == .invalid ? error.message : "\(error)"
    }

    @Test(arguments: [JobKind.batch, .sysbatch])
    func aDispatchMakesAJobWithItsWordsAndBytes(_ kind: JobKind) throws {
        var bench = bench(ParameterizedSpec(requiredMeta: ["commit"], optionalMeta: ["branch"]), kind: kind)
        #expect(bench.core.head.allocations.count == 0 && bench.core.head.evaluations.count == 0)
        let order = DispatchOrder(payload: [0, 255, 7], meta: ["commit": "abc", "branch": "dev"], namePrefix: "pr")
        let id = bench.ask(.dispatch(parent, order))
        bench.write()
        let receipt = try #require(bench.receipt(for: id))
        let child = try #require(receipt.job.flatMap { bench.core.head.jobs[$0] })
        #expect(child.job.id.id.wholeMatch(of: #/build/dispatch-pr-1000-[0-9a-f]{8}/#) != nil, "\(child.job.id)")
        #expect(child.job.meta == ["commit": "abc", "branch": "dev", "fixed": "yes"])
        #expect(child.job.parameterized == nil && child.job.origin?.isDispatched == true)
        #expect(child.job.origin?.parent == parent)
        #expect(child.job.origin.map { JobOrigin.bytes(of: $0.payload) } == [0, 255, 7])
        #expect(receipt.evaluation.flatMap { bench.core.head.evaluations[$0] }?.status == .complete)
        #expect(bench.core.head.allocations(of: child.job.id).count == 1, "it runs")
        #expect(bench.core.head.allocations(of: parent).isEmpty)
    }

    @Test func aTokenMakesARepeatGiveTheFirstJob() throws {
        var bench = bench(ParameterizedSpec())
        let order = DispatchOrder(idempotencyToken: "once")
        let asked = [bench.ask(.dispatch(parent, order)), bench.ask(.dispatch(parent, order))]
        bench.write()
        let receipts = asked.compactMap { bench.receipt(for: $0) }
        #expect(receipts.count == 2 && receipts[0].job == receipts[1].job && receipts[1].evaluation == nil)
        let other = bench.ask(.dispatch(parent, DispatchOrder(idempotencyToken: "twice")))
        let plain = [bench.ask(.dispatch(parent, DispatchOrder())), bench.ask(.dispatch(parent, DispatchOrder()))]
        bench.write()
        #expect(bench.receipt(for: other)?.job != receipts[0].job)
        #expect(Set(plain.compactMap { bench.receipt(for: $0)?.job }).count == 2, "no token, no memory")
        #expect(bench.core.head.children(of: parent).count == 4)
    }

    @Test func aDispatchMayStateItsPriority() throws {
        var bench = bench(ParameterizedSpec())
        let asked = [nil, 80].map { bench.ask(.dispatch(parent, DispatchOrder(priority: $0))) }
        bench.write()
        let receipts = asked.compactMap { bench.receipt(for: $0) }
        #expect(receipts.map { $0.job.flatMap { bench.core.head.jobs[$0] }?.job.priority } == [50, 80])
        #expect(receipts.map { $0.evaluation.flatMap { bench.core.head.evaluations[$0] }?.priority } == [50, 80])
        #expect(refusal(&bench, DispatchOrder(priority: 101))?.contains("must lie in 1...100, it is 101") == true)
    }

    /// Or each node that comes would do the work of all times that are kept.
    @Test func childrenRunOnTheNodesThatThereWere() throws {
        var bench = bench(ParameterizedSpec(), kind: .sysbatch)
        let id = bench.ask(.dispatch(parent, DispatchOrder()))
        bench.write()
        let child = try #require(bench.receipt(for: id)?.job)
        _ = bench.ask(.register(makeJob("sweep", kind: .sysbatch), source: nil, ifUnchangedSince: nil))
        bench.write()
        let (plans, second) = (bench.core.head.evaluations(of: child).count, bench.addNode(2))
        #expect(bench.core.head.evaluations(of: child).count == plans, "nobody looks at it")
        #expect(bench.core.head.allocations(on: second).map(\.job) == [JobID("sweep")])
        // A look for any other reason begins nothing there either.
        _ = bench.ask(.evaluate(child))
        bench.write()
        #expect(bench.core.head.allocations(of: child).map(\.node) == [NodeID(high: 1, low: 1)])
    }

    @Test func whatAChildHadOnALostNodeComesBack() throws {
        var bench = bench(ParameterizedSpec(), kind: .sysbatch)
        let id = bench.ask(.dispatch(parent, DispatchOrder()))
        bench.write()
        let child = try #require(bench.receipt(for: id)?.job)
        bench.idle(40)
        #expect(bench.core.head.allocations(of: child).map(\.client) == [.lost])
        let node = bench.addNode(1)
        #expect(bench.core.head.allocations(of: child).filter(\.isLive).map(\.node) == [node])
    }

    @Test func whatIsNotAskedForIsRefused() {
        var bench = bench(ParameterizedSpec(payload: .required, requiredMeta: ["a"], optionalMeta: ["b"]))
        let bytes: [UInt8] = [1]
        #expect(refusal(&bench, DispatchOrder(meta: ["a": ""]))?.contains("not provided but required") == true)
        #expect(refusal(&bench, DispatchOrder(payload: bytes, meta: ["b": ""]))?.hasSuffix("meta keys: a") == true)
        #expect(refusal(&bench, DispatchOrder(payload: bytes, meta: ["a": "", "c": ""]))?.hasSuffix("keys: c") == true)
        let most = [UInt8](repeating: 1, count: 16_384)
        #expect(refusal(&bench, DispatchOrder(payload: most + [1], meta: ["a": ""]))?.contains("16385 > 16384") == true)
        #expect(refusal(&bench, DispatchOrder(payload: most, meta: ["a": ""])) == nil)
        let strange = DispatchOrder(payload: bytes, meta: ["a": ""], namePrefix: "a b")
        #expect(refusal(&bench, strange)?.contains("cannot be called") == true)
        #expect(bench.core.head.children(of: parent).count == 1)
        var closed = self.bench(ParameterizedSpec(payload: .forbidden))
        #expect(refusal(&closed, DispatchOrder(payload: bytes))?.contains("forbidden") == true)
        _ = closed.ask(.stop(parent, purge: false))
        #expect(refusal(&closed, DispatchOrder())?.contains("is stopped") == true)
    }

    @Test func onlyParameterizedJobsAreDispatched() {
        var bench = CoreBench()
        _ = bench.ask(.register(makeJob("build"), source: nil, ifUnchangedSince: nil))
        #expect(refusal(&bench, DispatchOrder())?.contains("not parameterized") == true)
    }

    /// Children are jobs like others once they were made.
    @Test func childrenOutliveTheirParentAndAreCollectedLikeOthers() throws {
        var bench = bench(ParameterizedSpec())
        let id = bench.ask(.dispatch(parent, DispatchOrder()))
        bench.write()
        let child = try #require(bench.receipt(for: id)?.job)
        _ = bench.ask(.stop(parent, purge: true))
        bench.write()
        let allocation = try #require(bench.core.head.allocations(of: child).first)
        #expect(allocation.isLive)
        _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: .complete)]))
        bench.write()
        let collected = bench.ask(.collect)
        while bench.reply(to: collected) == nil {
            bench.pass(.zero)
            bench.write()
        }
        #expect(bench.core.head.jobs.count == 0 && bench.core.head.childrenByJob.count(of: parent) == 0)
    }
}
