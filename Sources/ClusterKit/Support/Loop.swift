import Dispatch
import Synchronization

/// Drives one core: an ordered mailbox, `handle` for each event, effects begun in order. Neither awaits; what an effect
/// finds out comes back as an event.
package final class Loop<C: Core>: Sendable {
    private struct Mailbox {
        var events: [C.Event] = []
        var waiter: CheckedContinuation<Void, Never>?
        var rung = false
        var closed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let time: any TimeSource

    package init(time: any TimeSource) { self.time = time }

    /// Adds an event. Events from one caller are handled in the order in which it posts them.
    package func post(_ event: C.Event) {
        let waiter = mailbox.withLock { mailbox in
            guard !mailbox.closed else { return nil as CheckedContinuation<Void, Never>? }
            mailbox.events.append(event)
            defer { mailbox.waiter = nil }
            return mailbox.waiter
        }
        waiter?.resume()
    }

    /// Handles events until the calling task is canceled or `stopped` says so. `perform` begins one effect and returns
    /// at once.
    package func run(
        core: inout C, entropy: Entropy, perform: (C.Effect) -> Void, until stopped: () -> Bool = { false }
    ) async {
        var entropy = entropy
        var effects: [C.Effect] = []
        let alarm = Alarm { [weak self] in self?.ring() }
        defer { alarm.cancel() }
        while !Task.isCancelled, !stopped() {
            for event in take() {
                core.handle(event, at: time.now(), using: &entropy, into: &effects)
            }
            core.wake(at: time.now(), using: &entropy, into: &effects)
            for effect in effects { perform(effect) }
            effects.removeAll(keepingCapacity: true)
            // What was just begun may have been the end: nothing would come after it to wake the loop.
            guard !stopped() else { break }
            alarm.set(to: core.nextWake.delay(from: time.now()))
            await wait()
        }
        mailbox.withLock { mailbox in
            mailbox.closed = true
            mailbox.events = []
        }
    }

    private func take() -> [C.Event] {
        mailbox.withLock { mailbox in
            mailbox.rung = false
            defer { mailbox.events = [] }
            return mailbox.events
        }
    }

    private func ring() {
        let waiter = mailbox.withLock { mailbox in
            mailbox.rung = true
            defer { mailbox.waiter = nil }
            return mailbox.waiter
        }
        waiter?.resume()
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = mailbox.withLock { mailbox in
                    if !mailbox.events.isEmpty || mailbox.rung || Task.isCancelled { return true }
                    mailbox.waiter = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}

/// One timer that can be set again and again.
private final class Alarm: Sendable {
    // Dispatch's own queue guards the source; the type merely does not say so.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    init(_ ring: @escaping @Sendable () -> Void) {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler(handler: ring)
        self.timer = timer
        timer.schedule(deadline: .distantFuture)
        timer.activate()
    }

    /// Rings once after `delay`, and no longer at the moment set before; `nil` never rings.
    func set(to delay: Duration?) {
        guard let delay else { return timer.schedule(deadline: .distantFuture) }
        // An hour at most: a wall clock that is set forward is noticed by then.
        let nanoseconds = Int(min(delay.nanoseconds, 3_600_000_000_000))
        timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .nanoseconds(0))
    }

    func cancel() { timer.cancel() }
}
