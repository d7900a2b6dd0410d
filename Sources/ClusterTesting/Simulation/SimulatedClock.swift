import ClusterKit

/// How the clocks of a machine, or of a server's process, differ from those of the world.
struct SimulatedClock {
    /// By how much its wall clock is off.
    var skew: Duration = .zero
    /// How much faster its uptime runs, in millionths; negative for one that is slow.
    var drift: Int64 = 0

    private static let million: Int64 = 1_000_000

    /// Clocks as they are found: most are kept in step, some are minutes off, and no quartz is exact.
    static func drawn(using entropy: inout Entropy) -> SimulatedClock {
        let reach = entropy.below(10) == 0 ? 300_000 : 2000
        return SimulatedClock(
            skew: .milliseconds(entropy.below(2 * reach + 1) - reach), drift: Int64(entropy.below(20_001) - 10_000))
    }

    /// What the machine reads when the world's time is `now`.
    func uptime(at now: Uptime) -> Uptime {
        // In two parts, so that nothing overflows and no step of the world sets it back.
        let (whole, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: Self.million)
        return Uptime(nanoseconds: now.nanoseconds + whole * drift + rest * drift / Self.million)
    }

    /// How long the world takes until the machine's clock has moved by `delay`: never shorter than that.
    func worldDelay(_ delay: Duration) -> Duration {
        guard drift != 0 else { return delay }
        let rate = Self.million + drift
        let (whole, rest) = min(delay.nanoseconds, .max / 4).quotientAndRemainder(dividingBy: rate)
        return .nanoseconds(whole * Self.million + (rest * Self.million + rate - 1) / rate)
    }

    /// The world's time of a moment on the machine's clock.
    func worldTime(of moment: Uptime, at now: Uptime) -> Uptime { now + worldDelay(moment - uptime(at: now)) }
}

extension World {
    private func wall(_ clock: SimulatedClock) -> WallTime {
        WallTime(nanoseconds: 1_790_000_000_000_000_000 + now.nanoseconds) + wallSkew + clock.skew
    }

    /// The world's uptime, and the wall clock as the newest server reads it.
    var clocks: Now { Now(wall: wall(servers.last?.clock ?? SimulatedClock()), uptime: now) }

    /// Both clocks as a machine reads them.
    func clocks(of agent: Int) -> Now {
        let clock = agents[agent].clock
        return Now(wall: wall(clock), uptime: clock.uptime(at: now))
    }

    /// Both clocks as a server reads them.
    func clocks(ofServer number: Int) -> Now { Now(wall: wall(servers[number].clock), uptime: now) }
}
