import ClusterClient
import ClusterKit

/// What operators decide for the whole cluster.
extension APIServer {
    static var operatorRoutes: [APIRoute] {
        [
            APIRoute(.schedulerConfiguration, .readServers) { request in
                let watch = Watch(.schedulingRules)
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                return .read(at: index) { $0.schedulerConfiguration(snapshot.schedulingRules, at: index) }
            },
            APIRoute(.setSchedulerConfiguration, .writeServers, answer: setSchedulerConfiguration),
            APIRoute(.collectGarbage, .writeServers) { request in
                _ = try await request.server.collectGarbage(as: request.caller)
                return .records()
            },
            // Nothing is counted beside what is stored, so there is nothing to count anew.
            APIRoute(.reconcileSummaries, .writeServers) { _ in .records() },
        ]
    }

    /// The body states all rules: what it leaves out is off, as Nomad has it.
    private static func setSchedulerConfiguration(_ request: APIRequest) async throws -> APIAnswer {
        let rules = try schedulingRules(in: JSONBody(request.body))
        let expected = try request.query["cas"] == nil ? nil : request.query.revision("cas")
        do {
            let receipt = try await request.server.setSchedulingRules(
                rules, ifUnchangedSince: expected, as: request.caller)
            return updated(true, at: receipt.revision)
        } catch let error as ClusterError where error.code == .conflict {
            return updated(false, at: Watch(.schedulingRules).revision(in: request.server.snapshot))
        }
    }

    private static func updated(_ isUpdated: Bool, at index: Revision) -> APIAnswer {
        .json(index: index) { writer in
            writer.object {
                $0.field("Updated", isUpdated)
                $0.field("Index", index)
            }
        }
    }

    private static func schedulingRules(in body: JSONBody) throws(ClusterError) -> SchedulingRules {
        guard !body.states("SchedulerConfig") else {
            throw ClusterError(.invalid, "the rules are stated as they are, not under SchedulerConfig")
        }
        for name in ["RejectJobRegistration", "PauseEvalBroker"] where try body.flag(name) {
            throw ClusterError(.invalid, "\(name) is not supported; leave it out, or set it to false")
        }
        let word = try body.text("SchedulerAlgorithm") ?? ""
        guard let algorithm = word.isEmpty ? .binpack : PlacementAlgorithm(rawValue: word) else {
            throw ClusterError(.invalid, "SchedulerAlgorithm must be \"binpack\" or \"spread\", not \"\(word)\"")
        }
        var preempting: Set<JobKind> = []
        if let switches = try body.object("PreemptionConfig") {
            for kind in JobKind.allCases where try switches.flag(kind.preemptionSwitch) { preempting.insert(kind) }
        }
        return SchedulingRules(
            algorithm: algorithm, memoryOversubscription: try body.flag("MemoryOversubscriptionEnabled"),
            preempting: preempting,
            movesPerHour: try body.number("TidyingMovesPerHour", in: 0...(.max)) ?? 0)
    }
}

extension JobKind {
    /// The name under which Nomad lets jobs of this kind preempt others.
    fileprivate var preemptionSwitch: String {
        switch self {
        case .service: "ServiceSchedulerEnabled"
        case .batch: "BatchSchedulerEnabled"
        case .system: "SystemSchedulerEnabled"
        case .sysbatch: "SysBatchSchedulerEnabled"
        }
    }
}

extension AnswerWriter {
    /// The rules of placement, with the state of the answer beside them as Nomad has it here alone.
    fileprivate mutating func schedulerConfiguration(_ rules: SchedulingRules, at index: Revision) {
        object { writer in
            writer.name("SchedulerConfig")
            writer.object { writer in
                writer.field("SchedulerAlgorithm", rules.algorithm.rawValue)
                writer.field("MemoryOversubscriptionEnabled", rules.memoryOversubscription)
                writer.field("TidyingMovesPerHour", rules.movesPerHour)
                writer.literal(#""RejectJobRegistration":false,"PauseEvalBroker":false"#)
                writer.name("PreemptionConfig")
                writer.object { writer in
                    for kind in JobKind.allCases {
                        writer.name(escaping: kind.preemptionSwitch)
                        writer.bool(rules.preempting.contains(kind))
                    }
                }
                writer.field("CreateIndex", rules.createRevision)
                writer.field("ModifyIndex", rules.modifyRevision)
            }
            writer.field("Index", index)
            writer.literal(#""LastContact":0,"KnownLeader":true"#)
        }
    }
}
