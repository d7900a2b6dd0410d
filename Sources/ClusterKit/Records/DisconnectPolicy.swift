/// Which of two instances of one number stays once a node that had fallen silent is heard of again, by Nomad's words.
public enum ReconnectChoice: String, StoredWord {
    /// The one whose node suits the group better; the first one where both suit it equally, or the second does not run.
    case bestScore = "best_score"
    /// The first one.
    case keepOriginal = "keep_original"
    /// The one that took its place.
    case keepReplacement = "keep_replacement"
    /// The one that has run for longer.
    case longestRunning = "longest_running"
}

/// What becomes of the instances of a group while nothing is heard of their node (Nomad: the block `disconnect`, and
/// before it `max_client_disconnect` and `stop_after_client_disconnect`). Without it they are lost with their node.
public struct DisconnectPolicy: Hashable, Sendable {
    /// For how long after the loss of its node an instance is unknown, and may return; `nil` for not at all.
    public var lostAfter: Duration?
    /// How long after it was last heard of an agent stops the instance by itself, so that another can take its place
    /// without running beside it; `nil` never does.
    public var stopOnClientAfter: Duration?
    /// Whether an unknown instance is replaced at once, and not only when its time is over.
    public var replaces: Bool
    /// Which one stays of an instance that returned and the one that took its place.
    public var choice: ReconnectChoice

    /// States a policy. One that states neither time leaves everything as it is without one.
    public init(
        lostAfter: Duration? = nil, stopOnClientAfter: Duration? = nil, replaces: Bool = true,
        choice: ReconnectChoice = .bestScore
    ) {
        self.lostAfter = lostAfter
        self.stopOnClientAfter = stopOnClientAfter
        self.replaces = replaces
        self.choice = choice
    }

    /// How long after the loss of their node instances are given up; `nil` when that is at once.
    public var patience: Duration? { lostAfter ?? stopOnClientAfter }
}

extension DisconnectPolicy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DisconnectPolicy(
                lostAfter: try fields.next(), stopOnClientAfter: try fields.next(), replaces: try fields.next(),
                choice: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(lostAfter)
            $0.put(stopOnClientAfter)
            $0.put(replaces)
            $0.put(choice)
        }
    }
}
