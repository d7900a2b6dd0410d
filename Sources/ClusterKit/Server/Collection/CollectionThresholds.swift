/// How long what has ended is kept, and how often the server looks for what need not be kept any longer.
public struct CollectionThresholds: Hashable, Sendable {
    /// For evaluations that were looked at, and with them ended allocations of services.
    public var evaluation: Duration
    /// The same for jobs whose work ends by itself.
    public var batchEvaluation: Duration
    /// For jobs that were stopped, or whose work is done.
    public var job: Duration
    /// For nodes that are down.
    public var node: Duration
    /// For roll-outs that are over.
    public var deployment: Duration
    /// The time from one look to the next.
    public var interval: Duration

    /// Takes Nomad's defaults.
    public init(
        evaluation: Duration = .seconds(3600), batchEvaluation: Duration = .seconds(86_400),
        job: Duration = .seconds(4 * 3600), node: Duration = .seconds(86_400), deployment: Duration = .seconds(3600),
        interval: Duration = .seconds(300)
    ) {
        self.evaluation = evaluation
        self.batchEvaluation = batchEvaluation
        self.job = job
        self.node = node
        self.deployment = deployment
        self.interval = interval
    }

    /// Keeps nothing for its age: what someone asks for who wants all gone that can go.
    static let none = CollectionThresholds(
        evaluation: .zero, batchEvaluation: .zero, job: .zero, node: .zero, deployment: .zero)
}
