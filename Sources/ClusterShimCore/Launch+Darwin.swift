#if canImport(Darwin)
    import Darwin

    extension Launch {
        /// Starts the program, once.
        func attempt() -> Outcome {
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
            posix_spawn_file_actions_init(&actions)
            posix_spawnattr_init(&attributes)
            defer {
                posix_spawn_file_actions_destroy(&actions)
                posix_spawnattr_destroy(&attributes)
            }
            posix_spawn_file_actions_adddup2(&actions, input, 0)
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, error, 2)
            posix_spawn_file_actions_addchdir_np(&actions, folder)
            var signals = sigset_t()
            sigfillset(&signals)
            posix_spawnattr_setsigdefault(&attributes, &signals)
            sigemptyset(&signals)
            posix_spawnattr_setsigmask(&attributes, &signals)
            let flags =
                POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
            posix_spawnattr_setflags(&attributes, Int16(flags))
            var pid: pid_t = 0
            let code = withPointers { path, arguments, environment, _ in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
            guard code != 0 else { return .started(pid) }
            var status = stat()
            let step: LaunchFailure.Step = stat(folder, &status) == 0 ? .execute : .enterFolder
            return .failed(LaunchFailure(step: step, code: code))
        }
    }

    /// Tells when a child ended, without removing its entry.
    package struct ChildWatch: ~Copyable {
        private let pid: Int32
        private let queue: Descriptor?

        /// Watches a child.
        package init(pid: Int32) {
            self.pid = pid
            descriptor = kqueue()
            queue = Descriptor(descriptor)
            var wanted = kevent()
            wanted.ident = UInt(pid)
            wanted.filter = Int16(EVFILT_PROC)
            wanted.flags = UInt16(EV_ADD)
            wanted.fflags = UInt32(NOTE_EXIT)
            _ = kevent(descriptor, &wanted, 1, nil, 0, nil)
        }

        /// Readable when the child ends.
        package let descriptor: Int32

        /// What became of it.
        package var end: ChildEnd {
            var info = siginfo_t()
            guard retrying({ waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) }) == 0 else {
                return .unknown
            }
            if info.si_pid == 0 { return .running }
            let exited = info.si_code == CLD_EXITED
            return .ended(code: exited ? info.si_status : 0, signal: exited ? 0 : info.si_status)
        }
    }

    /// Opens a pipe: the reading end, then the writing end.
    package func openPipe(_ ends: inout [Int32]) -> Bool {
        guard pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return true
    }

    /// Linux only: elsewhere orphans go to the system's first process.
    package func adoptOrphans() {}
#endif
