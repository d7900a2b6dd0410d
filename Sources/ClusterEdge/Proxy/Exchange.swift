/// One request and its answer, from the moment its head is read until the answer is sent.
struct Exchange {
    var method = RequestMethod.other
    var isVersion11 = true
    /// Whether the connection stays open afterwards.
    var isPersistent = true
    /// How much of the request's body is still to come.
    var framing = BodyFraming.none
    /// Whether the request may be sent again: repeating it changes nothing, and no body is used up.
    var isRepeatable = false
    var wantsUpgrade = false
    /// When its head was there, in nanoseconds.
    var started: UInt64 = 0
    /// The route that it takes; `nil` for one that takes none.
    var state: RouteState?
    /// How often it was sent, or was tried to be.
    var tries = 0
    /// The instances that accepted no connection for it.
    var tried: [Int] = []
    /// The instance that it goes to.
    var target = 0
    /// What the client is told when no instance is left to try.
    var refusal = HTTPRefusal.unreachable
    var upstream: UpstreamConnection?
    /// Whether the client has got any of the answer.
    var hasResponse = false
    var status = 0
    var received: UInt64 = 0
    var sent: UInt64 = 0

    init() {}

    init(_ scanner: borrowing RequestScanner, started: UInt64) {
        method = scanner.method
        isVersion11 = scanner.isVersion11
        isPersistent = scanner.isPersistent
        framing = scanner.framing
        isRepeatable = scanner.method.isIdempotent && scanner.framing.isDone
        wantsUpgrade = !scanner.upgrade.isEmpty
        self.started = started
    }
}
