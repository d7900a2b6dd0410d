extension WorldReport {
    /// What a long campaign has to show at all: each kind of fault, message, wish, job and change.
    public static let expected = faults + messages + operations + outcomes + jobs + transitions

    private static let faults = [
        "agent crash", "machine loss", "agent pause", "server crash", "server pause", "server pause with takeover",
        "partition", "one-way partition", "clock jump", "clock jump of a day", "one machine's clock jumps", "full disk",
        "slow store", "silent store", "doubtful write", "write of unknown fate, done",
        "write of unknown fate, not done",
        "machine described anew", "writes undone by a loss of power", "record not kept", "folders not made",
        "files not made", "folders not removed", "task not watched", "task not stopped", "task not removed",
        "signal not sent", "check out of time",
    ]

    private static let messages = ["late", "lost", "repeated", "view that no call awaits"]

    private static let operations = [
        "register", "scale", "update", "register again", "resize", "stop", "stop allocation", "evaluate", "promote",
        "pause", "resume", "fail", "revert", "retire", "drain", "end drain", "open node", "close node", "collect",
        "dispatch", "force", "allow moves", "register gang", "put item", "claim", "renew", "report progress",
        "complete",
        "fail item", "release", "worker dies", "evaluate node", "set work", "tag", "set stability",
        "register if unchanged", "judge", "purge node", "purge a node in use", "elaborate", "add group", "remove group",
    ]

    private static let outcomes = [
        "claimed", "refused late", "lease expired", "gang placed", "gang waits", "work told",
        "illness known", "silence known in time", "restarted by its check", "waits for other work",
        "its time is over", "first in line",
    ]

    private static let jobs = [
        "service", "batch", "system", "periodic", "parameterized", "gang", "at most one", "stops itself in silence",
        "replaced in silence", "awaited in silence", "returns by best_score", "rolling", "blue and green", "canary",
        "service with checks", "templates", "ports", "sysbatch", "several crons", "several groups",
        "constraints of the job", "prestart", "sidecar of prestart", "poststart", "sidecar of poststart", "poststop",
        "several main tasks", "leader", "cores of its own", "devices", "volumes", "static ports",
        "max_run_duration", "restart mode delay", "limited rescheduling", "a rule for a cause", "a rule for lost nodes",
        "affinity", "spread", "distinct_hosts",
        "distinct_property", "constraints", "another pool", "one pool before another", "one datacenter",
        "shutdown_delay", "migrate", "check_restart", "after a group", "after a job is running",
        "after a job is healthy", "after a job is complete",
    ]

    private static let transitions = [
        "allocation run/unknown", "allocation run/lost", "allocation run/failed", "allocation evict/running",
        "deployment successful", "deployment failed", "deployment cancelled", "deployment paused",
        "deployment reverted",
        "evaluation blocked", "job purged", "launch of a periodic job", "node down",
        "node removed", "scheduling rules: spread", "reload waiting", "reload granted", "reload settling",
        "task ended by its lease",
    ]
}
