extension JobReading {
    static func lifecycle(_ fields: Fields) -> TaskLifecycle? {
        let isSidecar = fields.flag("sidecar", "Sidecar") ?? false
        let hook = fields.text("hook", "Hook") ?? ""
        if let hook = LifecycleHook(rawValue: hook) { return TaskLifecycle(hook, isSidecar: isSidecar) }
        let words = LifecycleHook.allCases.map(\.rawValue).joined(separator: ", ")
        fields.fail("must be one of \(words); is \(hook.quotedForDisplay)", "hook", "Hook")
        return nil
    }

    /// The time that an instance may run; the block that warns its tasks is ours.
    static func runLimit(_ fields: Fields) -> RunLimit? {
        let duration = fields.span("max_run_duration", "MaxRunDuration") ?? .zero
        var limit = RunLimit(duration)
        let hasWarning = fields.block("run_warning", "RunWarning") { warning -> Bool? in
            limit.warningSignal = warning.text("signal", "Signal") ?? ""
            limit.warningTime = warning.span("before", "Before") ?? limit.warningTime
            return true
        }
        guard duration == .zero else { return limit }
        if hasWarning != nil {
            fields.fail("warns of an end that never comes; state max_run_duration too", "run_warning", "RunWarning")
        }
        return nil
    }

    /// What is not stated is as in `base`.
    static func restart(_ fields: Fields, over base: RestartPolicy) -> RestartPolicy {
        RestartPolicy(
            attempts: fields.integer("attempts", "Attempts") ?? base.attempts,
            interval: fields.span("interval", "Interval") ?? base.interval,
            delay: fields.span("delay", "Delay") ?? base.delay, mode: fields.word("mode", "Mode") ?? base.mode)
    }

    /// What is not stated is as in `base`, except that attempts and no limit exclude each other.
    static func reschedule(_ fields: Fields, over base: ReschedulePolicy) -> ReschedulePolicy {
        // Attempts that are counted leave no room for all of them; none leaves it as it is.
        let rule = rule(fields, over: base.rule) { $0 > 0 }
        return ReschedulePolicy(rule, causes: causes(fields, over: base.causes, else: rule))
    }

    /// What is not stated of a cause is as in the block around, or as in the job's block for that cause.
    private static func causes(
        _ fields: Fields, over base: [FailureCause: RescheduleRule], else rule: RescheduleRule
    ) -> [FailureCause: RescheduleRule] {
        var causes = base
        var stated: Set<FailureCause> = []
        _ = fields.entries("on", "Causes") { name, fields in
            let cause = FailureCause(rawValue: name)
            // Read whatever it is called: all mistakes are told at once. Whoever states no attempts means none here.
            let rule = Self.rule(fields, over: cause.flatMap { base[$0] } ?? rule) { _ in true }
            guard let cause else { return refuse(name, fields) }
            if !stated.insert(cause).inserted { fields.fail("is there already; keep one of the two") }
            causes[cause] = rule
        }
        return causes
    }

    private static func refuse(_ cause: String, _ fields: Fields) {
        let words = FailureCause.allCases.map(\.rawValue).sorted().joined(separator: ", ")
        fields.fail("a failure has one of the causes \(words); is \(cause.quotedForDisplay)")
    }

    /// `counts` says which number of attempts makes that they are counted.
    private static func rule(
        _ fields: Fields, over base: RescheduleRule, counts: (Int) -> Bool
    ) -> RescheduleRule {
        let attempts = fields.integer("attempts", "Attempts")
        let interval = fields.span("interval", "Interval")
        let unlimited = fields.flag("unlimited", "Unlimited") ?? (attempts.map(counts) == true ? false : base.unlimited)
        return RescheduleRule(
            attempts: attempts ?? (unlimited ? 0 : base.attempts),
            interval: interval ?? (unlimited ? .zero : base.interval),
            delay: fields.span("delay", "Delay") ?? base.delay,
            delayFunction: fields.word("delay_function", "DelayFunction") ?? base.delayFunction,
            maxDelay: fields.span("max_delay", "MaxDelay") ?? base.maxDelay, unlimited: unlimited)
    }

    /// What is not stated is as in `base`, else Nomad's default.
    ///
    /// Nomad's own answers hold a block of zeros for jobs that are not rolled out, and one without `HealthCheck` and
    /// deadlines for jobs whose groups have the real one; both read as if what is zero were absent.
    static func update(_ fields: Fields, over base: UpdateStrategy?, _ kind: JobKind) -> UpdateStrategy? {
        let standard = base ?? UpdateStrategy()
        let healthCheck = fields.text("health_check", "HealthCheck")
        let isPartial = healthCheck == ""
        func span(_ hcl: String, _ json: String, _ standard: Duration) -> Duration {
            guard let span = fields.span(hcl, json), !(isPartial && span == .zero) else { return standard }
            return span
        }
        let maxParallel = fields.integer("max_parallel", "MaxParallel")
        let update = UpdateStrategy(
            maxParallel: maxParallel ?? standard.maxParallel,
            healthCheck: isPartial ? standard.healthCheck : healthCheck ?? standard.healthCheck,
            minHealthyTime: span("min_healthy_time", "MinHealthyTime", standard.minHealthyTime),
            healthyDeadline: span("healthy_deadline", "HealthyDeadline", standard.healthyDeadline),
            progressDeadline: span("progress_deadline", "ProgressDeadline", standard.progressDeadline),
            stagger: span("stagger", "Stagger", standard.stagger),
            canary: fields.integer("canary", "Canary") ?? standard.canary,
            autoRevert: fields.flag("auto_revert", "AutoRevert") ?? standard.autoRevert,
            autoPromote: fields.flag("auto_promote", "AutoPromote") ?? standard.autoPromote)
        return isPartial && kind != .service && maxParallel == 0 ? nil : update
    }
}
