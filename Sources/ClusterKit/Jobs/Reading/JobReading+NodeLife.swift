extension JobReading {
    /// Reads how many instances a group has, and what becomes of them as nodes come and go.
    func readNodeLife(_ fields: Fields, into group: inout TaskGroup) {
        let base = migrate ?? MigrateStrategy()
        group.migrate = fields.block("migrate", "Migrate") { Self.migrate($0, over: base) } ?? migrate
        let count = fields.integer("count", "Count")
        group.scaling = fields.block("scaling", "Scaling") { Self.scaling($0, count: count) }
        group.count = count ?? group.scaling?.min ?? 1
        group.disconnect = Self.disconnect(fields)
        group.atMostOne = fields.flag("at_most_one", "AtMostOne") ?? false
    }

    /// The block, or what said the same before Nomad had it.
    private static func disconnect(_ fields: Fields) -> DisconnectPolicy? {
        var policy = DisconnectPolicy(
            lostAfter: fields.span("max_client_disconnect", "MaxClientDisconnect"),
            stopOnClientAfter: fields.span("stop_after_client_disconnect", "StopAfterClientDisconnect"))
        let isStated = policy.patience != nil
        let block = fields.block("disconnect", "Disconnect") { block -> Bool? in
            policy.lostAfter = block.span("lost_after", "LostAfter") ?? policy.lostAfter
            policy.stopOnClientAfter =
                block.span("stop_on_client_after", "StopOnClientAfter") ?? policy.stopOnClientAfter
            policy.replaces = block.flag("replace", "Replace") ?? true
            policy.choice = block.word("reconcile", "Reconcile") ?? .bestScore
            return true
        }
        if isStated, block != nil {
            fields.fail(
                "says the same as max_client_disconnect and stop_after_client_disconnect; keep one of them",
                "disconnect", "Disconnect")
        }
        return isStated || block != nil ? policy : nil
    }

    /// What is not stated is as in `base`.
    static func migrate(_ fields: Fields, over base: MigrateStrategy) -> MigrateStrategy {
        MigrateStrategy(
            maxParallel: fields.integer("max_parallel", "MaxParallel") ?? base.maxParallel,
            healthCheck: fields.text("health_check", "HealthCheck") ?? base.healthCheck,
            minHealthyTime: fields.span("min_healthy_time", "MinHealthyTime") ?? base.minHealthyTime,
            healthyDeadline: fields.span("healthy_deadline", "HealthyDeadline") ?? base.healthyDeadline)
    }

    /// As in Nomad the lowest count is that of the group unless it is stated; the highest has no default.
    static func scaling(_ fields: Fields, count: Int?) -> ScalingBounds {
        fields.refuse(UnsupportedFields.scaling)
        let highest = fields.integer("max", "Max")
        if highest == nil { fields.fail("must say how many instances there may be at most", "max", "Max") }
        let lowest = fields.integer("min", "Min") ?? count ?? 1
        // One that is missing is told, and must not clash with the rest as well.
        return ScalingBounds(
            min: lowest, max: highest ?? max(lowest, count ?? lowest),
            isEnabled: fields.flag("enabled", "Enabled") ?? true, policy: fields.config("policy", "Policy") ?? [:])
    }
}
