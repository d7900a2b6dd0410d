#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Time as the benchmarks need it.
enum Clocks {
    /// Seconds of processor time of the calling thread.
    static var thread: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    /// Seconds of processor time of all threads.
    static var process: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Seconds on a clock that only moves forward.
    static var wall: Double { seconds(CLOCK_MONOTONIC) }

    /// Nanoseconds on that clock.
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// How much thread CPU time `body` takes.
    static func measure(_ body: () throws -> Void) rethrows -> Double {
        let start = thread
        try body()
        return thread - start
    }
}

extension [Double] {
    /// The middle one of those that are numbers, or the mean of the two in the middle.
    var median: Double {
        let sorted = filter(\.isFinite).sorted()
        return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
