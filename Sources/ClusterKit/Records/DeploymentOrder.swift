/// What someone wants of a roll-out.
public enum DeploymentOrder: Hashable, Sendable {
    /// The canaries of these groups are good; `nil` means of all groups that have any.
    case promote(groups: [String]?)
    /// Nothing shall be replaced until someone resumes it.
    case pause
    /// Go on; each group has its whole progress deadline again.
    case resume
    /// Give it up; groups that ask for it return to the last stable version.
    case fail
    /// These instances are well, those are not: for groups whose `health_check` is `manual`, and against the cluster's
    /// own judgment.
    case judge(healthy: [AllocationID], unhealthy: [AllocationID])
}
