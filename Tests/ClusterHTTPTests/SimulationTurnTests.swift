import ClusterKit
import Synchronization
import Testing

@testable import ClusterHTTP

/// One simulation at a time.
struct SimulationTurnTests {
    /// Holds a turn until it is told to end.
    private final class Hold: Sendable {
        private let (stream, end) = AsyncStream.makeStream(of: Void.self)

        func wait() async { for await _ in stream {} }
        func finish() { end.finish() }
    }

    /// Notes in which order things happen.
    private final class Order: Sendable {
        private let state = Mutex<[Int]>([])

        var numbers: [Int] { state.withLock(\.self) }
        func note(_ number: Int) { state.withLock { $0.append(number) } }
    }

    /// Waits until `turn` has so many waiting.
    private func expect(_ count: Int, waitingFor turn: SimulationTurn) async {
        while turn.waiting != count, !Task.isCancelled { await Task.yield() }
    }

    @Test(.timeLimit(.minutes(1))) func othersWaitInTheOrderInWhichTheyCame() async throws {
        let (turn, hold, order) = (SimulationTurn(), Hold(), Order())
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (taken, began) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                try await turn.take {
                    began.finish()
                    await hold.wait()
                    order.note(0)
                }
            }
            for await _ in taken {}
            for number in 1...3 {
                group.addTask { try await turn.take { order.note(number) } }
                await expect(number, waitingFor: turn)
            }
            hold.finish()
            try await group.waitForAll()
        }
        #expect(order.numbers == [0, 1, 2, 3])
        #expect(turn.waiting == 0)
    }

    @Test(.timeLimit(.minutes(1))) func whoWaitsNoLongerLosesTheTurnToNobody() async throws {
        let (turn, hold) = (SimulationTurn(mostWaiting: 1), Hold())
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (taken, began) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                try await turn.take {
                    began.finish()
                    await hold.wait()
                }
            }
            for await _ in taken {}
            let waiter = Task { try await turn.take { Issue.record("it was given up") } }
            await expect(1, waitingFor: turn)
            let refused = await #expect(throws: ClusterError.self) { try await turn.take {} }
            #expect(refused?.code == .unavailable)
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(turn.waiting == 0)
            hold.finish()
            try await group.waitForAll()
        }
        let result = try await turn.take { 7 }
        #expect(result == 7)
    }

    /// A question whose body throws gives its turn back.
    @Test func aFailureGivesTheTurnBack() async throws {
        let turn = SimulationTurn()
        await #expect(throws: ClusterError.self) {
            try await turn.take { throw ClusterError(.invalid, "no") }
        }
        let result = try await turn.take { 7 }
        #expect(result == 7)
    }

    /// Nobody waits for the answer: the hours that are left are not played.
    @Test func aQuestionThatNobodyAsksAnyMoreEnds() throws {
        let question = try WhatIfRequest(JSONBody(Array(#"{"Hours":8784}"#.utf8)))
        let audience = Audience()
        audience.leave()
        let simulation = Simulation(of: Snapshot(), at: WallTime(nanoseconds: 0))
        #expect(throws: CancellationError.self) {
            _ = try question.answer(in: simulation, for: audience)
        }
    }
}
