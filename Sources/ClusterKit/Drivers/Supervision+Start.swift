import ClusterShimCore
import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Supervision {
    /// Longer than any start takes; a shim that is silent for so long is given up.
    private static let patienceSeconds = 30

    /// Starts a task and hears what came of it; blocks the calling thread meanwhile. `title` is for people who look
    /// at the list of processes.
    func start(_ order: TaskOrder, title: String) throws -> ShimTalk.Answer {
        guard let program else { return Self.startThread(order) }
        guard let ends = Self.socketPair(), let near = Descriptor(ends.near), let far = Descriptor(ends.far),
            let null = Descriptor.open("/dev/null", O_RDWR),
            let errors = Descriptor.open(
                order.state + "/" + TaskEntry.errorFile, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        else { throw TaskStartFailure("cannot prepare a shim: \(reason(errno))", isRecoverable: true) }
        var launch = Launch(
            path: program, arguments: ["cluster-shim", ShimTalk.argument, title], input: far.number,
            output: null.number, error: errors.number)
        // Where a program finds its shared libraries is all that a shim needs of the agent's environment.
        if let libraries = getenv("LD_LIBRARY_PATH") {
            launch.environment = ["LD_LIBRARY_PATH=" + String(cString: libraries)]
        }
        let outcome = launch.start()
        // With this side's copy closed, the end of the shim is the end of the conversation.
        close(far.release())
        switch outcome {
        case .started(let pid): return try Self.converse(order, near, pid, program)
        case .failed(let failure):
            throw TaskStartFailure(
                "cannot start the shim \(program): \(reason(failure.code)); is it installed there?", isRecoverable: true
            )
        }
    }

    private static func converse(
        _ order: TaskOrder, _ socket: borrowing Descriptor, _ pid: Int32, _ program: String
    ) throws -> ShimTalk.Answer {
        if send(order.bytes, to: socket.number), shutdown(socket.number, Int32(SHUT_WR)) == 0,
            let bytes = socket.readAll(), let answer = ShimTalk.Answer(text: String(decoding: bytes, as: UTF8.self))
        {
            if case .failed = answer { _ = retrying { waitpid(pid, nil, 0) } }
            return answer
        }
        // It is our child and was not waited for, so the number is still its own.
        _ = kill(pid, SIGKILL)
        _ = retrying { waitpid(pid, nil, 0) }
        let words = contents(of: order.state + "/" + TaskEntry.errorFile, limit: 1000) ?? ""
        throw TaskStartFailure("the shim \(program) did not answer. \(words)", isRecoverable: true)
    }

    private static func socketPair() -> (near: Int32, far: Int32)? {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            guard socketpair(AF_UNIX, SOCK_STREAM, 0, &ends) == 0 else { return nil }
            var yes: Int32 = 1
            setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #else
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        #endif
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return (ends[0], ends[1])
    }

    /// Sends all bytes without a signal when the shim has died.
    private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        return bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let sent = retrying { systemSend(socket, part.baseAddress, part.count, flags) }
                guard sent > 0 else { return false }
                rest = rest.dropFirst(sent)
            }
            return true
        }
    }

    private static func startThread(_ order: TaskOrder) -> ShimTalk.Answer {
        let slot = AnswerSlot()
        Supervisor.startThread(for: order) { slot.put($0) }
        return slot.take()
    }
}

private func systemSend(_ socket: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(socket, bytes, count, flags)
}

/// Hands one answer from a task's thread to the thread that started it.
private final class AnswerSlot: Sendable {
    private let answer = Mutex<ShimTalk.Answer?>(nil)
    private let filled = DispatchSemaphore(value: 0)

    func put(_ value: ShimTalk.Answer) {
        answer.withLock { $0 = value }
        filled.signal()
    }

    func take() -> ShimTalk.Answer {
        filled.wait()
        return answer.withLock { $0 } ?? .failed(LaunchFailure(step: .prepare, code: EIO))
    }
}
