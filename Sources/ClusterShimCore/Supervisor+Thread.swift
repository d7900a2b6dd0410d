extension Supervisor {
    /// Watches over a task on a thread of its own within this program. `answer` is called once, on that thread.
    package static func startThread(for order: TaskOrder, answer: @escaping @Sendable (ShimTalk.Answer) -> Void) {
        let code = OwnThread.start {
            do throws(LaunchFailure) {
                var supervisor = try Supervisor.prepare(order: order, host: .thread)
                try supervisor.run { answer(.running($0)) }
            } catch {
                answer(.failed(error))
            }
        }
        if code != 0 { answer(.failed(LaunchFailure(step: .prepare, code: code))) }
    }
}
