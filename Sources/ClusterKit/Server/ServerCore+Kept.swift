extension ServerCore {
    /// Writes keys and secrets, all or nothing.
    mutating func keep(
        _ changes: [Change], if preconditions: [Precondition], at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard changes.allSatisfy(\.isKept) else {
            throw ClusterError(.invalid, "only keys and secrets are kept this way")
        }
        for condition in preconditions where !condition.holds(in: head) {
            throw ClusterError(.conflict, "\(condition.subject) has changed meanwhile; read it again")
        }
        if !changes.isEmpty { commit(changes, at: now, into: &effects) }
        return Receipt(revision: head.revision)
    }
}

extension Precondition {
    /// What it is about, for people.
    fileprivate var subject: String {
        switch self {
        case .key(let key, _): "key \(key)"
        case .secret(let path, _): "secret \(path)"
        }
    }
}
