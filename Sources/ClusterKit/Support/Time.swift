/// A moment on the wall clock: what is stored, shown and compared with schedules. It may jump; no timeout depends on
/// it.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var nanoseconds: Int64

    /// Makes a moment from nanoseconds since 1970.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment that lies `duration` later; stays at the end of time instead of overflowing.
    public static func + (time: Self, duration: Duration) -> Self {
        Self(nanoseconds: time.nanoseconds.addingClamped(duration.nanoseconds))
    }

    /// The span from `right` to `left`, negative when the clock was set back between them.
    public static func - (left: Self, right: Self) -> Duration {
        Duration(wholeNanoseconds: left.nanoseconds.subtractingClamped(right.nanoseconds))
    }
}

/// A moment on a clock that only moves forward: what every timeout is measured with. Its zero means nothing.
public struct Uptime: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start.
    public var nanoseconds: Int64

    /// Makes a moment from nanoseconds since the clock's own start.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment that lies `duration` later; stays at the end of time instead of overflowing.
    public static func + (time: Self, duration: Duration) -> Self {
        Self(nanoseconds: time.nanoseconds.addingClamped(duration.nanoseconds))
    }

    /// The span from `right` to `left`.
    public static func - (left: Self, right: Self) -> Duration {
        Duration(wholeNanoseconds: left.nanoseconds.subtractingClamped(right.nanoseconds))
    }
}

/// Both clocks at one moment, as a shell hands them to a core.
public struct Now: Hashable, Sendable {
    /// For what is stored and shown.
    public var wall: WallTime
    /// For every timeout.
    public var uptime: Uptime

    /// Joins two readings of one moment.
    public init(wall: WallTime, uptime: Uptime) {
        self.wall = wall
        self.uptime = uptime
    }
}

extension Duration {
    /// Whole nanoseconds, held at the ends of the range instead of overflowing.
    public var nanoseconds: Int64 {
        // Most spans are a few seconds, and one word holds them.
        if let small = Int64(exactly: attoseconds) { return small / 1_000_000_000 }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// What `nanoseconds(_:)` gives, in one multiplication.
    fileprivate init(wholeNanoseconds: Int64) { self.init(attoseconds: Int128(wholeNanoseconds) * 1_000_000_000) }

    /// Seconds as a fraction, for messages and ratios.
    public var fractionalSeconds: Double { Double(nanoseconds) / 1e9 }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }

    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other < 0 ? .max : .min
    }
}
