#if canImport(Darwin)
    import Darwin

    extension ProcessIdentity {
        private static func details(of pid: Int32) -> proc_bsdinfo? {
            var info = proc_bsdinfo()
            let size = Int32(MemoryLayout<proc_bsdinfo>.size)
            return proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, size) == size ? info : nil
        }

        /// The identity of the process that has this number now.
        package static func current(of pid: Int32) -> ProcessIdentity? {
            details(of: pid).map {
                ProcessIdentity(pid: pid, start: $0.pbi_start_tvsec &* 1_000_000 &+ $0.pbi_start_tvusec)
            }
        }

        /// Names this run of the machine.
        package static var boot: String {
            var bytes = [CChar](repeating: 0, count: 64)
            var size = bytes.count
            guard sysctlbyname("kern.bootsessionuuid", &bytes, &size, nil, 0) == 0 else { return "" }
            return bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        }

        /// Whether it exists, be it only as an entry that its parent has not removed yet.
        package var exists: Bool { Self.current(of: pid) == self }

        /// Whether it runs.
        package var isRunning: Bool {
            guard let details = Self.details(of: pid) else { return false }
            return exists && details.pbi_status != UInt32(SZOMB)
        }

        /// Sends a signal to this process; false when it is gone. The look and the signal are two steps here.
        @discardableResult package func signal(_ number: Int32) -> Bool { exists && kill(pid, number) == 0 }

        /// Sends a signal to all processes of the group that this process leads; false when the leader is gone.
        @discardableResult package func signalGroup(_ number: Int32) -> Bool { exists && kill(-pid, number) == 0 }

        /// Removes the entry of a child of ours that ended.
        package func reap() { if exists { _ = waitpid(pid, nil, WNOHANG) } }
    }

    extension TaskTrace {
        /// Whether the task's process group is empty. What left the group is not found here.
        package var isGone: Bool {
            guard boot == ProcessIdentity.boot, let task else { return true }
            if let leader = ProcessIdentity.current(of: task.pid), leader != task { return true }
            return kill(-task.pid, 0) != 0 && errno == ESRCH
        }

        /// Sends `SIGKILL` to the task's process group.
        package func killAll() {
            guard let task, !isGone else { return }
            _ = kill(-task.pid, SIGKILL)
        }
    }

    /// Without adopted orphans there are no other children.
    package func killChildren() {}
#endif
