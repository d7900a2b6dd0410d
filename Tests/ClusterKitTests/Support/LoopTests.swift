import ClusterKit
import Synchronization
import Testing

@Suite struct LoopTests {
    /// Notes what it is given, asks to be woken, and says so by effects.
    struct NotingCore: Core {
        enum Event: Sendable {
            case note(Int)
            case wake(after: Duration)
        }

        var notes: [Int] = []
        var alarm: Uptime?

        mutating func handle(
            _ event: consuming Event, at now: Now, using entropy: inout Entropy, into effects: inout [String]
        ) {
            switch event {
            case .note(let number):
                notes.append(number)
                effects.append("noted \(number)")
            case .wake(let delay): alarm = now.uptime + delay
            }
        }

        mutating func wake(at now: Now, using entropy: inout Entropy, into effects: inout [String]) {
            guard let time = alarm, time <= now.uptime else { return }
            alarm = nil
            effects.append("woken")
        }

        var nextWake: WakeTime { WakeTime(uptime: alarm) }
    }

    private func run(_ loop: Loop<NotingCore>, until last: String) async -> (core: NotingCore, effects: [String]) {
        var core = NotingCore()
        var effects: [String] = []
        await loop.run(
            core: &core, entropy: Entropy(seed: 1), perform: { effects.append($0) }, until: { effects.last == last })
        return (core, effects)
    }

    @Test func eventsOfOneCallerKeepTheirOrder() async {
        let loop = Loop<NotingCore>(time: SystemTime())
        async let result = run(loop, until: "noted 999")
        for number in 0..<1000 { loop.post(.note(number)) }
        let (core, effects) = await result
        #expect(core.notes == Array(0..<1000))
        #expect(effects == (0..<1000).map { "noted \($0)" })
    }

    @Test func anAlarmWakesAnIdleLoop() async {
        let loop = Loop<NotingCore>(time: SystemTime())
        loop.post(.wake(after: .milliseconds(20)))
        #expect(await run(loop, until: "woken").effects == ["woken"])
    }

    @Test func anAlarmThatIsDueRingsAtOnce() async {
        let loop = Loop<NotingCore>(time: SystemTime())
        loop.post(.wake(after: .seconds(-5)))
        #expect(await run(loop, until: "woken").effects == ["woken"])
    }

    @Test func cancelingEndsIt() async {
        let loop = Loop<NotingCore>(time: SystemTime())
        let running = Task { await run(loop, until: "never").core.notes }
        loop.post(.note(1))
        for _ in 0..<10 { await Task.yield() }
        running.cancel()
        #expect(await running.value.count <= 1)
        loop.post(.note(2))
    }
}
