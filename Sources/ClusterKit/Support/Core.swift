/// Logic as a value: an event and a moment go in, effects come out. Nothing in it awaits, reads a clock or touches a
/// file.
///
/// A `Loop` drives it in production and the simulated world drives it under a virtual clock; both call the same
/// methods.
package protocol Core: Sendable {
    /// What the core is told: requests, results of effects.
    associatedtype Event: Sendable
    /// What the core asks for; its result comes back as an event.
    associatedtype Effect: Sendable

    /// Takes one event and adds the effects it causes, in the order in which they must be begun.
    mutating func handle(
        _ event: consuming Event, at now: Now, using entropy: inout Entropy, into effects: inout [Effect])

    /// Does what has come due. Calling it early, or twice, changes nothing.
    mutating func wake(at now: Now, using entropy: inout Entropy, into effects: inout [Effect])

    /// When `wake` wants to be called next.
    var nextWake: WakeTime { get }
}

/// The next moment at which a core has something to do, on either clock.
package struct WakeTime: Hashable, Sendable {
    /// The next timeout.
    package var uptime: Uptime?
    /// The next moment of a schedule.
    package var wall: WallTime?

    package init(uptime: Uptime? = nil, wall: WallTime? = nil) {
        self.uptime = uptime
        self.wall = wall
    }

    /// How long it is until the first of the two; zero when it has passed.
    package func delay(from now: Now) -> Duration? {
        let (first, second) = (uptime.map { $0 - now.uptime }, wall.map { $0 - now.wall })
        guard let first, let second else { return (first ?? second).map { max($0, .zero) } }
        return max(min(first, second), .zero)
    }
}
