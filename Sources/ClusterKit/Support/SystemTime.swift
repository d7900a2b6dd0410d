#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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
            wall: WallTime(nanoseconds: Self.read(CLOCK_REALTIME)),
            uptime: Uptime(nanoseconds: Self.read(CLOCK_MONOTONIC)))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        // Two words, not `timespec` and its fields: Swift 6.3 takes those for another module's and refuses them, depending on
        // which files it compiles together.
        var time: (seconds: Int, nanoseconds: Int) = (0, 0)
        withUnsafeMutableBytes(of: &time) { bytes in
            guard let place = bytes.assumingMemoryBound(to: timespec.self).baseAddress else { return }
            clock_gettime(clock, place)
        }
        return Int64(time.seconds) * 1_000_000_000 + Int64(time.nanoseconds)
    }
}
