/// What is on its way to the store, and who waits for it. One group is being written at a time; what is decided
/// meanwhile gathers for the next: a group commit.
struct Outbox: Sendable {
    private var gathering: [ChangeBatch] = []
    private var writing: Snapshot?
    private var waiting: [(revision: Revision, id: ServerCore.RequestID, reply: ServerReply)] = []

    /// Queues a batch.
    mutating func put(_ batch: ChangeBatch) { gathering.append(batch) }

    /// The next group to write, if there is something and nothing is being written. `head` is the state after all that
    /// was put: taken note of only here, for what a copy shares has to be copied by the next change.
    mutating func take(head: Snapshot) -> [ChangeBatch]? {
        guard writing == nil, !gathering.isEmpty else { return nil }
        defer { gathering = [] }
        writing = head
        return gathering
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
