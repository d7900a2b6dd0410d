import ClusterKit
import Dispatch

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program that runs in a process group of its own, so that signals reach all that it starts.
struct ChildProcess: Sendable {
    private let pid: pid_t

    /// Starts `command`, found on the PATH, with `input` as its standard input.
    init(_ command: [String], environment: [String: String], input: [UInt8]) throws(ClusterError) {
        let name = command.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ClusterError(.internal, "no pipe can be made for \(name): \(Self.text(errno))")
        }
        let failure: Int32
        (pid, failure) = Self.spawn(command, environment, ends)
        close(ends[0])
        guard failure == 0 else {
            close(ends[1])
            throw ClusterError(.invalid, "\(name) cannot be run: \(Self.text(failure)); is it on the PATH?")
        }
        let writing = ends[1]
        DispatchQueue.global().async { Self.write(input, to: writing) }
    }

    /// Waits for its end and gives its exit code; 128 and the signal's number when a signal ended it.
    var end: Int32 {
        get async {
            await ended()
            return reap()
        }
    }

    /// Waits for its end. Its number goes to no other program before it is reaped, so signals still find its group.
    func ended() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async { [pid] in
                var info = siginfo_t()
                while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }

    /// Gives the exit code of a program that has ended, once; 128 and the signal's number when a signal ended it.
    func reap() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Sends a signal to all that runs in the group.
    func send(_ signal: Int32) { kill(-pid, signal) }

    private static func spawn(
        _ command: [String], _ environment: [String: String], _ ends: [Int32]
    ) -> (pid: pid_t, failure: Int32) {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        // What this program ignores, the child must not.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in SignalWatch.signals + [SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Threads of Swift's tasks block signals, and a child would go on to.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = [POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETPGROUP]
        posix_spawnattr_setflags(&attributes, flags.reduce(0) { $0 | Int16($1) })
        let words = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = words.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, &variables)
        return (pid, failure)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        defer { close(descriptor) }
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
                let count = systemWrite(descriptor, start, rest.count)
                if count < 0, errno == EINTR { continue }
                // It reads no more; that is its own affair.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes, count)
        #elseif canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Musl.write(descriptor, bytes, count)
        #endif
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
