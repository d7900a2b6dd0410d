#if os(Linux)
    import CLinux

    extension Launch {
        /// Starts the program, once; the system calls between fork and exec are in C.
        func attempt() -> Outcome {
            var launch = clinux_launch()
            launch.input = input
            launch.output = output
            launch.error = error
            launch.group = group
            launch.dies_with_thread = diesWithThread ? 1 : 0
            return withPointers { path, arguments, environment, folder in
                launch.path = path
                launch.arguments = arguments
                launch.environment = environment
                launch.folder = folder
                let pid = clinux_start(&launch)
                if pid > 0 { return .started(pid) }
                return .failed(LaunchFailure(step: Self.step(launch.failed_step), code: launch.failed_errno))
            }
        }

        private static func step(_ number: Int32) -> LaunchFailure.Step {
            switch UInt32(bitPattern: number) {
            case CLINUX_STEP_GROUP.rawValue: .joinGroup
            case CLINUX_STEP_FOLDER.rawValue: .enterFolder
            case CLINUX_STEP_EXECUTE.rawValue: .execute
            default: .prepare
            }
        }
    }

    /// Tells when a child ended, without removing its entry.
    package struct ChildWatch: ~Copyable {
        private let pid: Int32
        private let handle: Descriptor?

        /// Watches a child.
        package init(pid: Int32) {
            self.pid = pid
            descriptor = clinux_pidfd_open(pid)
            handle = Descriptor(descriptor)
        }

        /// Readable when the child ends; -1 where the system (before Linux 5.3) makes one look again and again.
        package let descriptor: Int32

        /// What became of it.
        package var end: ChildEnd {
            var code: Int32 = 0
            var signal: Int32 = 0
            return switch clinux_child_ended(pid, &code, &signal) {
            case 0: .running
            case 1: .ended(code: code, signal: signal)
            default: .unknown
            }
        }
    }

    /// Opens a pipe that no program started meanwhile inherits: the reading end, then the writing end.
    package func openPipe(_ ends: inout [Int32]) -> Bool { clinux_pipe(&ends) == 0 }

    /// Makes orphans among the descendants children of this process.
    package func adoptOrphans() { _ = clinux_adopt_orphans() }
#endif
