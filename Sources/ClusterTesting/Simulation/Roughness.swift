import ClusterKit

/// How rough chance is with a simulated cluster: faults of machines, agents, servers, store, clocks and network, and
/// what becomes of messages. Drawn once from the seed unless it is set, so that some runs are calm in one way and wild
/// in another.
public struct Roughness: Sendable {
    /// The mean time between two faults, each of which lasts up to a minute; `nil` when there are none. Machines are
    /// among them that never come back: three at most. At least a millisecond.
    public var faultInterval: Duration? {
        didSet { faultInterval = faultInterval.map { max(.milliseconds(1), $0) } }
    }
    /// The usual delay of a message.
    public var latency: Duration
    /// Of a thousand messages, how many are up to 20 seconds late.
    public var latePerMille: Int
    /// Of a thousand messages, how many arrive twice.
    public var repeatedPerMille: Int
    /// Of a thousand messages, how many are lost.
    public var lostPerMille: Int
    /// Of a thousand tasks, how many fail, where nothing says what becomes of them.
    public var failingPerMille: Int
    /// The mean time between two operations of all users together.
    var operationInterval = Duration.seconds(30)

    /// No trouble at all.
    public static let calm = Roughness(faultInterval: nil)

    /// States what chance does.
    public init(
        faultInterval: Duration?, latency: Duration = .milliseconds(2), latePerMille: Int = 0,
        repeatedPerMille: Int = 0, lostPerMille: Int = 0, failingPerMille: Int = 0
    ) {
        self.faultInterval = faultInterval.map { max(.milliseconds(1), $0) }
        self.latency = max(.microseconds(1), latency)
        self.latePerMille = latePerMille
        self.repeatedPerMille = repeatedPerMille
        self.lostPerMille = lostPerMille
        self.failingPerMille = failingPerMille
    }

    init(using entropy: inout Entropy) {
        self.init(faultInterval: .seconds(15 + entropy.below(30)))
        operationInterval = .seconds(8 + entropy.below(12))
        latency = .milliseconds(1 + entropy.below(20))
        latePerMille = entropy.below(40)
        repeatedPerMille = entropy.below(40)
        lostPerMille = entropy.below(30)
        failingPerMille = entropy.below(200)
    }

    /// Whether nothing happens by chance.
    var isCalm: Bool {
        faultInterval == nil && latePerMille == 0 && repeatedPerMille == 0 && lostPerMille == 0 && failingPerMille == 0
    }
}
