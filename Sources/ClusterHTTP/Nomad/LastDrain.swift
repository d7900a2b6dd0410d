import ClusterKit

/// A node's newest drain, which may be over, as Nomad shows it under `LastDrain`.
///
/// No record of its own is kept: it is read from the last ten events of the node, and is forgotten with them.
struct LastDrain: Equatable {
    enum Status: String {
        case draining
        case complete
        case canceled
    }

    let startedAt: WallTime
    var updatedAt: WallTime
    var status = Status.draining
    /// Why, in words; empty for none.
    var message: String

    /// `nil` for a node that was not drained, or so long ago that its events do not tell of it.
    init?(of node: Node) {
        var found: LastDrain?
        for event in node.events where event.subsystem == "Drain" {
            let words = event.message
            if let reason = Self.reason(in: words, after: "Node drain strategy set") {
                found = LastDrain(startedAt: event.time, updatedAt: event.time, message: reason)
            } else if let reason = Self.reason(in: words, after: "Node drain strategy updated") {
                let start = found?.status == .draining ? found?.startedAt : node.drain?.startedAt
                found = LastDrain(startedAt: start ?? event.time, updatedAt: event.time, message: reason)
            } else if let end = Self.end(in: words) {
                found?.updatedAt = event.time
                found?.status = end
            }
        }
        guard let found else { return nil }
        self = found
    }

    private init(startedAt: WallTime, updatedAt: WallTime, message: String) {
        (self.startedAt, self.updatedAt, self.message) = (startedAt, updatedAt, message)
    }

    /// How the drain ended that `words` tell the end of; one that the cluster gave up begins with "Node drain ended".
    private static func end(in words: String) -> Status? {
        switch words {
        case "Node drain complete": .complete
        case "Node drain disabled": .canceled
        case _ where words.hasPrefix("Node drain ended"): .canceled
        default: nil
        }
    }

    private static func reason(in words: String, after start: String) -> String? {
        guard words.hasPrefix(start) else { return nil }
        let rest = words.dropFirst(start.count)
        return rest.isEmpty ? "" : rest.hasPrefix(": ") ? String(rest.dropFirst(2)) : nil
    }
}

extension AnswerWriter {
    mutating func lastDrain(_ drain: LastDrain?) {
        name("LastDrain")
        guard let drain else { return null() }
        object {
            $0.field("StartedAt", timestamp: drain.startedAt)
            $0.field("UpdatedAt", timestamp: drain.updatedAt)
            $0.field("Status", drain.status.rawValue)
            $0.literal(#""AccessorID":"""#)
            $0.field("Meta", drain.message.isEmpty ? [:] : ["message": drain.message])
        }
    }
}
