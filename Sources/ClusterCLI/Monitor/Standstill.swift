import ClusterClient

/// Finds out when nothing more comes of a roll-out by itself: somebody has to do something, or room has to come free,
/// which may take any time. Takes one look after the other, and asks nobody.
struct Standstill {
    /// What to say of it, and how whoever watches ends.
    struct Finding: Hashable {
        let lines: [String]
        let outcome: Ending
    }

    /// Room that comes free is given to who waits within moments: more looks than these change nothing. Each lasts five
    /// seconds where nothing changes.
    private static let mostLooks = 3

    private let isVerbose: Bool
    /// How many looks in a row found that the rest waits for room.
    private var looks = 0

    init(isVerbose: Bool = false) { self.isVerbose = isVerbose }

    /// What to say once the roll-out stands still, of whose job `evaluations` are; `nil` as long as it goes on.
    mutating func look(_ deployment: DeploymentWire, _ evaluations: [EvaluationWire]) -> Finding? {
        let id = AllocationTable.shown(deployment.id, isVerbose)
        if deployment.status == "paused" {
            return Finding(
                lines: ["==> It is paused and goes on with: cluster deployment resume \(id)"], outcome: .awaitsPeople)
        }
        guard deployment.isActive else { return nil }
        if deployment.awaitsPromotion {
            return Finding(
                lines: [
                    "==> Its canaries are well, and it goes on with: cluster deployment promote \(id)",
                    "    To give it up: cluster deployment fail \(id)",
                ], outcome: .awaitsPeople)
        }
        let blocked = evaluations.filter { $0.status == "blocked" && !$0.isHeldOnly }
        guard let refusals = blocked.first?.refusals, !refusals.isEmpty, deployment.isWellSoFar else {
            looks = 0
            return nil
        }
        looks += 1
        guard looks >= Self.mostLooks else { return nil }
        let reasons = RefusalText.text(refusals).split(separator: "\n", omittingEmptySubsequences: false)
        return Finding(
            lines: ["==> What was placed is well, and the rest waits:"] + reasons.map { $0.isEmpty ? "" : "    " + $0 }
                + [
                    "    It starts once a node takes it, unless the progress deadline is over before; "
                        + "see: cluster job why \(deployment.job)"
                ], outcome: .notPlaced)
    }
}

extension DeploymentWire {
    /// Whether all is done that can be before someone promotes the canaries.
    fileprivate var awaitsPromotion: Bool {
        guard status == "running", needsPeopleToPromote, let groups, !groups.isEmpty else { return false }
        return groups.values.allSatisfy { group in
            group.healthy >= (group.canaries > 0 && !group.promoted ? group.canaries : group.desired)
        }
    }

    /// Whether it has canaries that do not promote themselves.
    var needsPeopleToPromote: Bool { isActive && statusDescription.contains("manual promotion") }

    /// Whether all that was placed is known to be well.
    fileprivate var isWellSoFar: Bool {
        (groups ?? [:]).values.allSatisfy { $0.unhealthy == 0 && $0.healthy >= $0.placed }
    }
}
