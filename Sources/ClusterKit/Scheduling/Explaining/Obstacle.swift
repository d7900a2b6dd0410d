/// One thing that keeps an instance off a node.
enum Obstacle {
    /// Its description breaks a rule.
    case rule(BrokenRule)
    /// A rule about what runs forbids another instance.
    case apart(DistinctBarrier)
    /// It has too little of something.
    case shortage(Shortage)

    /// The name of the rule that a job would have to do without.
    var rule: String? {
        switch self {
        case .rule(let rule): rule.name
        case .apart(let barrier): barrier.rule
        case .shortage: nil
        }
    }

    var shortage: Shortage? {
        if case .shortage(let shortage) = self { shortage } else { nil }
    }
}
