import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The time that the process has used up to a moment, or between two.
struct Usage {
    /// Seconds by the clock on the wall.
    var wall = 0.0
    /// Seconds of processor time of all threads.
    var cpu = 0.0

    static var now: Usage {
        Usage(
            wall: Double(nanoseconds(of: CLOCK_MONOTONIC)) / 1e9,
            cpu: Double(nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID)) / 1e9)
    }

    /// Processor time of the calling thread.
    static var threadNanoseconds: UInt64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

    static func + (left: Usage, right: Usage) -> Usage {
        Usage(wall: left.wall + right.wall, cpu: left.cpu + right.cpu)
    }

    static func - (left: Usage, right: Usage) -> Usage {
        Usage(wall: left.wall - right.wall, cpu: left.cpu - right.cpu)
    }

    private static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The memory of the process itself.
enum Memory {
    /// Bytes in use, after what is free was given back as far as it can be; 0 where the system does not say.
    static var used: Int {
        #if canImport(Glibc)
            if let trim = dlsym(nil, "malloc_trim") {
                _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
            }
        #endif
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line?.split(separator: " ").dropLast().last).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}

/// One measured scenario.
struct CommitFigure {
    var scenario: String
    var nodes: Int
    var placements: Int
    var seconds: Double
    var cpu: Double
    /// How much of `cpu` went into choosing nodes.
    var placing = 0.0
    var bytes = 0
    var jobs = 0

    init(scenario: String, nodes: Int, placements: Int, used: Usage) {
        self.scenario = scenario
        self.nodes = nodes
        self.placements = placements
        seconds = used.wall
        cpu = used.cpu
    }
}
