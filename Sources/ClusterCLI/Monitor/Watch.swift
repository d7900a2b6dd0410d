import ClusterClient
import ClusterKit

/// Where a watch looks: a server, or a story made up by a test.
protocol ProgressSource: Sendable {
    /// The evaluation, as soon as it is newer than `index`; after a while also when nothing changed.
    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision)
    /// The allocations of a job, as soon as one is newer than `index`; after a while also when nothing changed.
    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision)
    /// The deployment that `evaluation` began; `nil` for none.
    func deployment(since evaluation: EvaluationWire) async throws -> DeploymentWire?
}

/// Watches an evaluation until all that it placed runs, or is known not to.
struct Watch {
    let source: any ProgressSource
    var monitor: Monitor
    var screen: Screen
    /// How long it lasts before it is given up; the time of waiting for other work does not count.
    var patience = Duration.seconds(600)

    /// Whether it placed anything.
    private(set) var hasPlaced = false

    /// Watches, and says how it ended.
    mutating func run(_ id: String) async throws -> Ending {
        var (evaluation, evaluationIndex) = try await source.evaluation(id, after: .zero)
        var index = Revision.zero
        let deadline = ContinuousClock.now + patience
        repeat {
            // Asked for after the evaluation, they hold all that it placed.
            let (allocations, newIndex) = try await source.allocations(of: evaluation.job, after: index)
            let report = monitor.look(evaluation, allocations.filter { $0.evaluation == id })
            hasPlaced = hasPlaced || allocations.contains { $0.evaluation == id }
            screen.show(report)
            if let next = report.next { return try await wait(for: next, since: evaluation) }
            if let outcome = report.outcome { return outcome }
            // An instance may wait for ever to start. Its deployment does not, and no instance tells of its end.
            if evaluation.isFinished, let deployment = try await source.deployment(since: evaluation),
                deployment.hasFailed
            {
                return end(with: deployment, "not all of it has started", report.standing)
            }
            index = evaluation.isFinished ? newIndex : .zero
            if !evaluation.isFinished {
                (evaluation, evaluationIndex) = try await source.evaluation(id, after: evaluationIndex)
            }
        } while ContinuousClock.now < deadline
        return giveUp(evaluation.job)
    }

    /// Watches what waits for other work, for as long as it does, and then how it starts.
    private mutating func wait(for id: String, since first: EvaluationWire) async throws -> Ending {
        var index = Revision.zero
        var deadline = ContinuousClock.now + patience
        repeat {
            let (evaluation, _) = try await source.evaluation(id, after: .zero)
            let (allocations, newIndex) = try await source.allocations(of: first.job, after: index)
            let placed = allocations.filter { $0.createIndex >= first.createIndex }
            hasPlaced = hasPlaced || !placed.isEmpty
            let report = monitor.lookWaiting(evaluation, placed)
            screen.show(report)
            if let outcome = report.outcome { return outcome }
            // Other work may take any time; nodes come free, or they do not.
            if evaluation.status == "blocked", evaluation.isHeldOnly { deadline = ContinuousClock.now + patience }
            if evaluation.status == "blocked", let deployment = try await source.deployment(since: first),
                deployment.hasFailed
            {
                return end(with: deployment, "the rest waits", report.standing)
            }
            index = newIndex
        } while ContinuousClock.now < deadline
        return giveUp(first.job)
    }

    private mutating func giveUp(_ job: String) -> Ending {
        tell("==> It is still starting. The servers go on with it; see: cluster job status \(job)")
        return .success
    }

    /// Tells of a deployment that has failed, and of what is left of its work.
    private mutating func end(with deployment: DeploymentWire, _ rest: String, _ standing: [String]) -> Ending {
        let id = AllocationTable.shown(deployment.id, monitor.isVerbose)
        tell("==> Deployment \"\(id)\" \(deployment.status), and \(rest): \(deployment.statusDescription)", standing)
        return .failure
    }

    private mutating func tell(_ line: String, _ standing: [String] = []) {
        screen.show(Monitor.Report(news: [.note(line)], standing: standing))
    }
}

extension DeploymentWire {
    /// Whether it ended otherwise than it should.
    fileprivate var hasFailed: Bool { !isActive && status != "successful" }
}

/// Looks at a server.
struct ServerProgress: ProgressSource {
    let client: ClusterClient
    let namespace: String
    var patience = Patience()

    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision) {
        let answer = try await patience.ask { try await client.evaluation(id, options(index)) }
        return (answer.value, answer.index)
    }

    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision) {
        let answer = try await patience.ask { try await client.allocations(of: job, options(index)) }
        return (answer.value, answer.index)
    }

    func deployment(since evaluation: EvaluationWire) async throws -> DeploymentWire? {
        try await patience.ask {
            try await client.deployments(of: evaluation.job, ReadOptions(namespace: namespace)).value
        }
        .filter { $0.createIndex >= evaluation.createIndex }.min { $0.createIndex < $1.createIndex }
    }

    private func options(_ index: Revision) -> ReadOptions {
        ReadOptions(namespace: namespace, index: index, wait: .seconds(5))
    }
}
