/// How much of a job is looked at. What is not looked at stays as it is.
package enum PlanScope: Hashable, Sendable {
    /// All of it.
    case whole
    /// One group, of which instances wait that a node may have room for.
    case group(String)

    /// Whether a group is looked at.
    func includes(_ group: String) -> Bool {
        if case .group(let name) = self { name == group } else { true }
    }
}
