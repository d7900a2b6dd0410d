extension JobReading {
    /// Reads what becomes of a group's instances as nodes come and go.
    func readNodeLife(_ fields: Fields, into group: inout TaskGroup) {
        let base = migrate ?? MigrateStrategy()
        group.migrate = fields.block("migrate", "Migrate") { Self.migrate($0, over: base) } ?? migrate
    }

    /// What is not stated is as in `base`.
    static func migrate(_ fields: Fields, over base: MigrateStrategy) -> MigrateStrategy {
        MigrateStrategy(
            maxParallel: fields.integer("max_parallel", "MaxParallel") ?? base.maxParallel,
            healthCheck: fields.text("health_check", "HealthCheck") ?? base.healthCheck,
            minHealthyTime: fields.span("min_healthy_time", "MinHealthyTime") ?? base.minHealthyTime,
            healthyDeadline: fields.span("healthy_deadline", "HealthyDeadline") ?? base.healthyDeadline)
    }
}
