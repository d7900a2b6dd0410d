import ClusterKit

/// Looks at every durable state of an item of work and says which promise it breaks. Shares no code with what it
/// checks.
struct WorkChecker {
    private var known: [WorkItemKey: WorkItem] = [:]

    /// Checks what `batch` says of items.
    mutating func check(_ batch: ChangeBatch, into report: inout WorldReport) {
        for change in batch.changes {
            switch change {
            case .removeWorkItem(let key): known[key] = nil
            case .putWorkItem(let item):
                if let old = known[item.key], let (rule, detail) = Self.broken(from: old, to: item) {
                    report.violations.append(Violation(rule: rule, detail: "\(item.key): \(detail)"))
                }
                known[item.key] = item
            default: break
            }
        }
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
