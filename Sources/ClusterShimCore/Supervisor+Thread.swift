#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Supervisor {
    /// Watches over a task on a thread of its own within this program. `answer` is called once, on that thread.
    package static func startThread(for order: TaskOrder, answer: @escaping @Sendable (ShimTalk.Answer) -> Void) {
        let work = ThreadWork(order: order, answer: answer)
        let box = Unmanaged.passRetained(work)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // It calls nothing deep; hundreds of such threads may wait.
        pthread_attr_setstacksize(&attributes, 512 * 1024)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let code = pthread_create(&thread, &attributes, runThreadWork, box.toOpaque())
        guard code != 0 else { return }
        box.release()
        answer(.failed(LaunchFailure(step: .prepare, code: code)))
    }
}

private final class ThreadWork: Sendable {
    private let order: TaskOrder
    private let answer: @Sendable (ShimTalk.Answer) -> Void

    init(order: TaskOrder, answer: @escaping @Sendable (ShimTalk.Answer) -> Void) {
        self.order = order
        self.answer = answer
    }

    func run() {
        do throws(LaunchFailure) {
            var supervisor = try Supervisor.prepare(order: order, host: .thread)
            try supervisor.run { answer(.running($0)) }
        } catch {
            answer(.failed(error))
        }
    }
}

#if canImport(Darwin)
    private func runThreadWork(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<ThreadWork>.fromOpaque(box).takeRetainedValue().run()
        return nil
    }
#else
    private func runThreadWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let box { Unmanaged<ThreadWork>.fromOpaque(box).takeRetainedValue().run() }
        return nil
    }
#endif
