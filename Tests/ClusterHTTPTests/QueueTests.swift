import ClusterClient
import ClusterKit
import Testing

/// Queues of work over HTTP, as scripts and as our own client speak to them.
struct QueueTests {
    private let id = WorkQueueID("checks")

    @Test func anItemGoesItsWay() async throws {
        try await withCluster { cluster in
            let order = #"{"ID": "O2#1/a", "Payload": {"b": 1, "a": [true]}, "Attributes": {"os": "linux"}}"#
            let put = try await cluster.put("/v1/queue/checks/items", order)
            #expect(put.status == 200 && put.text.hasPrefix(#"{"Created":true,"Item":{"ID":"O2#1/a""#), "\(put.text)")
            #expect(try await cluster.put("/v1/queue/checks/items", order).text.hasPrefix(#"{"Created":false"#))

            let none = try await cluster.put("/v1/queue/checks/claim", #"{"Worker": "m", "Attributes": {"os": "mac"}}"#)
            #expect(none.status == 204 && none.text.isEmpty)
            let claim = try await cluster.put(
                "/v1/queue/checks/claim", #"{"Worker": "w", "Attributes": {"os": "linux"}, "Lease": "2m"}"#)
            #expect(
                claim.text.contains(#""LeaseSeconds":120"#)
                    && claim.text.contains(#""Payload":"{\"b\":1,\"a\":[true]}""#))

            let token = try #require(cluster.server.snapshot.work[WorkItemKey("O2#1/a", in: id)]?.token)
            let item = "/v1/queue/checks/item/O2%231/a"
            let progress = #"{"Token": \#(token), "Progress": 0.5, "Text": "half"}"#
            #expect(try await cluster.put("\(item)/progress", progress).status == 200)
            #expect(try await cluster.get(item).text.contains(#""Progress":0.5,"ProgressText":"half""#))
            #expect(try await cluster.put("\(item)/renew", #"{"Token": \#(token - 1)}"#).status == 409)
            #expect(try await cluster.put("\(item)/complete", #"{"Token": \#(token), "Result": "ok"}"#).status == 200)
            #expect(try await cluster.get(item).text.contains(#""State":"complete""#))
            #expect(
                try await cluster.get("/v1/queues").text.contains(#""Name":"checks","Namespace":"default","Waiting":0"#)
            )
            #expect(try await cluster.send("DELETE", item).text == #"{"Removed":1}"#)
            #expect(try await cluster.get(item).status == 404)
        }
    }

    @Test func ourClientDoesTheSame() async throws {
        try await withCluster { cluster in
            let client = try ClusterClient(servers: ["http://127.0.0.1:\(cluster.port)"])
            let order = WorkOrder(
                id: "a", payload: Array("pay".utf8), priority: 7,
                constraints: [Constraint("${cores}", .greaterOrEqual, "4")], maxAttempts: 2)
            #expect(try await client.put(order, in: id).isNew)
            let worker = WorkerStatement("w", attributes: ["cores": "8"], lease: .seconds(30))
            let claim = try #require(try await client.claim(from: id, as: worker))
            #expect(claim.item.payload == "pay" && claim.item.priority == 7 && claim.leaseSeconds == 30)
            let ticket = WorkTicket(WorkItemKey("a", in: id), token: UInt64(claim.item.token))
            #expect(try await client.renew(ticket) <= .seconds(30))
            try await client.report(0.25, "building", of: ticket)
            let back = try await client.giveBack(ticket, .failed("no", delay: .seconds(60), isFinal: false))
            #expect(back.state == "waiting" && back.attempts == 1 && back.message == "no")
            await #expect(throws: ClusterError.self) { try await client.renew(ticket) }
            let items = try await client.items(of: id).value
            #expect(items.map(\.reason) == ["waits for its time after a failed attempt"])
            #expect(try await client.queue(id).value.workers?.map(\.name) == ["w"])
            #expect(try await client.queues().value.map(\.waiting) == [1])
            #expect(try await client.removeAll(of: id) == 1)
            await client.close()
        }
    }

    @Test func aClaimWaitsForAnItem() async throws {
        try await withCluster { cluster in
            async let claim = cluster.put("/v1/queue/checks/claim?wait=60s", #"{"Worker": "w"}"#)
            try await until { try await cluster.get("/v1/queue/checks").text.contains(#""IsWaiting":true"#) }
            _ = try await cluster.put("/v1/queue/checks/items", #"{"ID": "a"}"#)
            #expect(try await claim.text.contains(#""ID":"a""#))
        }
    }

    @Test func aClientThatHangsUpIsGivenNothing() async throws {
        try await withCluster { cluster in
            let asking = Task { try await cluster.put("/v1/queue/checks/claim?wait=60s", #"{"Worker": "w"}"#) }
            try await until { try await cluster.get("/v1/queue/checks").text.contains(#""IsWaiting":true"#) }
            asking.cancel()
            _ = try? await asking.value
            try await until { try await !cluster.get("/v1/queue/checks").text.contains(#""IsWaiting":true"#) }
            _ = try await cluster.put("/v1/queue/checks/items", #"{"ID": "a"}"#)
            #expect(cluster.server.workQueue("checks").items.map(\.state) == [.waiting])
        }
    }

    @Test(arguments: [
        ("/v1/queue/checks/items", #"{"Priority": -1}"#, 400, "priority"),
        ("/v1/queue/checks/items", #"{"Constraints": [{"LTarget": "${os}", "Operand": "~"}]}"#, 400, "operator"),
        ("/v1/queue/checks/items", #"{"Delay": "soon"}"#, 400, "Delay"),
        ("/v1/queue/a%20b/items", #"{}"#, 400, "letters, digits"),
        ("/v1/queue/checks/items?namespace=*", #"{}"#, 400, "its namespace may hold"),
        ("/v1/queue/checks/claim?namespace=*", #"{"Worker": "w"}"#, 400, "its namespace may hold"),
        ("/v1/queue/checks/claim", #"{}"#, 400, "name"),
        ("/v1/queue/checks/claim", #"{"Worker": "w", "Attributes": {"${os}": "x"}}"#, 400, "without ${}"),
        ("/v1/queue/checks/renew", #"{"Token": 1}"#, 400, "/item/"),
        ("/v1/queue/checks/item/a/renew", #"{}"#, 400, "Token"),
        ("/v1/queue/checks/item/a/renew", #"{"Token": 1}"#, 404, "no item"),
        ("/v1/queue/checks/item/a/progress", #"{"Token": 1}"#, 400, "Progress"),
    ])
    func badInputIsRefused(path: String, body: String, status: Int, words: String) async throws {
        try await withCluster { cluster in
            let reply = try await cluster.put(path, body)
            #expect(reply.status == status && reply.text.contains(words), "\(reply.status) \(reply.text)")
            #expect(cluster.server.snapshot.work.queues.isEmpty)
        }
    }

    @Test func whatIsNotThereOrTooLargeIsSaid() async throws {
        try await withCluster { cluster in
            let unknown = try await cluster.get("/v1/queue/none")
            #expect(unknown.status == 404 && unknown.text.contains("queue none has no items"))
            #expect(try await cluster.send("DELETE", "/v1/queue/none").status == 404)
            let large = String(repeating: "a", count: WorkLimits.payloadBytes + 1)
            let reply = try await cluster.put("/v1/queue/checks/items", #"{"Payload": "\#(large)"}"#)
            #expect(reply.status == 413 && reply.text.contains("65537"), "\(reply.status)")
        }
    }

    /// Waits until something holds, for a minute if need be.
    private func until(_ holds: () async throws -> Bool) async throws {
        for _ in 0..<6000 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it never came true")
    }
}
