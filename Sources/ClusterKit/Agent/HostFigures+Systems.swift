import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the system says of a file system, in bytes and entries.
struct FileSystemSpace {
    var size = 0.0
    var free = 0.0
    var available = 0.0
    var inodes = 0.0
    var freeInodes = 0.0

    /// Asks for the file system that holds `folder`; false when it cannot be asked.
    mutating func read(_ folder: String) -> Bool {
        var found = statvfs()
        guard statvfs(folder, &found) == 0 else { return false }
        let block = Double(found.f_frsize)
        size = Double(found.f_blocks) * block
        free = Double(found.f_bfree) * block
        available = Double(found.f_bavail) * block
        inodes = Double(found.f_files)
        freeInodes = Double(found.f_ffree)
        return true
    }
}

extension HostFigures {
    #if os(Linux)
        /// Looks at the machine now.
        static func now(dataFolder: String, disk: String) -> HostFigures {
            var figures = HostFigures()
            figures.readStat(contents(of: "/proc/stat") ?? "")
            figures.readMemory(contents(of: "/proc/meminfo") ?? "")
            figures.uptime = contents(of: "/proc/uptime").flatMap { Double($0.prefix { $0 != " " }) }
            figures.lookAtDisk(dataFolder, name: disk)
            return figures
        }

        /// Reads `/proc/stat`. The time of guests is part of the user's and is not counted again.
        mutating func readStat(_ text: String) {
            for line in text.split(separator: "\n") where line.hasPrefix("cpu") && !line.hasPrefix("cpu ") {
                let words = line.split(separator: " ")
                let ticks = words.dropFirst().map { UInt64($0) ?? 0 }
                guard ticks.count >= 4, let name = words.first else { continue }
                func tick(_ place: Int) -> UInt64 { place < ticks.count ? ticks[place] : 0 }
                cores.append(
                    Core(
                        name: String(name), user: tick(0) &+ tick(1), system: tick(2) &+ tick(5) &+ tick(6),
                        idle: tick(3), wait: tick(4), steal: tick(7)))
            }
        }

        /// Reads `/proc/meminfo`.
        mutating func readMemory(_ text: String) {
            let numbers = KeyedNumbers(text)
            guard let total = numbers["MemTotal:"], let free = numbers["MemFree:"] else { return }
            memory = Memory(
                total: Double(total) * 1024, available: Double(numbers["MemAvailable:"] ?? free) * 1024,
                free: Double(free) * 1024)
        }
    #else
        /// Looks at the machine now. What cores and memory do is not asked for on this system.
        static func now(dataFolder: String, disk: String) -> HostFigures {
            var figures = HostFigures()
            figures.lookAtDisk(dataFolder, name: disk)
            return figures
        }
    #endif
}
