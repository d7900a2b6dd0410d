import ClusterClient
import ClusterKit
import Synchronization
import Testing

/// Signals and restarts over the API, with an agent that answers.
struct AllocationActionTests {
    private static let path = "/v1/client/allocation/\(Sample.allocation)"

    private final class Heard: Sendable {
        let questions = Mutex<[Inquiry.Question]>([])
        var all: [Inquiry.Question] { questions.withLock { $0 } }
    }

    private func withAgent(
        canDo: Bool = true, _ body: @Sendable @escaping (TestCluster, ClusterClient, Heard) async throws -> Void
    ) async throws {
        try await withCluster(records: Sample.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let heard = Heard()
            var agent = ScriptedAgent(link: client, node: Sample.node, output: [], firstPart: 0)
            agent.answers = { question in
                heard.questions.withLock { $0.append(question) }
                return canDo
            }
            try await with(agent) { try await body(cluster, client, heard) }
            await client.close()
        }
    }

    @Test func theAgentIsToldWhatIsAsked() async throws {
        try await withAgent { cluster, client, heard in
            let one = try await cluster.put(Self.path + "/signal", #"{"Signal":"SIGHUP","Task":"srv"}"#)
            #expect(one.status == 200 && one.text.hasPrefix("{\"Index\":"))
            #expect(try await cluster.put(Self.path + "/signal", #"{"Signal":"SIGUSR1"}"#).status == 200)
            #expect(
                try await cluster.put(Self.path + "/restart", #"{"TaskName":"srv","AllTasks":false}"#).status == 200)
            #expect(try await cluster.put(Self.path + "/restart", "{}").status == 200)
            try await client.signal("\(Sample.allocation)", "SIGINT", task: "srv")
            try await client.restart("\(Sample.allocation)")
            #expect(
                heard.all == [
                    .signal(task: "srv", name: "SIGHUP"), .signal(task: "", name: "SIGUSR1"), .restart(task: "srv"),
                    .restart(task: ""), .signal(task: "srv", name: "SIGINT"), .restart(task: ""),
                ])
        }
    }

    @Test func whatCannotBeIsRefusedBeforeTheAgentHearsOfIt() async throws {
        try await withAgent { cluster, _, heard in
            let cases = [
                ("/signal", #"{"Signal":"SIGFOO"}"#, 400, "invalid signal"),
                ("/signal", "{}", 400, "Signal is missing"),
                ("/signal", #"{"Signal":"SIGHUP","Task":"none"}"#, 404, "task none not found"),
                ("/restart", #"{"TaskName":"none"}"#, 404, "task none not found"),
                ("/restart", #"{"AllTasks":true}"#, 400, "AllTasks is not supported"),
            ]
            for (path, body, status, words) in cases {
                let reply = try await cluster.put(Self.path + path, body)
                #expect(reply.status == status && reply.text.contains(words), "\(path) \(body): \(reply.text)")
            }
            let stranger = "/v1/client/allocation/00000000-0000-0000-0000-000000000001"
            #expect(try await cluster.put(stranger + "/restart", "{}").status == 404)
            #expect(heard.all == [])
        }
    }

    @Test func whatTheAgentCannotDoIsTold() async throws {
        try await withAgent(canDo: false) { cluster, client, _ in
            let reply = try await cluster.put(Self.path + "/restart", "{}")
            #expect(reply.status == 400 && reply.text.contains("it does not run now"))
            await #expect(throws: ClusterError.self) { try await client.restart("\(Sample.allocation)") }
        }
    }
}
