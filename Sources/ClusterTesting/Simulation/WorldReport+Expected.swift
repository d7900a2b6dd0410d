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
        "register if unchanged", "judge", "purge node",
    ]

    private static let outcomes = [
        "claimed", "refused late", "lease expired", "gang placed", "gang waits", "work told",
        "illness known", "silence known in time",
    ]

    private static let jobs = [
        "service", "batch", "system", "periodic", "parameterized", "gang", "at most one", "stops itself in silence",
        "replaced in silence", "awaited in silence", "returns by best_score", "rolling", "blue and green", "canary",
        "service with checks", "templates", "ports", "sysbatch", "several crons", "several groups",
        "constraints of the job", "sidecar", "prestart", "poststart", "poststop", "leader", "cores of its own",
        "max_run_duration", "restart mode delay", "limited rescheduling", "affinity", "spread", "distinct hosts",
        "constraints",
    ]

    private static let transitions = [
        "allocation run/unknown", "allocation run/lost", "allocation run/failed", "allocation evict/running",
        "deployment successful", "deployment failed", "deployment cancelled", "deployment paused",
        "deployment reverted",
        "evaluation blocked", "job purged", "launch of a periodic job", "node down",
        "node removed", "reload waiting", "reload granted", "reload settling", "task ended by its lease",
    ]
}
