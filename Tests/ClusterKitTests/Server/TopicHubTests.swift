import Testing

@testable import ClusterKit

@Suite(.timeLimit(.minutes(10))) struct TopicHubTests {
    /// Runs waiters for topics, and `body` once all are in place; each gives its name when it is woken.
    private func withWaiters(
        _ topics: [String: Topic], _ body: (TopicHub, inout _Concurrency.TaskGroup<String>) async -> Void
    ) async {
        let hub = TopicHub()
        let (stream, ready) = AsyncStream.makeStream(of: Void.self)
        var arrivals = stream.makeAsyncIterator()
        await withTaskGroup(of: String.self) { group in
            for (name, topic) in topics {
                group.addTask {
                    await hub.wait(for: topic, atMost: .seconds(36_000)) {
                        ready.yield()
                        return false
                    }
                    return name
                }
            }
            for _ in topics { await arrivals.next() }
            await body(hub, &group)
            group.cancelAll()
        }
    }

    private func change(of key: String) -> ChangeBatch {
        ChangeBatch(
            revision: Revision(1), epoch: Epoch(1), time: WallTime(nanoseconds: 0),
            changes: [.putKey(KeyRecord(key: key, value: []))])
    }

    @Test func aPrefixIsWokenByWhatBeginsWithIt() async {
        let topics: [String: Topic] = ["a": .keysBelow("a/"), "b": .keysBelow("b/"), "one": .key("a/1")]
        await withWaiters(topics) { hub, group in
            hub.publish(change(of: "b/1"), before: Snapshot())
            #expect(await group.next() == "b")
            group.addTask {
                try? await Task.sleep(for: .milliseconds(100))
                return "nobody else"
            }
            #expect(await group.next() == "nobody else")
            hub.publish(change(of: "a/2"), before: Snapshot())
            #expect(await group.next() == "a")
            hub.publish(change(of: "a/1"), before: Snapshot())
            #expect(await group.next() == "one")
        }
    }

    @Test func theEmptyPrefixIsThatOfAllKeys() async {
        await withWaiters(["all": .keysBelow("")]) { hub, group in
            hub.publish(change(of: "x"), before: Snapshot())
            #expect(await group.next() == "all")
        }
    }

    @Test func whoeverWaitsForAnythingIsWokenAtTheEnd() async {
        await withWaiters(["a": .keysBelow("a/"), "b": .jobs]) { hub, group in
            hub.close()
            #expect(Set([await group.next(), await group.next()]) == ["a", "b"])
        }
    }
}
