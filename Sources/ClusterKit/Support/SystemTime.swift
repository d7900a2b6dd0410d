import CLinux

/// Where a shell reads the time and waits. Cores never see it; they get a `Now`.
public protocol TimeSource: Sendable {
    /// Both clocks now.
    func now() -> Now
}

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    /// Reads the machine's clocks.
    public init() {}

    public func now() -> Now {
        Now(
            wall: WallTime(nanoseconds: cluster_wall_nanoseconds()),
            uptime: Uptime(nanoseconds: cluster_uptime_nanoseconds()))
    }
}
