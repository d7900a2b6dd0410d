import ClusterKit
import Logging

/// Hands tables to the event loops, and says once of each tag that it could not be understood.
actor TablePublisher {
    private let loops: LoopSet
    private let metrics: any MetricSink
    private let logger: Logger
    private var figures: ProxyFigures
    private var told: Set<RouteProblem> = []

    init(_ loops: LoopSet, entryPoint: String, metrics: any MetricSink, logger: Logger) {
        self.loops = loops
        self.metrics = metrics
        self.logger = logger
        figures = ProxyFigures(entryPoint: entryPoint)
    }

    /// Returns when every event loop serves by the table.
    func publish(_ table: any RouteTable) async {
        await loops.serve(table)
        metrics.record(figures.samples(of: table))
        let problems = Set(table.problems)
        for problem in table.problems where !told.contains(problem) {
            logger.warning(
                "route not mounted",
                metadata: [
                    "router": "\(problem.router)", "tag": "\(problem.tag)", "reason": "\(problem.reason)",
                    "services": "\(problem.services.joined(separator: ", "))",
                ])
        }
        // A problem that went and comes back is told again.
        told = problems
    }
}
