import Testing

@testable import ClusterKit

/// An order to stop waits for those who route to instances, and not for ever.
@Suite(.timeLimit(.minutes(1))) struct WithdrawalGateTests {
    private func lasts(_ body: () async -> Void) async -> Duration {
        let clock = ContinuousClock()
        return await clock.measure { await body() }
    }

    @Test func withNobodyToWaitForItIsOpen() async {
        let gate = WithdrawalGate()
        #expect(await lasts { await gate.wait(for: Revision(5), atMost: .seconds(600)) } < .seconds(50))
        let newcomer = gate.join()
        #expect(await lasts { await gate.wait(for: Revision(5), atMost: .seconds(600)) } < .seconds(50))
        gate.leave(newcomer)
    }

    @Test func itOpensWhenTheSlowestHasTakenNote() async {
        let gate = WithdrawalGate()
        let (fast, slow) = (gate.join(), gate.join())
        gate.member(fast, reached: Revision(4))
        gate.member(slow, reached: Revision(4))
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await gate.wait(for: Revision(5), atMost: .seconds(600))
                return true
            }
            gate.member(fast, reached: Revision(6))
            group.addTask {
                try? await Task.sleep(for: .milliseconds(100))
                return false
            }
            #expect(await group.next() == false, "one has not taken note")
            gate.member(slow, reached: Revision(5))
            #expect(await group.next() == true)
        }
    }

    @Test func oneThatLeavesIsNotWaitedFor() async {
        let gate = WithdrawalGate()
        let member = gate.join()
        gate.member(member, reached: Revision(1))
        let lasted = await lasts {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await gate.wait(for: Revision(5), atMost: .seconds(600)) }
                try? await Task.sleep(for: .milliseconds(50))
                gate.leave(member)
            }
        }
        #expect(lasted < .seconds(50))
    }

    @Test func aStuckFollowerDelaysAtMostTheLimit() async {
        let gate = WithdrawalGate()
        gate.member(gate.join(), reached: Revision(1))
        let lasted = await lasts { await gate.wait(for: Revision(5), atMost: .milliseconds(200)) }
        #expect(lasted >= .milliseconds(190) && lasted < .seconds(50), "\(lasted)")
    }
}
