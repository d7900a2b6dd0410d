#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The conversation between an agent and the shim that it starts, over a socket that is the shim's standard input: the
/// order goes in, one line comes back.
package enum ShimTalk {
    /// The first argument that asks a program to be a shim; what follows is for people who look at the list of
    /// processes.
    package static let argument = "--clusterkit-shim"

    /// What a shim answers when the task runs, and when it does not.
    package enum Answer: Hashable, Sendable {
        /// It runs and left this trace.
        case running(TaskTrace)
        /// It does not run.
        case failed(LaunchFailure)

        /// The answer as text.
        package var text: String {
            switch self {
            case .running(let trace): trace.text
            case .failed(let failure): "failed \(failure.step.rawValue) \(failure.code)\n"
            }
        }

        /// Reads `text`; `nil` when the shim died before it could answer.
        package init?(text: String) {
            let words = text.split { $0 == " " || $0 == "\n" }
            if words.count == 3, words[0] == "failed", let number = Int(words[1]),
                let step = LaunchFailure.Step(rawValue: number), let code = Int32(words[2])
            {
                self = .failed(LaunchFailure(step: step, code: code))
            } else if let trace = TaskTrace(text: text), trace.task != nil {
                self = .running(trace)
            } else {
                return nil
            }
        }
    }

    /// Whether this program was started as a shim; if so, the task's life is over when this returns.
    package static func enterIfAsked() -> Bool {
        guard CommandLine.argc > 1, let word = CommandLine.unsafeArgv[1], strcmp(word, argument) == 0 else {
            return false
        }
        runShim()
        return true
    }

    /// Whether the agent is gone that gave the order: the next one gives it again.
    private static func isAbandoned(_ socket: borrowing Descriptor) -> Bool {
        var polled = pollfd(fd: socket.number, events: 0, revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLHUP) != 0
    }

    /// The whole life of a shim: takes its order, watches over the task and returns when the end is recorded.
    private static func runShim() {
        // A shim ends when its task ends. Whoever wants that sooner ends the task.
        for number in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { _ = signal(number, SIG_IGN) }
        guard let socket = Descriptor(fcntl(0, F_DUPFD_CLOEXEC, 3)), let null = Descriptor.open("/dev/null"),
            dup2(null.number, 0) == 0, let bytes = socket.readAll(limit: 1 << 26),
            let order = TaskOrder(bytes: bytes), !isAbandoned(socket)
        else { return }
        do throws(LaunchFailure) {
            var supervisor = try Supervisor.prepare(order: order, host: .shim)
            try supervisor.run { trace in
                _ = socket.write(Array(Answer.running(trace).text.utf8))
                _ = shutdown(socket.number, Int32(SHUT_RDWR))
            }
        } catch {
            _ = socket.write(Array(Answer.failed(error).text.utf8))
        }
    }
}
