#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A signal that a task may be sent, by the name that job files use: `SIGTERM` and the like.
public struct TaskSignal: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public let description: String
    /// The system's number for it.
    public let number: Int32

    /// Finds a signal by name. Throws `ClusterError(.invalid)` that lists the names.
    public init(named name: String) throws {
        guard let number = Self.numbers[name] else {
            throw ClusterError(
                .invalid,
                "there is no signal \"\(name)\"; use one of \(Self.names.joined(separator: ", "))")
        }
        description = name
        self.number = number
    }

    /// All names, sorted.
    public static var names: [String] { numbers.keys.sorted() }

    private static let numbers: [String: Int32] = [
        "SIGABRT": SIGABRT, "SIGALRM": SIGALRM, "SIGBUS": SIGBUS, "SIGCHLD": SIGCHLD, "SIGCONT": SIGCONT,
        "SIGFPE": SIGFPE, "SIGHUP": SIGHUP, "SIGILL": SIGILL, "SIGINT": SIGINT, "SIGIO": SIGIO, "SIGKILL": SIGKILL,
        "SIGPIPE": SIGPIPE, "SIGPROF": SIGPROF, "SIGQUIT": SIGQUIT, "SIGSEGV": SIGSEGV, "SIGSTOP": SIGSTOP,
        "SIGSYS": SIGSYS, "SIGTERM": SIGTERM, "SIGTRAP": SIGTRAP, "SIGTSTP": SIGTSTP, "SIGTTIN": SIGTTIN,
        "SIGTTOU": SIGTTOU, "SIGURG": SIGURG, "SIGUSR1": SIGUSR1, "SIGUSR2": SIGUSR2, "SIGWINCH": SIGWINCH,
        "SIGXCPU": SIGXCPU, "SIGXFSZ": SIGXFSZ,
    ]
}
