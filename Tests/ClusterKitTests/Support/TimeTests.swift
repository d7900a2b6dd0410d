import ClusterKit
import Testing

@Suite struct TimeTests {
    @Test func additionStaysAtTheEnds() {
        let late = WallTime(nanoseconds: .max - 5)
        #expect(late + .nanoseconds(5) == WallTime(nanoseconds: .max))
        #expect(late + .nanoseconds(6) == WallTime(nanoseconds: .max))
        #expect(late + .seconds(Int64.max) == WallTime(nanoseconds: .max))
        #expect(WallTime(nanoseconds: .min + 1) + .seconds(-1) == WallTime(nanoseconds: .min))
        #expect(Uptime(nanoseconds: .max) + .seconds(1) == Uptime(nanoseconds: .max))
        #expect(Uptime(nanoseconds: 3) + .microseconds(1) == Uptime(nanoseconds: 1_003))
    }

    /// A difference that does not fit must not change its sign: a timeout would be over at once, or never.
    @Test func differencesStayAtTheEnds() {
        #expect(WallTime(nanoseconds: .max) - WallTime(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect(WallTime(nanoseconds: .min) - WallTime(nanoseconds: 1) == .nanoseconds(Int64.min))
        #expect(Uptime(nanoseconds: .max) - Uptime(nanoseconds: -1) == .nanoseconds(Int64.max))
        #expect(Uptime(nanoseconds: 5) - Uptime(nanoseconds: 8) == .nanoseconds(-3))
    }

    @Test func wholeNanoseconds() {
        #expect(Duration.seconds(3).nanoseconds == 3_000_000_000)
        #expect(Duration.nanoseconds(-1).nanoseconds == -1)
        #expect(Duration.nanoseconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect((Duration.seconds(Int64.max) + .seconds(1)).nanoseconds == .max, "more seconds than a word holds")
        #expect(Duration.seconds(-100).nanoseconds == -100_000_000_000)
        #expect(Duration(secondsComponent: 1, attosecondsComponent: 999_999_999).nanoseconds == 1_000_000_000)
        #expect(Duration.milliseconds(1_500).fractionalSeconds == 1.5)
    }

    @Test func theSystemsClocksMoveForward() {
        let clocks = SystemTime()
        let (first, second) = (clocks.now(), clocks.now())
        #expect(second.uptime >= first.uptime)
        // Both were read after 2024 began.
        #expect(first.wall.nanoseconds > 1_704_067_200_000_000_000)
    }
}
