import ClusterKit

extension StoreCase {
    mutating func durability() async throws {
        var store = try await lead()
        expect(writer.head.contents == Snapshot().contents, "a new store is not empty")
        try await writer.append(groups: 5, of: 3, to: store)
        let lineage = await begin(store).cursor.lineage
        for round in 1...3 {
            let (epoch, contents) = (writer.epoch, writer.head.contents)
            store = try await reopen(store)
            expect(
                store.durable.contents == contents,
                "opened again (\(round)), \(store.durable.revision) is not \(contents.revision)")
            try await writer.lead(store)
            expect(writer.head.contents == contents, "lead gave another state than was appended")
            expect(writer.epoch > epoch, "epoch \(writer.epoch) follows \(epoch)")
            let again = await begin(store).cursor.lineage
            expect(again == lineage && lineage != nil, "the lineage changed by opening again")
            try await writer.append(groups: 2, of: 2, to: store)
        }
    }

    mutating func wholeness() async throws {
        var store = try await lead()
        try await writer.append(groups: 2, to: store)
        let contents = writer.head.contents
        var (batches, head) = writer.group(of: 4, startingWith: 40)
        batches[2].revision = batches[2].revision.next
        await expectRefusal("a group with a gap", of: batches, head: head, by: store)
        store = try await reopen(store)
        expect(store.durable.contents == contents, "a part of a refused group is there after opening again")
        try await writer.lead(store)
        try await writer.append(groups: 1, of: 100, to: store)
        (batches, head) = ([], writer.head)
        try await store.append(batches, head: head)
        expect(store.durable.contents == head.contents, "a group of nothing changed something")
    }

    mutating func followingFromStart() async throws {
        let store = try await lead()
        try await writer.append(groups: 3, to: store)
        let (cursor, first) = await begin(store)
        expect(first?.contents == writer.head.contents, "the first snapshot is not the newest")
        try await writer.append(groups: 4, of: 2, to: store)
        let end = writer.head.contents
        let reader = await read(store.follow(after: cursor), to: end.revision, from: first)
        expect(reader.complaints.isEmpty, reader.complaints.joined(separator: "; "))
        expect(reader.batches == 8 && reader.resyncs == 0, "of 8 batches the follower got \(reader.batches)")
        let late = await read(store.follow(after: .start), to: end.revision)
        expect(late.state?.contents == end && late.complaints.isEmpty, "a late follower has another state")
    }

    mutating func followingFromCursor() async throws {
        let store = try await lead()
        try await writer.append(groups: 3, to: store)
        let (cursor, first) = await begin(store)
        expect(cursor.revision == writer.head.revision, "after a snapshot the cursor is at \(cursor.revision)")
        try await writer.append(groups: 5, to: store)
        let end = writer.head.contents
        let reader = await read(store.follow(after: cursor), to: end.revision, from: first)
        expect(reader.complaints.isEmpty, reader.complaints.joined(separator: "; "))
        expect(reader.resyncs == 0, "a follower five batches behind was not given the batches")
        expect(reader.batches == 5, "the follower got \(reader.batches) batches instead of 5")
        let strange = [
            Cursor(lineage: (cursor.lineage ?? 0) ^ 1, revision: cursor.revision),
            Cursor(lineage: cursor.lineage, revision: Revision(end.revision.number + 10)),
            Cursor(lineage: cursor.lineage, revision: Revision(.max)),
        ]
        for cursor in strange {
            let reader = await read(store.follow(after: cursor), to: end.revision)
            expect(
                reader.resyncs == 1 && reader.state?.contents == end, "\(cursor) is no place here, yet gave no snapshot"
            )
        }
    }

    mutating func slowFollowing() async throws {
        let store = try await lead()
        try await writer.append(groups: 1, to: store)
        let (cursor, first) = await begin(store)
        try await writer.appendFiller(batches: 18, changes: 1_000, to: store)
        try await writer.append(groups: 3, to: store)
        let end = writer.head.contents
        let reader = await read(store.follow(after: cursor), to: end.revision, from: first)
        expect(reader.complaints.isEmpty, reader.complaints.joined(separator: "; "))
        expect(reader.state?.contents == end, "the follower ended with another state")
        expect(reader.resyncs == 1 || reader.batches == 21, "the follower got neither a snapshot nor every batch")
    }

    mutating func concurrentFollowing() async throws {
        let store = try await lead()
        try await writer.append(groups: 1, to: store)
        let (cursor, first) = await begin(store)
        let end = Revision(writer.head.revision.number + 200)
        let writer = writer
        let (follow, patience) = (store.follow(after: cursor), suite.patience)
        let (readers, head) = try await withThrowingTaskGroup(of: FollowReader.self) { group in
            for _ in 0..<3 {
                group.addTask { await FollowReader.read(follow, to: end, from: first, patience: patience) }
            }
            var writing = writer
            try await writing.append(groups: 100, of: 2, to: store)
            var readers: [FollowReader] = []
            for try await reader in group { readers.append(reader) }
            return (readers, writing.head)
        }
        for reader in readers {
            expect(reader.complaints.isEmpty, reader.complaints.joined(separator: "; "))
            expect(reader.state?.contents == head.contents, "a follower ended with another state")
        }
    }

    mutating func epochs() async throws {
        let unled = try await suite.open(name)
        let (early, headed) = StoreWriter().group(of: 1)
        await expectRefusal("a batch before any lead", of: early, head: headed, by: unled)
        await unled.close()
        let store = try await lead()
        try await writer.append(groups: 2, to: store)
        let old = writer
        try await writer.lead(store)
        expect(writer.epoch > old.epoch, "epoch \(writer.epoch) follows \(old.epoch)")
        let (batches, head) = old.group(of: 1)
        await expectRefusal("a batch of an older epoch", of: batches, head: head, by: store, as: .fenced)
        try await writer.append(groups: 1, to: store)
        var (mixed, end) = writer.group(of: 3, startingWith: 3)
        mixed[1].epoch = old.epoch
        await expectRefusal("a group with a batch of an older epoch", of: mixed, head: end, by: store, as: .fenced)
        mixed[1].epoch = writer.epoch.next
        await expectRefusal("a batch of an epoch that nobody was given", of: mixed, head: end, by: store)
        try await writer.append(groups: 1, to: store)
    }

    mutating func revisions() async throws {
        let store = try await lead()
        try await writer.append(groups: 2, to: store)
        let (batches, head) = writer.group(of: 2, startingWith: 2)
        await expectRefusal("a group that leaves a revision out", of: [batches[1]], head: head, by: store)
        try await store.append(batches, head: head)
        await expectRefusal("a group that was written already", of: batches, head: head, by: store)
    }

    mutating func heads() async throws {
        let store = try await lead()
        for size in [1, 3, 10] {
            try await writer.append(groups: 1, of: size, to: store)
            expect(store.durable.contents == writer.head.contents, "after append returned, durable is not the head")
        }
        let (batches, _) = writer.group(of: 1)
        await expectRefusal("a head of another revision", of: batches, head: writer.head, by: store)
    }

    mutating func closing() async throws {
        let store = try await lead()
        try await writer.append(groups: 2, to: store)
        let contents = writer.head.contents
        let follow = store.follow(after: .start)
        async let reading = read(follow, to: Revision(.max))
        await store.close()
        await store.close()
        let reader = await reading
        expect(reader.ended, "a follower of a closed store does not end")
        let (batches, head) = writer.group(of: 1)
        await expectRefusal("a batch after closing", of: batches, head: head, by: store)
        expect(store.durable.contents == contents, "closing changed what is durable")
        do {
            _ = try await store.lead(as: ServerID("conformance"))
            violate("a closed store was led")
        } catch {}
        await store.close()
    }

    /// Begins to follow: where that is, and the state there.
    private mutating func begin(_ store: any Store) async -> (cursor: Cursor, state: Snapshot?) {
        let reader = await read(store.follow(after: .start), to: .zero)
        expect(reader.resyncs == 1, "the first element that a new follower gets is no snapshot")
        return (reader.cursor, reader.state)
    }

    private func read(_ follow: Follow, to end: Revision, from start: Snapshot? = nil) async -> FollowReader {
        await FollowReader.read(follow, to: end, from: start, patience: suite.patience)
    }
}

/// A follower that applies what it gets and complains about what cannot be.
struct FollowReader: Sendable {
    private(set) var state: Snapshot?
    private(set) var cursor = Cursor.start
    private(set) var batches = 0
    private(set) var resyncs = 0
    private(set) var complaints: [String] = []
    private(set) var ended = false
    private var revision: Revision?

    /// Reads until the revision `end`, the end of the sequence, or until nothing came for `patience`.
    static func read(
        _ follow: Follow, to end: Revision, from start: Snapshot? = nil, patience: Duration
    ) async -> FollowReader {
        await withTaskGroup(of: FollowReader?.self) { group in
            group.addTask {
                var reader = FollowReader()
                reader.state = start
                reader.revision = start?.revision
                await reader.read(follow, to: end)
                return reader
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            var reader = await group.next() ?? nil
            let stuck = reader == nil
            group.cancelAll()
            if stuck { reader = await group.next() ?? nil }
            var result = reader ?? FollowReader()
            if stuck {
                result.ended = false
                result.complaints.append("stuck at revision \(result.revision ?? .zero), \(end) was wanted")
            }
            return result
        }
    }

    private mutating func read(_ follow: Follow, to end: Revision) async {
        var iterator = follow.makeAsyncIterator()
        while revision.map({ $0 < end }) ?? true || state == nil {
            guard let element = await iterator.next() else {
                ended = true
                return
            }
            take(element)
            cursor = iterator.cursor
            if iterator.cursor.revision != revision {
                complaints.append("the cursor is at \(iterator.cursor.revision) after \(revision ?? .zero)")
            }
        }
    }

    private mutating func take(_ element: FollowElement) {
        switch element {
        case .resync(let snapshot):
            resyncs += 1
            if let revision, snapshot.revision < revision {
                complaints.append("a snapshot of \(snapshot.revision) came after \(revision)")
            }
            state = snapshot
            revision = snapshot.revision
        case .batch(let batch, let snapshot):
            batches += 1
            if let revision, batch.revision != revision.next {
                complaints.append("batch \(batch.revision) came after \(revision)")
            }
            if snapshot.revision < batch.revision {
                complaints.append("batch \(batch.revision) came with the older state \(snapshot.revision)")
            }
            revision = batch.revision
            guard var mine = state else {
                state = snapshot
                return
            }
            // What comes along may be newer than the batch; what the batches make must be the same in the end.
            if mine.revision < batch.revision, !mine.apply(batch) {
                complaints.append("batch \(batch.revision) does not apply")
            }
            state = mine
        }
    }
}
