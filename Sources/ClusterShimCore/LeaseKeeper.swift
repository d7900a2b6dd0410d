import CLinux

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Until when a task may run, and what happens then: kept by whoever watches over it, so that it holds although the
/// agent stands still or is gone. The agent leaves each newer end in the state folder; nobody looks there before the
/// last one has come.
package struct LeaseKeeper: Sendable {
    private enum Phase {
        case running, warned, killed
    }

    private let state: String
    private let signal: Int32
    private let grace: Int64
    /// When something is to be done next, in nanoseconds of the clock that nobody can set.
    private var due: Int64
    private var phase = Phase.running

    /// The name of the file in the state folder that holds the newest end.
    package static let file = "lease"

    /// Keeps to the lease of an order; `nil` when it has none.
    init?(_ order: TaskOrder) {
        guard let lease = order.lease else { return nil }
        state = order.state
        signal = lease.signal
        grace = lease.grace
        due = lease.end
    }

    /// Whether the lease is over, also by what the agent left since.
    mutating func isOver() -> Bool {
        guard due <= cluster_uptime_nanoseconds() else { return false }
        guard let newer = Self.end(in: state), newer > due else { return true }
        due = newer
        return due <= cluster_uptime_nanoseconds()
    }

    /// Does what is due to the task that `leader` leads, and gives the milliseconds until it wants to be asked again.
    mutating func act(on leader: Int32, in group: ControlGroup?) -> Int32 {
        let now = cluster_uptime_nanoseconds()
        switch phase {
        case .running where isOver():
            _ = kill(-leader, signal)
            phase = .warned
            due = now.addingReportingOverflow(grace).partialValue
        case .warned where due <= now:
            _ = kill(-leader, SIGKILL)
            group?.kill()
            phase = .killed
        case .running, .warned, .killed: break
        }
        guard phase != .killed else { return -1 }
        // Rounded up, or the last millisecond would be spent in asking.
        return Int32(clamping: max(0, due.subtractingReportingOverflow(now).partialValue) / 1_000_000 + 1)
    }

    /// Leaves a newer end in a state folder; false when that cannot be done, with the reason in `errno`.
    ///
    /// It takes the place of the last one in the same file, so that a full disk ends no task: nothing new is needed.
    package static func leave(_ end: Int64, in state: String) -> Bool {
        guard let folder = Descriptor.open(state, O_RDONLY | O_DIRECTORY),
            let file = Descriptor.open(Self.file, in: folder, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
        else { return false }
        return file.write(bytes(of: end))
    }

    /// The newest end that was left in a state folder; `nil` when there is none.
    package static func end(in state: String) -> Int64? {
        // Whoever reads while an end is written may see a part of it, and looks again.
        for _ in 0..<100 {
            guard let text = contents(of: state + "/" + file, limit: 64) else { return nil }
            let lines = text.split(separator: "\n").map { Int64($0) }
            guard lines.count == 2, let end = lines[0], let complement = lines[1] else { return nil }
            if end == ~complement { return end }
        }
        return nil
    }

    /// The end and its complement, a line each and of one length: what does not match is not whole.
    private static func bytes(of end: Int64) -> [UInt8] {
        let lines = [end, ~end].map { number in
            let digits = String(number.magnitude)
            return (number < 0 ? "-" : "+") + String(repeating: "0", count: 19 - digits.count) + digits + "\n"
        }
        return Array(lines.joined().utf8)
    }
}

/// Until when a task may run by its order.
package struct OrderedLease: Hashable, Sendable {
    /// The end, in nanoseconds of the clock that nobody can set.
    package var end: Int64
    /// The signal that the task's process group gets then.
    package var signal: Int32
    /// How many nanoseconds later all that belongs to the task is killed.
    package var grace: Int64

    /// States a lease.
    package init(end: Int64, signal: Int32, grace: Int64) {
        self.end = end
        self.signal = signal
        self.grace = max(0, grace)
    }
}
