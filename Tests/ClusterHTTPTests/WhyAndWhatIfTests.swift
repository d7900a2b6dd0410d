import AsyncHTTPClient
import ClusterClient
import ClusterKit
import NIOCore
import NIOHTTP1
import Testing

/// Why, why not and what if, over HTTP.
struct WhyAndWhatIfTests {
    private static let node: Node = {
        var node = Node(
            id: NodeID(high: 1, low: 1), name: "alpha",
            capacity: Resources(cpuMHz: 4000, memoryMiB: 4096, diskMiB: 100_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        node.status = .ready
        return node
    }()

    private static func job(_ id: String, memory: Int, type: String = "batch") -> String {
        """
        {"Job":{"ID":"\(id)","Type":"\(type)","TaskGroups":[{"Name":"g","Tasks":[{"Name":"t","Driver":"raw_exec",
        "Config":{"command":"/bin/true"},"Resources":{"CPU":100,"MemoryMB":\(memory)}}]}]}}
        """
    }

    @Test func aJobThatWaitsIsExplained() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            #expect(try await cluster.put("/v1/jobs", Self.job("big", memory: 8192)).status == 200)
            let text = try await cluster.get("/v1/job/big/placement").text
            #expect(text.contains(#""Position":1,"InstancesAhead":0,"Count":1"#), "\(text)")
            let refusal = #"{"Reason":"memory: needs 8192 MiB, 4096 MiB free","Nodes":["alpha"],"Found":null}"#
            #expect(text.contains(refusal), "\(text)")
            #expect(text.contains(#""Remedies":["with 4096 MiB less memory it fits on alpha"]"#), "\(text)")
        }
    }

    /// What the others of a gang are given while a node is looked for stays free.
    @Test func whatAGangLacksIsSaidBesideItsOthers() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let job = """
                {"Job":{"ID":"gang","Type":"batch","TaskGroups":[{"Name":"g","Count":2,"Gang":{},"Tasks":[{"Name":"t",
                "Driver":"raw_exec","Config":{"command":"/bin/true"},"Resources":{"CPU":100,"MemoryMB":3000}}]}]}}
                """
            let planned = try await cluster.put("/v1/job/gang/plan", job).text
            #expect(try await cluster.put("/v1/jobs", job).status == 200)
            let why = try await cluster.get("/v1/job/gang/placement").text
            let evaluations = try await cluster.get("/v1/job/gang/evaluations").text
            let waiting = try await cluster.put("/v1/what-if", "{}").text
            let told = "beside the other 1 of its gang, where those find room: memory: needs 3000 MiB, "
            for text in [planned, why, evaluations] { #expect(text.contains(told), "\(text)") }
            #expect(why.contains(#""Besides":1"#) && waiting.contains(#""Waiting":[{"JobID":"gang""#), "\(waiting)")
        }
    }

    @Test func anInstanceThatRunsIsExplained() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            #expect(try await cluster.put("/v1/jobs", Self.job("small", memory: 64)).status == 200)
            let text = try await cluster.get("/v1/job/small/placement?group=g").text
            #expect(text.contains(#""Waiting":null"#) && text.contains(#""AllocName":"small.g[0]""#), "\(text)")
            #expect(text.contains(#""NodeName":"alpha","Score":"#) && text.contains(#""Parts":{"binpack":"#), "\(text)")
        }
    }

    @Test func whatIsNotThereIsNamed() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            #expect(try await cluster.get("/v1/job/none/placement").status == 404)
            _ = try await cluster.put("/v1/jobs", Self.job("small", memory: 64))
            let group = try await cluster.get("/v1/job/small/placement?group=x")
            #expect(group.status == 404 && group.text.contains("has no group \"x\"; its groups are: g"))
            #expect(try await cluster.get("/v1/job/small/placement?allocation=ffff").status == 404)
        }
    }

    @Test func movesAreShownWhenTheyAreAsked() async throws {
        var other = Self.node
        (other.id, other.name) = (NodeID(high: 1, low: 2), "beta")
        try await withCluster(records: [.putNode(Self.node), .putNode(other)]) { cluster in
            let text = try await cluster.put("/v1/what-if", #"{"TidyMoves":5}"#).text
            #expect(text.contains(#""Tidying":{"Moves":[],"Emptied":[]}"#), "\(text)")
            #expect(try await !cluster.put("/v1/what-if", "{}").text.contains("Tidying"))
        }
    }

    @Test func whatIfChangesNothing() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let job = String(Self.job("big", memory: 8192).dropFirst(7).dropLast(1))
            let reply = try await cluster.put(
                "/v1/what-if", #"{"AddNodes":[{"Like":"alpha","Count":2}],"Jobs":[\#(job)]}"#)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply.text.contains(#""Waiting":[{"JobID":"big","Namespace":"default","TaskGroup":"g","Count":1"#))
            #expect(reply.text.contains(#""After":{"Nodes":3,"UsedNodes":0"#), "\(reply.text)")
            #expect(try await cluster.get("/v1/nodes").text.contains("alpha-1") == false)
            #expect(try await cluster.get("/v1/job/big").status == 404)
        }
    }

    @Test func whatCannotBePlayedIsSaid() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let job = String(Self.job("build", memory: 64).dropFirst(7).dropLast(1))
            let late = #""Submissions":[{"AfterSeconds":7200,"Job":\#(job)}]"#
            let text = try await cluster.put("/v1/what-if", #"{"Hours":1,"Jobs":[\#(job)],\#(late)}"#).text
            #expect(text.contains(#""Endless":[{"JobID":"build","Namespace":"default","Count":1}],"Unplayed":1"#))
            let still = try await cluster.put("/v1/what-if", #"{"Jobs":[\#(job)],\#(late)}"#).text
            #expect(still.contains(#""Endless":[],"Unplayed":1"#), "\(still)")
            let now = try await cluster.put("/v1/what-if", #"{"Submissions":[{"Job":\#(job)}]}"#).text
            #expect(now.contains(#""Unplayed":0"#) && now.contains(#""Name":"build.g[0]""#), "\(now)")
        }
    }

    /// A year is played for a client that goes away: whoever comes next does not wait for the end of it.
    @Test(.timeLimit(.minutes(2))) func aQuestionWhoseClientLeftHoldsNobodyUp() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let job = String(Self.job("shop", memory: 64, type: "service").dropFirst(7).dropLast(1))
            let year = #"{"Hours":8784,"Submissions":[{"LastingSeconds":1,"Job":\#(job)}]}"#
            let asking = Task { try await cluster.put("/v1/what-if", year) }
            // Nothing tells that it is played, but that another one has to wait.
            var other = HTTPClientRequest(url: cluster.address + "/v1/what-if")
            other.method = .PUT
            for _ in 0..<100 {
                guard (try? await cluster.http.execute(other, timeout: .milliseconds(500))) != nil else { break }
            }
            asking.cancel()
            await #expect(throws: (any Error).self) { try await asking.value }
            let next = try await cluster.put("/v1/what-if", "{}")
            #expect(next.status == 200)
        }
    }

    /// Each machine that joins gets an instance of every group of such a job.
    @Test func joiningMachinesMayNotStartTooMuch() async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let task = #""Tasks":[{"Name":"t","Driver":"raw_exec","Config":{"command":"/bin/true"}}]"#
            let groups = (1...6).map { #"{"Name":"g\#($0)",\#(task)}"# }.joined(separator: ",")
            let job = #"{"Job":{"ID":"everywhere","Type":"system","TaskGroups":[\#(groups)]}}"#
            #expect(try await cluster.put("/v1/jobs", job).status == 200)
            let reply = try await cluster.put("/v1/what-if", #"{"AddNodes":[{"Like":"alpha","Count":100000}]}"#)
            #expect(reply.status == 400, "\(reply.text)")
            #expect(reply.text.contains("100000 nodes may start 600000 instances"), "\(reply.text)")
        }
    }

    @Test(arguments: [
        (#"{"RemoveNodes":["beta"]}"#, "there is no node \"beta\""), (#"{"AddNodes":[{"Count":1}]}"#, "Like must name"),
        (#"{"Jobs":3}"#, "Jobs must be a list"), (#"{"Hours":-1}"#, "Hours must be a whole number"),
        (#"{"Submissions":[{"AfterSeconds":1}]}"#, "each must state a Job"),
        (#"{"StopJobs":["none"]}"#, "there is no job \"none\" in namespace \"default\" to stop"),
        (#"{"TidyMoves":-1}"#, "TidyMoves must be a whole number"),
        (#"{"RemoveNode":["alpha"]}"#, "has no member \"RemoveNode\"; it has AddNodes, DrainNodes, "),
        (
            #"{"AddNodes":[{"Like":"alpha","Count":60000},{"Like":"alpha","Count":60000}]}"#,
            "AddNodes: 120000 nodes are more than 100000, the most that join at a time"
        ),
        (
            #"{"AddNodes":["# + Array(repeating: #"{"Like":"alpha"}"#, count: 1001).joined(separator: ",") + "]}",
            "AddNodes: 1001 entries are more than 1000; state how many are alike by Count"
        ),
    ])
    func mistakesAreNamed(body: String, message: String) async throws {
        try await withCluster(records: [.putNode(Self.node)]) { cluster in
            let reply = try await cluster.put("/v1/what-if", body)
            #expect([400, 404].contains(reply.status) && reply.text.contains(message), "\(reply.text)")
        }
    }
}
