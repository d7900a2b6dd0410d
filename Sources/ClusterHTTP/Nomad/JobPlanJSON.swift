import ClusterKit

extension AnswerWriter {
    /// What two statements of a job differ in. `updates` says of groups what becomes of their instances.
    mutating func jobDiff(_ diff: JobDiff, updates: [String: JobPlan.Group] = [:]) {
        object {
            $0.field("ID", diff.id)
            $0.field("Type", diff.job.kind.rawValue)
            $0.differences(of: diff.job)
            $0.name("TaskGroups")
            $0.arrayOrNull(diff.job.parts) { $0.groupDiff($1, updates[$1.name]) }
        }
    }

    private mutating func groupDiff(_ group: JobDiff.Block, _ update: JobPlan.Group?) {
        object {
            $0.field("Name", group.name)
            $0.field("Type", group.kind.rawValue)
            $0.differences(of: group)
            $0.name("Tasks")
            $0.arrayOrNull(group.parts) { $0.taskDiff($1, update) }
            let words: [String: Int] = [
                "create": update?.place ?? 0, "canary": update?.canary ?? 0,
                "create/destroy update": update?.destructiveUpdate ?? 0, "in-place update": update?.inPlaceUpdate ?? 0,
                "destroy": update?.stop ?? 0, "ignore": update?.ignore ?? 0,
            ]
            $0.field("Updates", words.filter { $0.value > 0 })
        }
    }

    private mutating func taskDiff(_ task: JobDiff.Block, _ update: JobPlan.Group?) {
        let annotations = Self.annotations(of: task, update)
        object {
            $0.field("Name", task.name)
            $0.field("Type", task.kind.rawValue)
            $0.differences(of: task)
            $0.name("Annotations")
            $0.arrayOrNull(annotations) { $0.string($1) }
        }
    }

    /// In Nomad's words, and for which field.
    private static func annotations(of task: JobDiff.Block, _ update: JobPlan.Group?) -> [String] {
        // Beside two versions that were there once nobody asks what would restart.
        guard task.kind != .none, update != nil || task.kind != .edited else { return [] }
        let own = (update?.restartReasons ?? []).filter { $0.hasPrefix("task \"\(task.name)\"") }
        switch task.kind {
        case .added: return ["forces create"]
        case .deleted: return ["forces destroy"]
        case .edited, .none:
            return own.isEmpty ? ["forces in-place update"] : ["forces create/destroy update"]
        }
    }

    private mutating func differences(of block: JobDiff.Block) {
        name("Fields")
        arrayOrNull(block.fields) { writer, field in
            writer.object {
                $0.field("Name", field.name)
                $0.field("Type", field.kind.rawValue)
                $0.field("Old", field.old)
                $0.field("New", field.new)
                $0.literal(#""Annotations":null"#)
            }
        }
        name("Objects")
        arrayOrNull(block.objects) { writer, object in
            writer.object {
                $0.field("Name", object.name)
                $0.field("Type", object.kind.rawValue)
                $0.differences(of: object)
            }
        }
    }

    /// What registering a job would do; `launch` is when it would begin by itself next.
    mutating func jobPlan(_ plan: JobPlan, withDiff: Bool, launch: WallTime?) {
        object {
            $0.field("Annotations") { writer in
                writer.object {
                    $0.field("DesiredTGUpdates", byName: plan.groups) { $0.updates($1) }
                    $0.name("PreemptedAllocs")
                    $0.arrayOrNull(plan.preempted) { writer, allocation in
                        writer.object {
                            $0.field("ID", allocation.id)
                            $0.field("JobID", allocation.job.id)
                            $0.field("Namespace", allocation.job.namespace)
                            $0.field("TaskGroup", allocation.group)
                        }
                    }
                }
            }
            $0.literal(#""CreatedEvals":null"#)
            $0.name("Diff")
            if withDiff { $0.jobDiff(plan.diff, updates: plan.groups) } else { $0.null() }
            $0.field("FailedTGAllocs", byName: plan.refusals) { $0.refusal($1) }
            $0.field("Index", plan.revision)
            $0.field("JobModifyIndex", plan.jobModifyRevision)
            $0.field("NextPeriodicLaunch", timestamp: launch)
            $0.field("Warnings", plan.warnings.joined(separator: "\n"))
        }
    }

    private mutating func updates(_ group: JobPlan.Group) {
        object {
            $0.field("Canary", group.canary)
            $0.field("DestructiveUpdate", group.destructiveUpdate)
            $0.field("Ignore", group.ignore)
            $0.field("InPlaceUpdate", group.inPlaceUpdate)
            $0.literal(#""Migrate":0"#)
            $0.field("Place", group.place)
            $0.field("Preemptions", group.preemptions)
            $0.field("Stop", group.stop)
            $0.field("Restarts", group.restarts)
            $0.field("RestartReasons", group.restartReasons)
        }
    }
}
