import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

/// How long a worker believes in a lease.
@Suite(.timeLimit(.minutes(10))) struct LeaseTermTests {
    private static let ticket = WorkTicket(WorkItemKey("a", in: WorkQueueID("checks")), token: 7)

    @Test(arguments: [1, 2, 5, 12, 33, 60, 3600, 86_400]) func aCommandHasEndedBeforeItsLeaseIsOver(seconds: Int) {
        let asked = ContinuousClock.now
        let term = LeaseTerm(asked: asked, length: .seconds(seconds))
        #expect(term.end == asked + .seconds(seconds))
        #expect(asked < term.renewal && term.renewal < term.stop && term.stop < term.kill && term.kill < term.end)
        #expect(term.stop - term.renewal >= term.length / 4, "there is room for a second renewal")
        #expect(term.pause < term.stop - term.renewal)
    }

    @Test func theUsualLeaseLeavesTenSecondsToEnd() {
        let term = LeaseTerm(asked: ContinuousClock.now, length: .seconds(60))
        #expect(term.end - term.stop == .seconds(11) && term.end - term.kill == .seconds(1))
        #expect(term.grace == .seconds(10))
    }

    /// A server may grant more than was stated, of which the one that leads after it knows nothing.
    @Test func aTermCountsFromBeforeTheQuestionAndIsNoLongerThanStated() async throws {
        let arrival = Mutex<ContinuousClock.Instant?>(nil)
        let server = try MadeUpServer { _ in
            arrival.withLock { $0 = ContinuousClock.now }
            return MadeUpServer.json(#"{"LeaseSeconds":3600}"#)
        }
        let client = try ClusterClient(servers: [server.address])
        let old = ContinuousClock.now - .seconds(3600)
        let keeper = LeaseKeeper(client, Self.ticket, lease: .seconds(60), asked: old, length: .seconds(60))
        #expect(await keeper.confirm() == nil)
        let term = keeper.term
        let arrived = arrival.withLock { $0 }
        let seen = try #require(arrived)
        #expect(old < term.asked && term.asked <= seen)
        #expect(term.length == .seconds(60))
        await client.close()
    }

    @Test func aFreshLeaseIsNotRenewedAtOnce() async throws {
        let server = try MadeUpServer([:])
        let client = try ClusterClient(servers: [server.address])
        let keeper = LeaseKeeper(
            client, Self.ticket, lease: .seconds(3600), asked: ContinuousClock.now, length: .seconds(3600))
        #expect(await keeper.confirm() == nil)
        #expect(server.requests.isEmpty)
        await client.close()
    }
}
