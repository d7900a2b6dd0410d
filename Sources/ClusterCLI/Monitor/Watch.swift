import ClusterClient
import ClusterKit

/// Where a watch looks: a server, or a story made up by a test.
protocol ProgressSource: Sendable {
    /// The evaluation, as soon as it is newer than `index`; after a while also when nothing changed.
    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision)
    /// The allocations of a job, as soon as one is newer than `index`; after a while also when nothing changed.
    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision)
}

/// Watches an evaluation until all that it placed runs, or is known not to.
struct Watch {
    let source: any ProgressSource
    var monitor: Monitor
    var screen: Screen
    /// How many looks are taken before the watch is given up; each lasts until something changes, 5 s at most.
    var patience = 120

    /// Watches, and says how it ended.
    mutating func run(_ id: String) async throws -> Ending {
        var (evaluation, evaluationIndex) = try await source.evaluation(id, after: .zero)
        var index = Revision.zero
        for _ in 0..<patience {
            // Asked for after the evaluation, they hold all that it placed.
            let (allocations, newIndex) = try await source.allocations(of: evaluation.job, after: index)
            let report = monitor.look(evaluation, allocations.filter { $0.evaluation == id })
            screen.show(report)
            if let outcome = report.outcome { return outcome }
            index = evaluation.isFinished ? newIndex : .zero
            if !evaluation.isFinished {
                (evaluation, evaluationIndex) = try await source.evaluation(id, after: evaluationIndex)
            }
        }
        Terminal.say("==> It is still starting. The servers go on with it; see: cluster job status \(evaluation.job)")
        return .success
    }
}

/// Looks at a server.
struct ServerProgress: ProgressSource {
    let client: ClusterClient
    let namespace: String

    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision) {
        let answer = try await client.evaluation(id, options(index))
        return (answer.value, answer.index)
    }

    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision) {
        let answer = try await client.allocations(of: job, options(index))
        return (answer.value, answer.index)
    }

    private func options(_ index: Revision) -> ReadOptions {
        ReadOptions(namespace: namespace, index: index, wait: .seconds(5))
    }
}
