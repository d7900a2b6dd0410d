import ClusterKit

extension AnswerWriter {
    /// One line of the list of jobs.
    mutating func jobListItem(_ record: JobRecord, in snapshot: Snapshot, withMeta: Bool) {
        let job = record.job
        object {
            $0.field("ID", job.id.id)
            $0.field("ParentID", job.origin?.parent.id ?? "")
            $0.field("Name", job.name)
            $0.field("Namespace", job.id.namespace)
            $0.field("Datacenters", job.datacenters)
            $0.field("NodePool", job.nodePool)
            $0.literal(#""Multiregion":null"#)
            $0.field("Type", job.kind.rawValue)
            $0.field("Priority", job.priority)
            $0.field("Periodic", job.periodic != nil)
            $0.field("ParameterizedJob", job.parameterized != nil)
            $0.field("Stop", record.stopped)
            $0.field("Status", JobStatus(of: job.id, in: snapshot).rawValue)
            $0.field("StatusDescription", "")
            if withMeta { $0.field("Meta", job.meta) }
            $0.name("JobSummary")
            $0.jobSummary(JobSummary(of: record, in: snapshot))
            $0.field("Version", record.version)
            $0.field("CreateIndex", record.createRevision)
            $0.field("ModifyIndex", record.modifyRevision)
            $0.field("JobModifyIndex", record.jobModifyRevision)
            $0.field("SubmitTime", record.submitTime)
        }
    }

    /// Counts of a job's allocations.
    mutating func jobSummary(_ summary: JobSummary) {
        object {
            $0.field("JobID", summary.job.id)
            $0.field("Namespace", summary.job.namespace)
            $0.field("Summary", byName: summary.groups) { writer, counts in
                writer.object {
                    $0.field("Queued", counts.queued)
                    $0.field("Complete", counts.complete)
                    $0.field("Failed", counts.failed)
                    $0.field("Running", counts.running)
                    $0.field("Starting", counts.starting)
                    $0.field("Lost", counts.lost)
                    $0.field("Unknown", counts.unknown)
                }
            }
            $0.name("Children")
            $0.object {
                $0.field("Pending", summary.children[.pending] ?? 0)
                $0.field("Running", summary.children[.running] ?? 0)
                $0.field("Dead", summary.children[.dead] ?? 0)
            }
            $0.field("CreateIndex", summary.createRevision)
            $0.field("ModifyIndex", summary.modifyRevision)
        }
    }

    /// How many instances each group of a job has and wants.
    mutating func scaleStatus(_ record: JobRecord, in snapshot: Snapshot) {
        let allocations = snapshot.allocations(of: record.job.id)
        let history = snapshot.scaling[record.job.id]?.groups ?? [:]
        object {
            $0.field("JobID", record.job.id.id)
            $0.field("Namespace", record.job.id.namespace)
            $0.field("JobStopped", record.stopped)
            $0.field("JobCreateIndex", record.createRevision)
            $0.field("JobModifyIndex", record.jobModifyRevision)
            $0.field("TaskGroups") { writer in
                writer.object { groups in
                    for group in record.job.groups {
                        // Canaries are beside the count, as in Nomad.
                        let live = allocations.filter { $0.group == group.name && $0.isLive && !$0.isCanary }
                        groups.name(escaping: group.name)
                        groups.object {
                            $0.field("Desired", record.stopped ? 0 : group.count)
                            $0.field("Placed", live.count)
                            $0.field("Running", live.count { $0.client == .running })
                            $0.field("Healthy", live.count { $0.health?.isHealthy == true })
                            $0.field("Unhealthy", live.count { $0.health?.isHealthy == false })
                            $0.scalingEvents(history[group.name] ?? [])
                        }
                    }
                }
            }
        }
    }

    mutating func field(_ name: StaticString, _ write: (inout AnswerWriter) -> Void) {
        self.name(name)
        write(&self)
    }
}
