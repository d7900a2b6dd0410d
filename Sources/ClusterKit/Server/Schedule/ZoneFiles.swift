#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The zone files of the system, where every program finds them.
struct ZoneFiles: Sendable {
    private let folders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"]
    /// Larger files are none.
    private static let limit = 1 << 20

    /// The rules of the zone called `name`.
    ///
    /// - Throws: `.invalid` when there is none.
    func rules(of name: String) throws(ClusterError) -> TimeZoneRules {
        guard name != "UTC", name != "Etc/UTC" else { return .utc }
        guard JobNames.mistake(inZone: name) == nil else {
            throw ClusterError(.invalid, "\(name.quotedForDisplay) is no name of a time zone")
        }
        for folder in folders {
            guard let bytes = Self.contents(of: "\(folder)/\(name)") else { continue }
            do throws(ClusterError) {
                return try TimeZoneRules(file: bytes)
            } catch {
                throw ClusterError(.invalid, "time zone \(name) cannot be used: \(error.message)")
            }
        }
        throw ClusterError(
            .invalid,
            "there is no time zone \(name.quotedForDisplay) in \(folders[0]); install the system's zone files "
                + "(package tzdata), or use a name that is there, as Europe/Zurich")
    }

    private static func contents(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, (1...limit).contains(Int(facts.st_size))
        else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        return Array(bytes[..<count])
    }
}

extension Job {
    /// What is wrong with its time zone by the zone files of this machine; servers have their own, and the last word.
    package var zoneMistakes: [JobMistake] {
        guard let periodic else { return [] }
        do throws(ClusterError) {
            _ = try ZoneFiles().rules(of: periodic.timeZone)
            return []
        } catch {
            return [JobMistake(JobPath().block("periodic").attribute("time_zone"), error.message)]
        }
    }
}

extension PeriodicSpec {
    /// The next of its times after `time`, by the zone files of this machine; `nil` when there is none.
    ///
    /// - Throws: `.invalid` for an expression or a zone that is none.
    public func next(after time: WallTime) throws(ClusterError) -> WallTime? {
        try Schedule(self, in: ZoneFiles().rules(of: timeZone)).next(after: time)
    }
}
