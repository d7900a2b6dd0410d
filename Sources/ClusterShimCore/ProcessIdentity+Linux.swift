#if os(Linux)
    import CLinux
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    /// What `/proc/PID/stat` says about a process.
    package struct ProcessStatus: Sendable {
        /// Its state: `R`, `S`, `Z` and so on.
        package var state: Character
        /// Its parent.
        package var parent: Int32
        /// Its session.
        package var session: Int32
        /// When it started, in clock ticks since the machine's start.
        package var start: UInt64

        /// Reads the line. The name in parentheses may hold anything, parentheses and spaces too.
        package init?(line: String) {
            guard let end = line.lastIndex(of: ")") else { return nil }
            let fields = line[line.index(after: end)...].split(separator: " ")
            guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
                let session = Int32(fields[3]), let start = UInt64(fields[19])
            else { return nil }
            self.state = state
            self.parent = parent
            self.session = session
            self.start = start
        }

        /// Looks at a process; `nil` when there is none of that number.
        package init?(of pid: Int32) {
            guard let line = contents(of: "/proc/\(pid)/stat") else { return nil }
            self.init(line: line)
        }

        /// All processes that this one may see, by number.
        package static func all() -> [(pid: Int32, status: ProcessStatus)] {
            guard let folder = Descriptor.open("/proc", O_RDONLY | O_DIRECTORY) else { return [] }
            return names(in: folder).compactMap { name in
                guard let pid = Int32(name), let status = ProcessStatus(of: pid) else { return nil }
                return (pid, status)
            }
        }
    }

    extension ProcessIdentity {
        /// The identity of the process that has this number now.
        package static func current(of pid: Int32) -> ProcessIdentity? {
            ProcessStatus(of: pid).map { ProcessIdentity(pid: pid, start: $0.start) }
        }

        /// Names this run of the machine.
        package static var boot: String {
            let text = contents(of: "/proc/sys/kernel/random/boot_id") ?? ""
            return String(text.prefix { $0 != "\n" })
        }

        /// Whether it exists, be it only as an entry that its parent has not removed yet.
        package var exists: Bool { Self.current(of: pid) == self }

        /// Whether it runs.
        package var isRunning: Bool {
            guard let status = ProcessStatus(of: pid) else { return false }
            return status.start == start && status.state != "Z" && status.state != "X"
        }

        /// Opens a descriptor that stands for this very process and becomes readable when it ends; `nil` when it is
        /// gone, also when its number belongs to another now, or when the system is too old (before Linux 5.3).
        package func openHandle() -> Descriptor? {
            guard let handle = Descriptor(clinux_pidfd_open(pid)) else { return nil }
            // Looked at after opening: whoever has the number and the start now also had them then.
            guard exists else { return nil }
            return handle
        }

        /// Sends a signal to this very process; false when it is gone.
        @discardableResult package func signal(_ number: Int32) -> Bool {
            if let handle = openHandle() { return clinux_pidfd_signal(handle.number, number) == 0 }
            guard errno == ENOSYS, exists else { return false }
            return kill(pid, number) == 0
        }

        /// Sends a signal to all processes of the group that this very process leads; false when the leader is gone.
        @discardableResult package func signalGroup(_ number: Int32) -> Bool {
            guard let handle = openHandle() else {
                guard errno == ENOSYS, exists else { return false }
                return kill(-pid, number) == 0
            }
            if clinux_pidfd_signal_group(handle.number, number) == 0 { return true }
            guard errno == EINVAL || errno == ENOSYS else { return false }
            return kill(-pid, number) == 0
        }

        /// Removes the entry of a child of ours that ended.
        package func reap() {
            if let handle = openHandle() { return clinux_pidfd_reap(handle.number) }
            if exists { _ = waitpid(pid, nil, WNOHANG) }
        }
    }

    extension TaskTrace {
        /// The running processes of the task's session, of whatever process group. None once the session's number names
        /// another process.
        private var sessionMembers: [ProcessIdentity] {
            guard let task else { return [] }
            if let leader = ProcessIdentity.current(of: task.pid), leader != task { return [] }
            return ProcessStatus.all()
                .filter {
                    $0.status.session == task.pid && $0.status.start >= task.start && $0.status.state != "Z"
                        && $0.status.state != "X"
                }
                .map { ProcessIdentity(pid: $0.pid, start: $0.status.start) }
        }

        /// Whether nothing of the task runs any more, as far as its control group and its session tell.
        package var isGone: Bool {
            guard boot == ProcessIdentity.boot else { return true }
            if let group = ControlGroup(path: group), !group.isEmpty { return false }
            return sessionMembers.isEmpty
        }

        /// Sends `SIGKILL` to all that belongs to the task.
        package func killAll() {
            guard boot == ProcessIdentity.boot else { return }
            task?.signalGroup(SIGKILL)
            ControlGroup(path: group)?.kill()
            for member in sessionMembers { member.signal(SIGKILL) }
        }
    }

    /// Sends `SIGKILL` to all children of this process. Their numbers stay theirs until this process removes them.
    package func killChildren() {
        let own = getpid()
        for (pid, status) in ProcessStatus.all() where status.parent == own { _ = kill(pid, SIGKILL) }
    }
#endif
