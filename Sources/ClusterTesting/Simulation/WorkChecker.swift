import ClusterKit

/// Looks at every durable state of an item of work and says which promise it breaks. Shares no code with what it
/// checks.
struct WorkChecker {
    private var known: [WorkItemKey: WorkItem] = [:]

    /// Checks what `batch` says of items. `workers` are all that there are, with what they state of themselves.
    mutating func check(_ batch: ChangeBatch, _ workers: [SimulatedWorker], into report: inout WorldReport) {
        let waiting = known.values.filter { $0.state == .waiting }
        for change in batch.changes {
            switch change {
            case .removeWorkItem(let key):
                // Where there are workers, nobody takes items out that are not done.
                if let old = known.removeValue(forKey: key), !old.isOver, !workers.isEmpty {
                    report.violations.append(Violation(rule: "no work is forgotten", detail: "\(key) was \(old.state)"))
                }
            case .putWorkItem(let item):
                let found = known[item.key].flatMap { Self.broken(from: $0, to: item) } ?? Self.broken(item)
                if let (rule, detail) = found {
                    report.violations.append(Violation(rule: rule, detail: "\(item.key): \(detail)"))
                }
                let isTaken = item.state == .leased && known[item.key]?.token != item.token
                known[item.key] = item
                guard isTaken, let worker = workers.first(where: { $0.name == item.lease?.worker }) else { continue }
                checkChoice(of: item, by: worker, among: waiting, in: batch, into: &report)
            default: break
            }
        }
    }

    /// A worker gets what it may have, and of that nothing while something more urgent waits.
    private func checkChoice(
        of item: WorkItem, by worker: SimulatedWorker, among waiting: [WorkItem], in batch: ChangeBatch,
        into report: inout WorldReport
    ) {
        if !Self.meets(worker, item) {
            report.violations.append(
                Violation(rule: "work goes to whoever can do it", detail: "\(item.key) went to \(worker.name)"))
        }
        let given = batch.changes.compactMap { change -> WorkItemKey? in
            if case .putWorkItem(let other) = change { other.key } else { nil }
        }
        let better = waiting.filter {
            $0.key.queue == item.key.queue && $0.readyTime == nil && $0.priority > item.priority
                && Self.meets(worker, $0) && !given.contains($0.key)
        }
        guard let first = better.min(by: { $0.key < $1.key }) else { return }
        report.violations.append(
            Violation(
                rule: "the most urgent work goes first", detail: "\(worker.name) got \(item.key) before \(first.key)"))
    }

    private static func meets(_ worker: SimulatedWorker, _ item: WorkItem) -> Bool {
        item.constraints.allSatisfy { constraint in
            constraint.comparison != .equal || constraint.attribute != "${os}"
                || constraint.value == worker.attributes["os"]
        }
    }

    /// What the state of an item breaks by itself.
    private static func broken(_ item: WorkItem) -> (rule: String, detail: String)? {
        guard !item.isOver, item.attempts >= item.maxAttempts else { return nil }
        return ("work is tried as often as it may be", "\(item.state) after \(item.attempts) of \(item.maxAttempts)")
    }

    /// What the way from one state to the next breaks.
    private static func broken(from old: WorkItem, to new: WorkItem) -> (rule: String, detail: String)? {
        let way = "\(old.state) under \(old.token) to \(new.state) under \(new.token)"
        if old.state == .complete || old.state == .failed {
            return new.state == old.state && new.attempts == old.attempts ? nil : ("done stays done", way)
        }
        if new.token < old.token { return ("tokens only grow", way) }
        let attempts = new.attempts - old.attempts
        if new.token > old.token {
            let isTaken = old.state == .waiting && new.state == .leased && attempts == 0
            return isTaken ? nil : ("an item is taken only while it waits", way)
        }
        if old.state == .waiting, new.state != .waiting || attempts != 0 {
            return ("a lease ends once", "\(way), \(attempts) attempts more")
        }
        return (0...1).contains(attempts) ? nil : ("a lease ends once", "\(attempts) attempts more")
    }
}
