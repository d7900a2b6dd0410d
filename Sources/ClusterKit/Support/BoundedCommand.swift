import ClusterShimCore
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A short program that is run for what it says: it gets a time to end in and no more of its output is kept than asked
/// for. It leads a process group of its own, which is killed when the time is over, when the caller gives up, and when
/// the program itself has ended and left others behind.
struct BoundedCommand: Sendable {
    /// The program: an absolute path.
    var program: String
    /// All arguments, the program's name first.
    var arguments: [String]
    /// The whole environment, each as `KEY=value`.
    var environment: [String] = []
    /// The working directory.
    var folder = "/"
    /// The control group that it joins; empty for none.
    var group = ""
    /// How long it may run.
    var timeout: Duration
    /// How many bytes of its output are kept, standard output and standard error together.
    var outputLimit: Int

    /// How a run ended.
    struct Ending: Hashable, Sendable {
        /// The exit code; 0 when a signal ended it.
        var code = 0
        /// The number of the signal that ended it, or 0.
        var signal = 0
        /// The first bytes that it wrote.
        var output: [UInt8] = []
        /// Whether it was killed because its time was over.
        var timedOut = false
    }

    /// Runs it and returns how it ended. Throws `LaunchFailure` when it cannot be started, `ClusterError` when there
    /// is no thread to wait for it, `CancellationError` when the caller gave up.
    func run() async throws -> Ending {
        let stop = StopSign()
        let ending = try await withTaskCancellationHandler {
            try await BlockingWork.run { try run(until: stop) }
        } onCancel: {
            stop.raised.store(true, ordering: .relaxed)
        }
        try Task.checkCancellation()
        return ending
    }

    private final class StopSign: Sendable {
        let raised = Atomic(false)
    }

    private func run(until stop: StopSign) throws -> Ending {
        var ends: [Int32] = [-1, -1]
        guard openPipe(&ends), let near = Descriptor(ends[0]), let far = Descriptor(ends[1]),
            let null = Descriptor.open("/dev/null", O_RDONLY)
        else { throw LaunchFailure(step: .prepare, code: errno) }
        _ = fcntl(near.number, F_SETFL, fcntl(near.number, F_GETFL) | O_NONBLOCK)
        var launch = Launch(
            path: program, arguments: arguments, input: null.number, output: far.number, error: far.number)
        launch.environment = environment
        launch.folder = folder
        // Nobody would end it after the agent was killed.
        launch.diesWithThread = true
        let outcome: Launch.Outcome
        if group.isEmpty {
            outcome = launch.start()
        } else {
            guard let members = ControlGroup(path: group)?.openMembers() else {
                throw LaunchFailure(step: .joinGroup, code: errno)
            }
            launch.group = members.number
            outcome = launch.start()
            // Kept open until the child has joined.
            _ = consume members
        }
        // With this side's copy closed, the end of the last writer is the end of the output.
        close(far.release())
        switch outcome {
        case .failed(let failure): throw failure
        case .started(let pid): return attend(pid, output: near, until: stop)
        }
    }

    /// Reads what the child writes until it has ended or must be ended, then removes it with its whole group.
    private func attend(_ pid: Int32, output: borrowing Descriptor, until stop: StopSign) -> Ending {
        let start = ContinuousClock.now
        let watch = ChildWatch(pid: pid)
        var ending = Ending()
        var isOpen = true
        loop: while true {
            switch watch.end {
            case .running: break
            case .ended(let code, let signal):
                (ending.code, ending.signal) = (Int(code), Int(signal))
                break loop
            case .unknown:
                ending.code = -1
                break loop
            }
            let left = timeout - (ContinuousClock.now - start)
            guard left > .zero else {
                ending.timedOut = true
                break
            }
            guard !stop.raised.load(ordering: .relaxed) else { break }
            Self.await(output: isOpen ? output.number : -1, end: watch.descriptor, atMost: left)
            isOpen = isOpen && read(output, into: &ending.output)
        }
        _ = read(output, into: &ending.output)
        // It was not waited for, so its number, and the group's, is still its own.
        _ = kill(-pid, SIGKILL)
        _ = retrying { waitpid(pid, nil, 0) }
        return ending
    }

    /// Waits until there is something to read, the child has ended, or a little time is over.
    private static func await(output: Int32, end: Int32, atMost limit: Duration) {
        var watched = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        ]
        // Short enough that a caller who gives up is noticed; where an end cannot be watched, shorter still.
        let slice = Duration.milliseconds(end < 0 ? 10 : 50)
        let wait = Int32(clamping: max(1, min(limit, slice).nanoseconds / 1_000_000))
        _ = poll(&watched, nfds_t(watched.count), wait)
    }

    /// Takes what there is; what is beyond the limit is read and dropped, so that a talkative program is not held up.
    /// Returns whether more may come.
    private func read(_ output: borrowing Descriptor, into kept: inout [UInt8]) -> Bool {
        let room = 16_384
        for _ in 0..<64 {
            var count = 0
            let number = output.number
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                count = retrying { systemRead(number, buffer.baseAddress, room) }
                filled = max(0, count)
            }
            guard count > 0 else { return count < 0 && errno == EAGAIN }
            kept += chunk.prefix(max(0, outputLimit - kept.count))
        }
        return true
    }
}

private func systemRead(_ number: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(number, buffer, count)
}
