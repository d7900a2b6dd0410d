/// What servers keep: computed from the state when somebody asks.
extension Metric {
    private static let nodeLabels = hostLabels + ["node_scheduling_eligibility", "node_status"]
    private static let groupLabels = ["host", "job", "namespace", "task_group"]

    private static func server(_ name: String, _ unit: Unit = .count, labels: [String] = [], _ help: String) -> Metric {
        Metric(name, .gauge, unit, labels: labels, help: help)
    }

    private static func summary(_ name: String, _ help: String) -> Metric {
        server("nomad_nomad_job_summary_" + name, labels: groupLabels, help)
    }

    private static func node(_ name: String, _ unit: Unit, _ help: String) -> Metric {
        server("nomad_client_" + name, unit, labels: nodeLabels, help)
    }

    /// Instances that wait for room.
    public static let summaryQueued = summary("queued", "Instances of the group that wait for room.")
    /// Instances that are starting.
    public static let summaryStarting = summary("starting", "Instances of the group that are starting.")
    /// Instances that run.
    public static let summaryRunning = summary("running", "Instances of the group that run.")
    /// Instances that ended well.
    public static let summaryComplete = summary("complete", "Known instances of the group that ended well.")
    /// Instances that failed.
    public static let summaryFailed = summary("failed", "Known instances of the group that failed.")
    /// Instances whose node is lost, and which may return with it.
    public static let summaryUnknown = summary(
        "unknown", "Known instances of the group whose node is lost and may return with them.")
    /// Instances whose node was lost.
    public static let summaryLost = summary("lost", "Known instances of the group that were lost with their node.")

    /// Jobs that wait.
    public static let jobsPending = server(
        "nomad_nomad_job_status_pending", labels: ["host"], "Jobs of which nothing runs and something waits.")
    /// Jobs that run.
    public static let jobsRunning = server(
        "nomad_nomad_job_status_running", labels: ["host"], "Jobs of which something runs or is meant to.")
    /// Jobs that are over.
    public static let jobsDead = server("nomad_nomad_job_status_dead", labels: ["host"], "Jobs that are over.")
    /// Evaluations that wait for room.
    public static let blockedEvaluations = server(
        "nomad_nomad_blocked_evals_total_blocked", labels: ["host"], "Evaluations that wait for room.")
    /// Evaluations that are not done.
    public static let pendingEvaluations = server(
        "nomad_nomad_broker_total_ready", labels: ["host"], "Evaluations that were not looked at so far.")
    /// The nodes that are heard of.
    public static let activeHeartbeats = server(
        "nomad_nomad_heartbeat_active", labels: ["host"], "Nodes that are heard of.")
    /// The newest revision.
    public static let revision = server(
        "nomad_state_snapshotIndex", labels: ["host"], "The newest durable revision of the state.")

    /// The nodes by status.
    public static let nodes = server(
        "cluster_nodes", labels: ["eligibility", "status"], "Nodes by status and whether they take new work.")
    /// The allocations by status.
    public static let allocationsByStatus = server(
        "cluster_allocations", labels: ["status"], "Known allocations by what they do.")
    /// The evaluations by status.
    public static let evaluationsByStatus = server(
        "cluster_evaluations", labels: ["status"], "Known evaluations by status.")

    /// What waits for room.
    public static let waitingGroups = server(
        "cluster_queue_groups", labels: [], "Groups of jobs that wait for room.")
    /// The wait of who waits longest.
    public static let longestWait = server(
        "cluster_queue_longest_wait_seconds", .seconds, labels: [],
        "How long the group of a job has waited that has waited longest.")

    /// What a node has promised of its processors.
    public static let nodeCPUAllocated = node("allocated_cpu", .megahertz, "CPU of the node that is promised.")
    /// What a node has promised of its memory.
    public static let nodeMemoryAllocated = node("allocated_memory", .mebibytes, "Memory of the node that is promised.")
    /// What a node has promised of its disk.
    public static let nodeDiskAllocated = node("allocated_disk", .mebibytes, "Disk of the node that is promised.")
    /// What a node has left of its processors.
    public static let nodeCPULeft = node("unallocated_cpu", .megahertz, "CPU of the node that may still be promised.")
    /// What a node has left of its memory.
    public static let nodeMemoryLeft = node(
        "unallocated_memory", .mebibytes, "Memory of the node that may still be promised.")
    /// What a node has left of its disk.
    public static let nodeDiskLeft = node(
        "unallocated_disk", .mebibytes, "Disk of the node that may still be promised.")
    /// The allocations that start on a node.
    public static let nodePending = node("allocations_pending", .count, "Allocations that are starting on the node.")
    /// The allocations that run on a node.
    public static let nodeRunning = node("allocations_running", .count, "Allocations that run on the node.")
    /// The allocations that ended on a node.
    public static let nodeTerminal = node(
        "allocations_terminal", .count, "Known allocations that ended on the node.")

    /// What servers say of jobs and nodes.
    static let servers: [Metric] = [
        summaryQueued, summaryStarting, summaryRunning, summaryComplete, summaryFailed, summaryLost, summaryUnknown,
        jobsPending, jobsRunning, jobsDead, blockedEvaluations, pendingEvaluations, activeHeartbeats, revision, nodes,
        allocationsByStatus, evaluationsByStatus, waitingGroups, longestWait, nodeCPUAllocated, nodeMemoryAllocated,
        nodeDiskAllocated, nodeCPULeft, nodeMemoryLeft, nodeDiskLeft, nodePending, nodeRunning, nodeTerminal,
    ]
}
