/// How long a worker may believe that it has an item, by its own clock, and when it has to act on that.
///
/// It is counted from before the server was asked, so that it never ends later here than there.
struct LeaseTerm: Hashable, Sendable {
    /// Before the request was sent that the server answered.
    let asked: ContinuousClock.Instant
    /// How long the item is the worker's from then on.
    let length: Duration

    /// When another worker may get the item.
    var end: ContinuousClock.Instant { asked + length }

    /// When the lease is renewed.
    var renewal: ContinuousClock.Instant { asked + length / 3 }

    /// When a command is told to end that nobody may find at work once the lease is over: 11 s before, or a third of
    /// the lease where that is less.
    var stop: ContinuousClock.Instant { end - min(.seconds(11), length / 3) }

    /// When it is ended by force. The rest, 1 s or a twelfth of the lease, is for the system to do it in.
    var kill: ContinuousClock.Instant { end - min(.seconds(1), length / 12) }

    /// How long a command may take to end after it was told to: at most 10 s.
    var grace: Duration { kill - stop }

    /// How long a renewal may take before another is tried: one that hangs must not be the only one.
    var patience: Duration { min(.seconds(15), max(.seconds(1), length / 6)) }

    /// How long to wait before a server that was not reached is asked again.
    var pause: Duration { max(.milliseconds(10), min(.seconds(1), length / 30)) }
}
