extension JobReading {
    /// Reads how many instances a group has, and what becomes of them as nodes come and go.
    func readNodeLife(_ fields: Fields, into group: inout TaskGroup) {
        let base = migrate ?? MigrateStrategy()
        group.migrate = fields.block("migrate", "Migrate") { Self.migrate($0, over: base) } ?? migrate
        let count = fields.integer("count", "Count")
        group.scaling = fields.block("scaling", "Scaling") { Self.scaling($0, count: count) }
        group.count = count ?? group.scaling?.min ?? 1
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
        return ScalingBounds(
            min: fields.integer("min", "Min") ?? count ?? 1, max: highest ?? 0,
            isEnabled: fields.flag("enabled", "Enabled") ?? true, policy: fields.config("policy", "Policy") ?? [:])
    }
}
