extension ServerCore {
    /// Makes one step of a look for what need not be kept, if one is due.
    mutating func collect(at now: Now, into effects: inout [Effect]) {
        guard collection.written <= durable.revision else { return }
        let interval = max(.seconds(1), configuration.collection.interval)
        guard collection.begin(at: now.uptime, interval: interval, in: head) else { return }
        let collector = Collector(
            head: head, ages: collection.isForced ? .none : configuration.collection, now: now.wall,
            keptJobVersions: configuration.keptJobVersions, awaited: collection.awaited(in: head))
        var changes: [Change] = []
        var looked = 0
        if collection.looksAtNodes {
            collection.looksAtNodes = false
            changes = collector.spareNodes()
            looked = head.nodes.count
        }
        while let job = collection.current, looked < CollectionRound.lookLimit {
            let room = CollectionRound.changeLimit - changes.count
            guard room > 0 else { break }
            let found = collector.spare(of: job, atMost: room)
            looked += found.looked
            changes += found.changes
            // Of what fills a step there may be more.
            guard found.changes.count < room else { break }
            collection.advance()
        }
        if !changes.isEmpty {
            commit(changes, at: now, into: &effects)
            collection.written = head.revision
        }
        guard collection.current == nil else { return }
        for id in collection.finish() { reply(id, .receipt(Receipt(revision: head.revision)), into: &effects) }
    }
}
