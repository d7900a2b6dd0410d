import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Connects, and takes that for an answer: whatever accepts the connection passes. Nothing is sent or read.
///
/// The address is that of the node or of the task's port on it, never a name, so that no resolver has a say.
public struct TCPProber: Prober {
    public let kinds = ["tcp"]

    /// Makes a prober that holds nothing.
    public init() {}

    public func probe(_ request: ProbeRequest) async -> ProbeOutcome {
        let words = "TCP connect \(request.authority)"
        guard (1...65_535).contains(request.port) else {
            return ProbeOutcome(.critical, "\(words): there is no port to connect to")
        }
        let attempt: ConnectAttempt
        switch ConnectAttempt.begin(to: request.address, port: request.port) {
        case .failed(let code): return Self.outcome(words, code)
        case .connected: return ProbeOutcome(.passing, "\(words): Success")
        case .begun(let begun): attempt = begun
        }
        switch await attempt.end(within: request.check.timeout) {
        case .done(let code): return Self.outcome(words, code)
        case .timedOut: return .timedOut(after: request.check.timeout, words)
        case .canceled: return ProbeOutcome(.critical, "\(words): the check was given up")
        }
    }

    private static func outcome(_ words: String, _ code: Int32) -> ProbeOutcome {
        code == 0
            ? ProbeOutcome(.passing, "\(words): Success")
            : ProbeOutcome(.critical, "\(words): \(String(cString: strerror(code)))")
    }
}

/// A connection that is being made; no thread is blocked meanwhile.
private final class ConnectAttempt: Sendable {
    enum Beginning {
        case connected
        case failed(Int32)
        case begun(ConnectAttempt)
    }

    enum Ending: Sendable {
        /// The system's error number, 0 for none.
        case done(Int32)
        case timedOut
        case canceled
    }

    private struct State {
        var ending: Ending?
        var waiter: CheckedContinuation<Ending, Never>?
    }

    private let socket: Int32
    private let state = Mutex(State())

    private init(socket: Int32) { self.socket = socket }

    static func begin(to address: String, port: Int) -> Beginning {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(port)", &hints, &found) == 0, let target = found?.pointee else {
            return .failed(EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(found) }
        let number = systemSocket(target.ai_family, target.ai_socktype, 0)
        guard number >= 0 else { return .failed(errno) }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
        if connect(number, target.ai_addr, target.ai_addrlen) == 0 {
            close(number)
            return .connected
        }
        guard errno == EINPROGRESS else {
            defer { close(number) }
            return .failed(errno)
        }
        return .begun(ConnectAttempt(socket: number))
    }

    /// Waits for the end of the attempt and closes the connection.
    func end(within limit: Duration) async -> Ending {
        let source = DispatchSource.makeWriteSource(fileDescriptor: socket, queue: .global())
        source.setEventHandler { [self] in
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            let answer = getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
            settle(.done(answer == 0 ? code : errno))
        }
        source.setCancelHandler { [socket] in close(socket) }
        source.activate()
        defer { source.cancel() }
        let nanoseconds = Int(clamping: max(0, limit.nanoseconds))
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
            self?.settle(.timedOut)
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { register($0) }
        } onCancel: {
            settle(.canceled)
        }
    }

    private func register(_ waiter: CheckedContinuation<Ending, Never>) {
        let ending = state.withLock { state in
            if state.ending == nil { state.waiter = waiter }
            return state.ending
        }
        if let ending { waiter.resume(returning: ending) }
    }

    private func settle(_ ending: Ending) {
        let waiter = state.withLock { state -> CheckedContinuation<Ending, Never>? in
            guard state.ending == nil else { return nil }
            state.ending = ending
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: ending)
    }
}

private func systemSocket(_ family: Int32, _ kind: Int32, _ name: Int32) -> Int32 { socket(family, kind, name) }
