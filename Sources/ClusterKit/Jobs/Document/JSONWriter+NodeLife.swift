extension JSONWriter {
    mutating func write(_ migrate: MigrateStrategy) {
        object("Migrate") { writer in
            writer.field("HealthCheck", migrate.healthCheck)
            writer.field("HealthyDeadline", migrate.healthyDeadline)
            writer.field("MaxParallel", migrate.maxParallel)
            writer.field("MinHealthyTime", migrate.minHealthyTime)
        }
    }
}
