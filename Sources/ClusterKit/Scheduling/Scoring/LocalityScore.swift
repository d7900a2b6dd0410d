/// Something that makes one node better than another for a group and that the scheduler cannot see, as a part of the
/// score: a warm cache, a data set near by, a link that is fast.
///
/// A build cluster may prefer nodes whose cache knows the branch that is built:
///
/// ```swift
/// let warm = LocalityScore("warm-cache") { subject, node in
///     guard let branch = subject.job.meta["branch"] else { return nil }
///     return node.meta["cache"] == branch ? 1 : nil
/// }
/// let scheduler = BinPackScheduler(localities: [warm])
/// ```
///
/// The part is one among the others: the score is the mean of all that are present, and a node for which there is no
/// number is compared without it.
public struct LocalityScore: Sendable {
    /// Tells how near `node` is for `subject`, from -1 (as far as can be) to 1; what is beyond is held there. `nil`
    /// says nothing, and neither does a value that is not a number.
    ///
    /// It is asked once for each node whose rules admit the subject, each time that instances are placed together: it
    /// must be quick. A node must get the same answer as long as the same is known of it, or the same state no longer
    /// leads to the same placements.
    public typealias Measure = @Sendable (_ subject: PlacementSubject, _ node: Node) -> Double?

    /// The name of the part in explanations; Nomad's names of parts are taken.
    public let name: String
    private let measure: Measure

    /// A part that explanations call `name`, whose value `measure` tells.
    public init(_ name: String, measure: @escaping Measure) {
        self.name = name
        self.measure = measure
    }

    func value(of subject: PlacementSubject, on node: Node) -> Double? {
        guard let value = measure(subject, node), !value.isNaN else { return nil }
        return min(max(value, -1), 1)
    }
}
