import ClusterClient
import ClusterKit

/// Counts of groups: their bounds, how they change, and who goes when they are lowered.
extension APIServer {
    static var scalingRoutes: [APIRoute] {
        [
            APIRoute(.scalingPolicies, .filtered, answer: listPolicies),
            APIRoute(.scalingPolicy, .filtered, answer: onePolicy),
            APIRoute(.retireAllocation, .writeJobs) { request in
                writeAnswer(try await request.server.retire(try request.allocationID(), as: request.caller))
            },
            APIRoute(.allocationWork, .writeJobs, answer: setWork),
        ]
    }

    static func scale(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        let target = try body.object("Target")
        guard let target, let group = try target.text("Group") else {
            throw ClusterError(.invalid, "Target must name a group, as in {\"Group\": \"web\"}")
        }
        for (name, meant) in [("Job", request.jobID.id), ("Namespace", request.namespace)] {
            guard let stated = try target.text(name), !stated.isEmpty, stated != meant else { continue }
            throw ClusterError(
                .invalid, "Target.\(name) is \"\(stated)\", but the request is about \"\(meant)\"")
        }
        let isError = try body.flag("Error")
        let message = try body.text("Message") ?? ""
        let count = try body.number("Count", in: 0...JobLimits.count)
        guard count != nil || isError || !message.isEmpty else {
            throw ClusterError(.invalid, "Count must say how many instances are wanted, or Message why none is stated")
        }
        let wish = ScalingRequest(
            group: group, count: count, message: message, isError: isError,
            meta: try body.values("Meta")?.configValues ?? [:], ifUnchangedSince: try enforcedIndex(in: body))
        return writeAnswer(try await request.server.scale(request.jobID, wish, as: request.caller))
    }

    private static func setWork(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        guard body.states("Busy") else {
            throw ClusterError(.invalid, "Busy must say whether the allocation is in the middle of something")
        }
        let work = WorkStatus(
            isBusy: try body.flag("Busy"), progress: try body.decimal("Progress"),
            keepCost: try body.decimal("KeepCost") ?? 0, time: WallTime(nanoseconds: 0))
        return writeAnswer(
            try await request.server.setWork(work, of: try request.allocationID(), as: request.caller))
    }

    // MARK: - Policies

    private static func policies(_ request: APIRequest, in snapshot: Snapshot) -> [ScalingPolicy] {
        snapshot.jobs.sorted.filter { request.shows($0.job.id.namespace) }.flatMap(\.scalingPolicies)
    }

    private static func listPolicies(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.jobs)
        let snapshot = try await watch.snapshot(for: request)
        let (job, kind) = (request.query["job"], request.query["type"])
        let found = policies(request, in: snapshot).filter {
            (job == nil || job == $0.job.id) && (kind == nil || kind == "horizontal")
        }
        return .read(at: watch.revision(in: snapshot)) { writer in
            writer.array(found) { writer, policy in writer.object { $0.policyHead(policy) } }
        }
    }

    private static func onePolicy(_ request: APIRequest) async throws -> APIAnswer {
        let watch = Watch(.jobs)
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        let found = policies(request, in: snapshot).first { $0.id.description == request.argument.lowercased() }
        guard let policy = found else { return .missing("policy not found", at: index) }
        return .read(at: index) { writer in
            writer.object {
                $0.policyHead(policy)
                $0.field("Min", policy.bounds.min)
                $0.field("Max", policy.bounds.max)
                $0.name("Policy")
                $0.config(policy.bounds.policy)
            }
        }
    }
}

extension AnswerWriter {
    fileprivate mutating func policyHead(_ policy: ScalingPolicy) {
        field("ID", policy.id)
        field("Enabled", policy.bounds.isEnabled)
        literal(#""Type":"horizontal""#)
        field("Target") { writer in
            writer.object {
                $0.field("Namespace", policy.job.namespace)
                $0.field("Job", policy.job.id)
                $0.field("Group", policy.group)
            }
        }
        field("CreateIndex", policy.createRevision)
        field("ModifyIndex", policy.modifyRevision)
    }

    fileprivate mutating func config(_ values: [String: ConfigValue]) {
        var writer = JSONWriter()
        writer.value(.object(values))
        raw(writer.bytes)
    }

    /// The last events of a group, the newest first; `null` for none.
    mutating func scalingEvents(_ events: [ScalingEvent]) {
        name("Events")
        arrayOrNull(events.reversed()) { writer, event in
            writer.object {
                $0.name("Count")
                if let count = event.count { $0.number(count) } else { $0.null() }
                $0.field("PreviousCount", event.previousCount)
                $0.field("Error", event.isError)
                $0.field("Message", event.message)
                $0.name("Meta")
                $0.config(event.meta)
                $0.name("EvalID")
                if let evaluation = event.evaluation { $0.string(evaluation.description) } else { $0.null() }
                $0.field("Time", event.time)
                $0.literal(#""CreateIndex":0"#)
            }
        }
    }

    /// How the work of an allocation stands: ours, and only there where something was told.
    mutating func work(_ work: WorkStatus?) {
        guard let work else { return }
        field("Work") { writer in
            writer.object {
                $0.field("Busy", work.isBusy)
                $0.name("Progress")
                if let progress = work.progress { $0.number(progress) } else { $0.null() }
                $0.field("KeepCost", work.keepCost)
                $0.field("Time", work.time)
            }
        }
    }
}
