import Testing

@testable import ClusterKit

/// An order to stop waits for those who route to instances, and not for ever: a gate that does not open holds its test
/// up until the time limit.
@Suite(.timeLimit(.minutes(10))) struct WithdrawalGateTests {
    @Test func withNobodyToWaitForItIsOpen() async {
        let gate = WithdrawalGate()
        await gate.wait(for: Revision(5), atMost: .seconds(36_000))
        let newcomer = gate.join()
        await gate.wait(for: Revision(5), atMost: .seconds(36_000))
        gate.leave(newcomer)
    }

    @Test func itOpensWhenTheSlowestHasTakenNote() async {
        let gate = WithdrawalGate()
        let (fast, slow) = (gate.join(), gate.join())
        gate.member(fast, reached: Revision(4))
        gate.member(slow, reached: Revision(4))
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await gate.wait(for: Revision(5), atMost: .seconds(36_000))
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
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await gate.wait(for: Revision(5), atMost: .seconds(36_000)) }
            try? await Task.sleep(for: .milliseconds(50))
            gate.leave(member)
        }
    }

    @Test func aStuckFollowerDelaysAtMostTheLimit() async {
        let gate = WithdrawalGate()
        gate.member(gate.join(), reached: Revision(1))
        let lasted = await ContinuousClock().measure {
            await gate.wait(for: Revision(5), atMost: .milliseconds(200))
        }
        #expect(lasted >= .milliseconds(190), "\(lasted)")
    }
}
