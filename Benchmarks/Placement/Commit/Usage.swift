#if os(Linux)
    import CLinux
#endif

/// The time that the process has used up to a moment, or between two.
struct Usage {
    /// Seconds by the clock on the wall.
    var wall = 0.0
    /// Seconds of processor time of all threads.
    var cpu = 0.0

    static var now: Usage { Usage(wall: Clocks.wall, cpu: Clocks.process) }

    static func + (left: Usage, right: Usage) -> Usage {
        Usage(wall: left.wall + right.wall, cpu: left.cpu + right.cpu)
    }

    static func - (left: Usage, right: Usage) -> Usage {
        Usage(wall: left.wall - right.wall, cpu: left.cpu - right.cpu)
    }
}

/// The memory of the process itself.
enum Memory {
    /// Bytes that are allocated and not given back, whatever pages they lie on; 0 where the system does not say.
    static var used: Int {
        #if os(Linux)
            return Int(clinux_heap_bytes())
        #else
            return 0
        #endif
    }
}
