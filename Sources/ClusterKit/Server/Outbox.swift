/// What is on its way to the store, and who waits for it. One group is being written at a time; what is decided
/// meanwhile gathers for the next: a group commit.
struct Outbox: Sendable {
    private var gathering: [ChangeBatch] = []
    private var gatheredHead: Snapshot?
    private var writing: Snapshot?
    private var waiting: [(revision: Revision, id: ServerCore.RequestID, reply: ServerReply)] = []

    /// Queues a batch; `head` is the state after it.
    mutating func put(_ batch: ChangeBatch, head: Snapshot) {
        gathering.append(batch)
        gatheredHead = head
    }

    /// The next group to write, if none is being written.
    mutating func take() -> (group: [ChangeBatch], head: Snapshot)? {
        guard writing == nil, let head = gatheredHead else { return nil }
        defer {
            gathering = []
            gatheredHead = nil
            writing = head
        }
        return (gathering, head)
    }

    /// The group that was being written is durable: answers whoever waited for it, and gives the state after it.
    mutating func confirm(into effects: inout [ServerCore.Effect]) -> Snapshot? {
        guard let head = writing else { return nil }
        writing = nil
        let ready = waiting.prefix { $0.revision <= head.revision }
        for entry in ready { effects.append(.reply(entry.id, .success(entry.reply))) }
        waiting.removeFirst(ready.count)
        return head
    }

    /// Answers at once when all up to `revision` is durable, else when it becomes so.
    mutating func reply(
        _ id: ServerCore.RequestID, _ reply: ServerReply, after revision: Revision, durable: Revision,
        into effects: inout [ServerCore.Effect]
    ) {
        if revision <= durable {
            effects.append(.reply(id, .success(reply)))
        } else {
            waiting.append((revision, id, reply))
        }
    }

    /// Nothing of it will be written.
    mutating func fail(with error: ClusterError, into effects: inout [ServerCore.Effect]) {
        for entry in waiting { effects.append(.reply(entry.id, .failure(error))) }
        self = Outbox()
    }
}
