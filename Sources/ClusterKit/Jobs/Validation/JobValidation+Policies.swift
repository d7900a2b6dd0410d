extension JobValidation {
    /// Below this, a fast failing task would keep its node busy with nothing else.
    private static let shortestWait = Duration.seconds(5)

    static func checkRestart(_ policy: RestartPolicy, _ path: JobPath, into found: inout MistakeCollector) {
        found.number(policy.attempts, in: 0...JobLimits.amount, path.attribute("attempts"))
        found.require(
            policy.attempts != 0 || policy.mode == .fail, path.attribute("attempts"),
            "0 attempts need mode \"fail\": with \"delay\" there would be nothing to wait for")
        found.duration(policy.delay, path.attribute("delay"))
        found.duration(policy.interval, atLeast: shortestWait, path.attribute("interval"))
        found.require(
            policy.delay <= policy.interval, path.attribute("delay"),
            "must not exceed the interval of \(policy.interval.compactText), "
                + "is \(policy.delay.compactText)")
    }

    static func checkReschedule(_ policy: ReschedulePolicy, _ path: JobPath, into found: inout MistakeCollector) {
        checkReschedule(policy.rule, path, into: &found)
        for (cause, rule) in policy.causes.sorted(by: { $0.key < $1.key }) {
            checkReschedule(rule, path.block("on", cause.rawValue), into: &found)
        }
    }

    private static func checkReschedule(_ rule: RescheduleRule, _ path: JobPath, into found: inout MistakeCollector) {
        found.number(rule.attempts, in: 0...JobLimits.amount, path.attribute("attempts"))
        found.duration(rule.interval, path.attribute("interval"))
        // Neither attempts nor unlimited: nothing is rescheduled and the other values do not matter.
        guard rule.unlimited || rule.attempts > 0 else { return }
        found.require(
            !rule.unlimited || rule.attempts == 0, path.attribute("attempts"),
            "either unlimited or a number of attempts; remove one, or set unlimited = false")
        found.require(
            rule.unlimited || rule.interval > .zero, path.attribute("interval"),
            "\(rule.attempts) attempts need an interval to be counted in, \"24h\" for example")
        found.duration(rule.delay, atLeast: shortestWait, path.attribute("delay"))
        if rule.delayFunction != .constant {
            found.duration(rule.maxDelay, path.attribute("max_delay"))
            found.require(
                rule.maxDelay >= rule.delay, path.attribute("max_delay"),
                "must not be shorter than the delay of \(rule.delay.compactText), "
                    + "is \(rule.maxDelay.compactText)")
        } else {
            found.duration(rule.maxDelay, path.attribute("max_delay"))
        }
    }

    static func checkRunLimit(
        _ limit: RunLimit?, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard let limit else { return }
        let attribute = path.attribute("max_run_duration")
        found.require(
            kind != .system, attribute, "system jobs run for as long as their node; remove it or make it a service")
        found.duration(limit.duration, atLeast: .seconds(1), attribute)
        guard let signal = limit.warningSignal else { return }
        let warning = path.block("run_warning")
        found.require(
            SignalNames.all.contains(signal), warning.attribute("signal"),
            "no signal is called \(signal.quotedForDisplay); use \"SIGUSR1\", for example")
        found.duration(limit.warningTime, warning.attribute("before"))
        found.require(
            limit.warningTime < limit.duration, warning.attribute("before"),
            "must be shorter than the max_run_duration of \(limit.duration.compactText), "
                + "is \(limit.warningTime.compactText)")
    }

    static func checkUpdate(
        _ update: UpdateStrategy?, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard let update else { return }
        found.require(
            !kind.isFinite, path, "\(kind.rawValue) jobs are not rolled out; remove the block or make it a service")
        if kind == .system {
            let isPlain = update.canary == 0 && !update.autoRevert && !update.autoPromote
            found.require(
                isPlain, path,
                "system jobs have no canaries and go back to no version; remove canary, auto_revert "
                    + "and auto_promote")
        }
        found.number(update.maxParallel, in: 0...JobLimits.count, path.attribute("max_parallel"))
        found.number(update.canary, in: 0...JobLimits.count, path.attribute("canary"))
        found.word(update.healthCheck, among: ["checks", "task_states", "manual"], path.attribute("health_check"))
        found.duration(update.minHealthyTime, path.attribute("min_healthy_time"))
        found.duration(update.healthyDeadline, path.attribute("healthy_deadline"))
        found.duration(update.progressDeadline, path.attribute("progress_deadline"))
        found.duration(update.stagger, path.attribute("stagger"))
        // Without roll-outs the deadlines do not matter.
        guard update.maxParallel > 0 else { return }
        found.require(
            update.minHealthyTime < update.healthyDeadline, path.attribute("min_healthy_time"),
            "must be shorter than the healthy_deadline of \(update.healthyDeadline.compactText), "
                + "is \(update.minHealthyTime.compactText)")
        found.require(
            update.progressDeadline == .zero || update.healthyDeadline < update.progressDeadline,
            path.attribute("healthy_deadline"),
            "must be shorter than the progress_deadline of \(update.progressDeadline.compactText), "
                + "is \(update.healthyDeadline.compactText); with a progress_deadline of 0 the first unhealthy "
                + "instance fails the roll-out")
        found.require(
            !update.autoPromote || update.canary > 0, path.attribute("auto_promote"),
            "promotes canaries, but there are none; set canary or remove it")
    }
}
