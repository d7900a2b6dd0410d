import ClusterKit

extension AnswerWriter {
    /// A roll-out, in lists and alone.
    mutating func deployment(_ deployment: Deployment, in snapshot: Snapshot) {
        let version = snapshot.jobVersions[JobVersion(deployment.job, deployment.jobVersion)]
        object {
            $0.field("ID", deployment.id)
            $0.field("Namespace", deployment.job.namespace)
            $0.field("JobID", deployment.job.id)
            $0.field("JobVersion", deployment.jobVersion)
            $0.field("JobModifyIndex", version?.jobModifyRevision ?? .zero)
            $0.field("JobSpecModifyIndex", version?.jobModifyRevision ?? .zero)
            $0.field("JobCreateIndex", version?.createRevision ?? .zero)
            $0.literal(#""IsMultiregion":false"#)
            $0.field("Status", deployment.status.rawValue)
            $0.field("StatusDescription", deployment.statusDescription)
            $0.field("TaskGroups", byName: deployment.groups) { $0.deploymentGroup($1) }
            $0.field("CreateIndex", deployment.createRevision)
            $0.field("ModifyIndex", deployment.modifyRevision)
            $0.field("CreateTime", deployment.createTime)
            $0.field("ModifyTime", deployment.modifyTime)
        }
    }

    private mutating func deploymentGroup(_ group: DeploymentGroup) {
        object {
            $0.field("AutoPromote", group.autoPromote)
            $0.field("AutoRevert", group.autoRevert)
            $0.field("DesiredCanaries", group.desiredCanaries)
            $0.field("DesiredTotal", group.desiredTotal)
            $0.field("HealthyAllocs", group.healthy)
            $0.field("PlacedAllocs", group.placed)
            $0.name("PlacedCanaries")
            $0.arrayOrNull(group.placedCanaries) { $0.string($1.description) }
            $0.field("ProgressDeadline", group.progressDeadline.nanoseconds)
            $0.field("Promoted", group.isPromoted)
            if let time = group.requireProgressBy {
                $0.field("RequireProgressBy", timestamp: time)
            } else {
                // Go's zero time, as Nomad writes it.
                $0.field("RequireProgressBy", "0001-01-01T00:00:00Z")
            }
            $0.field("UnhealthyAllocs", group.unhealthy)
        }
    }

    /// Whether an allocation is well, as the roll-out that watches it found; `null` outside of roll-outs.
    mutating func deploymentStatus(_ allocation: Allocation) {
        name("DeploymentStatus")
        guard allocation.health != nil || allocation.isCanary else { return null() }
        object {
            $0.name("Healthy")
            if let health = allocation.health { $0.bool(health.isHealthy) } else { $0.null() }
            $0.field("Timestamp", timestamp: allocation.health?.time)
            $0.field("Canary", allocation.isCanary)
            $0.field("ModifyIndex", allocation.modifyRevision)
        }
    }
}
