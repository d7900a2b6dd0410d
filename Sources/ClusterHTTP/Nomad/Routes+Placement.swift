import ClusterClient
import ClusterKit

/// Why and why not: ours, Nomad has nothing like it.
extension APIServer {
    static var placementRoutes: [APIRoute] {
        [APIRoute(.jobPlacement, .readJobs, answer: placement)]
    }

    private static func placement(_ request: APIRequest) async throws -> APIAnswer {
        let snapshot = request.server.snapshot
        let allocation = try request.query["allocation"].map { text in
            let found = snapshot.allocations(of: request.jobID).filter {
                $0.id.description.hasPrefix(text.lowercased())
            }
            guard let first = found.first, text.count >= 4 else {
                throw ClusterError(.notFound, "job \(request.jobID) has no alloc \(text)")
            }
            guard found.count == 1 else {
                throw ClusterError(.invalid, "\(text) means \(found.count) allocs; give a whole identifier")
            }
            return first.id
        }
        let (server, job, group) = (request.server, request.jobID, request.query["group"])
        // Every node is looked at, which the threads that serve requests must not feel.
        let report = try await BlockingWork.run { try server.placement(of: job, group: group, allocation: allocation) }
        return .json(index: snapshot.revision) { $0.placementReport(report) }
    }
}

extension AnswerWriter {
    fileprivate mutating func placementReport(_ report: PlacementReport) {
        object {
            $0.field("JobID", report.job.id)
            $0.field("Namespace", report.job.namespace)
            $0.name("Groups")
            $0.array(report.groups) { $0.placementGroup($1) }
        }
    }

    private mutating func placementGroup(_ group: PlacementReport.Group) {
        object {
            $0.field("TaskGroup", group.name)
            $0.field("Count", group.count)
            $0.field("Placed", group.placed)
            $0.name("Waiting")
            if let waiting = group.waiting { $0.waitingGroup(waiting) } else { $0.null() }
            $0.field("Awaits", group.awaits)
            $0.field("Rest", group.rest ?? "")
            $0.field("AllocID", group.allocation?.id)
            $0.field("AllocName", group.allocation?.name ?? "")
            $0.field("NodeID", group.allocation?.node)
            $0.field("Revision", group.revision)
            $0.field("Besides", group.besides)
            $0.name("Takers")
            $0.array(group.explanation.lines.filter { $0.score != nil }) { $0.taker($1) }
            $0.name("Refusals")
            $0.array(group.explanation.refusals) { writer, refusal in
                writer.object {
                    $0.field("Reason", refusal.refusal)
                    $0.field("Nodes", refusal.nodes)
                    $0.name("Found")
                    if let finding = refusal.finding { $0.finding(finding) } else { $0.null() }
                }
            }
            $0.field("Remedies", group.explanation.remedies.map(\.description))
        }
    }

    private mutating func finding(_ finding: Explanation.Finding) {
        object {
            $0.field("Name", finding.name)
            $0.name("Values")
            $0.array(finding.values) { writer, value in
                writer.object {
                    $0.name("Value")
                    if let text = value.value { $0.string(text) } else { $0.null() }
                    $0.field("Nodes", value.nodes)
                }
            }
            $0.field("Others", finding.others)
        }
    }

    private mutating func waitingGroup(_ waiting: WaitingGroup) {
        object {
            $0.field("EvalID", waiting.evaluation)
            $0.field("Priority", waiting.priority)
            $0.field("Position", waiting.position)
            $0.field("InstancesAhead", waiting.instancesAhead)
            $0.field("Count", waiting.count)
            $0.field("Since", waiting.since)
            $0.field("Shortages", waiting.refusal.shortages)
            $0.field("KeptNodeIDs", waiting.keptNodes.map(\.description))
            $0.field("KeptNodeNames", waiting.keptNodeNames)
        }
    }

    private mutating func taker(_ line: Explanation.Line) {
        object {
            $0.field("NodeID", line.node)
            $0.field("NodeName", line.name)
            $0.field("Score", line.score ?? 0)
            $0.field("Parts", byName: line.parts) { $0.number($1) }
            $0.field("Evicting", line.evicting.map(\.description))
        }
    }
}
