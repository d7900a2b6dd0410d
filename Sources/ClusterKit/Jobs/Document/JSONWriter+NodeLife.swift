extension JSONWriter {
    /// The block, where it says more than the two fields that all versions of Nomad know. `StopAfterClientDisconnect`
    /// has its own place.
    mutating func writeDisconnect(_ policy: DisconnectPolicy?) {
        guard let policy else { return }
        if let plain = policy.plain {
            if let time = plain.lostAfter { field("MaxClientDisconnect", time) }
            return
        }
        object("Disconnect") { writer in
            if let time = policy.lostAfter { writer.field("LostAfter", time) }
            writer.field("Reconcile", policy.choice.rawValue)
            writer.field("Replace", policy.replaces)
            if let time = policy.stopOnClientAfter { writer.field("StopOnClientAfter", time) }
        }
    }

    mutating func write(_ migrate: MigrateStrategy) {
        object("Migrate") { writer in
            writer.field("HealthCheck", migrate.healthCheck)
            writer.field("HealthyDeadline", migrate.healthyDeadline)
            writer.field("MaxParallel", migrate.maxParallel)
            writer.field("MinHealthyTime", migrate.minHealthyTime)
        }
    }

    /// The bounds of a group's count; Nomad's policy has an identifier, which `ScalingPolicy` makes of the names.
    mutating func write(_ scaling: ScalingBounds?, of group: String, in job: JobID) {
        guard let scaling else { return nullField("Scaling") }
        object("Scaling") { writer in
            writer.field("Enabled", scaling.isEnabled)
            writer.field("ID", ScalingPolicy(scaling, of: group, in: job).id.description)
            writer.field("Max", scaling.max)
            writer.field("Min", scaling.min)
            writer.key("Policy")
            writer.write(.object(scaling.policy))
            writer.object("Target") { target in
                target.field("Group", group)
                target.field("Job", job.id)
                target.field("Namespace", job.namespace)
            }
            writer.field("Type", "horizontal")
        }
    }
}

extension DisconnectPolicy {
    /// The policy itself when all that it says are its times.
    var plain: DisconnectPolicy? { replaces && choice == .bestScore ? self : nil }
}
