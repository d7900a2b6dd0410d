import ArgumentParser
import ClusterClient
import ClusterKit
import Foundation
import Synchronization
import Testing

@testable import ClusterCLI

/// Commands beside a server that is made up.
@Suite struct ServedCommandTests {
    private func run(_ words: String..., at server: MadeUpServer) async throws {
        try await run(words, at: server)
    }

    private func run(_ words: [String], at server: MadeUpServer) async throws {
        let arguments = SingleDash.rewritten(words + ["-address", server.address])
        var command = try #require(try ClusterCommand.parseAsRoot(arguments) as? any AsyncParsableCommand)
        try await command.run()
    }

    /// What a command writes to the standard output.
    private func output(_ words: String..., at server: MadeUpServer) async throws -> String {
        let heard = Mutex<[UInt8]>([])
        try await Terminal.$listener.withValue({ bytes in heard.withLock { $0 += bytes } }) {
            try await run(words, at: server)
        }
        return String(decoding: heard.withLock(\.self), as: UTF8.self)
    }

    private static func job(_ namespace: String = "default", id: String = "web") -> String {
        """
        {"ID":"\(id)","Name":"\(id)","Namespace":"\(namespace)","Type":"service","Priority":50,"Status":"running",
         "StatusDescription":"","Stop":false,"ModifyIndex":1,"JobModifyIndex":1}
        """
    }

    private static let scale = #"{"TaskGroups":{"app":{"Desired":2}}}"#

    /// A summary counts what ran of groups that the job no longer has.
    private static let summary = """
        {"JobID":"web","Summary":{"app":{"Queued":0,"Complete":0,"Failed":0,"Running":1,"Starting":0,"Lost":0},
         "old":{"Queued":0,"Complete":1,"Failed":0,"Running":0,"Starting":0,"Lost":0}}}
        """

    private static func deployment(_ description: String) -> String {
        """
        {"ID":"dddddddd-1","JobID":"web","JobVersion":3,"Status":"running","StatusDescription":"\(description)",
         "TaskGroups":{"app":{"DesiredTotal":2,"DesiredCanaries":1,"PlacedAllocs":1,"HealthyAllocs":1,
         "UnhealthyAllocs":0,"Promoted":false,"AutoRevert":false,"RequireProgressBy":"0001-01-01T00:00:00Z"}},
         "CreateIndex":4,"ModifyIndex":5}
        """
    }

    /// The roll-out of another count may wait for someone, as that of another version does.
    @Test func scalingWatchesTheRolloutThatItBegins() async throws {
        let deployment = Self.deployment("Deployment is running but requires manual promotion")
        let server = try MadeUpServer([
            "GET /v1/jobs": "[\(Self.job())]", "GET /v1/job/web/scale": Self.scale,
            "PUT /v1/job/web/scale": #"{"EvalID":"11111111-2222"}"#,
            "GET /v1/evaluation/11111111-2222": Story.evaluationText("complete"),
            "GET /v1/job/web/allocations": "[\(Story.allocationText(0, "running"))]",
            "GET /v1/job/web/deployments": "[\(deployment)]", "GET /v1/deployment/dddddddd-1": deployment,
            "GET /v1/job/web/evaluations": "[]",
        ])
        await #expect(throws: Ending.awaitsPeople) { try await run("job", "scale", "web", "5", at: server) }
        try await run("job", "scale", "-detach", "web", "5", at: server)
    }

    @Test func groupsThatWereRemovedCountForNothing() async throws {
        let server = try MadeUpServer([
            "GET /v1/jobs": "[\(Self.job())]", "GET /v1/job/web/scale": Self.scale,
            "GET /v1/job/web/summary": Self.summary, "PUT /v1/job/web/scale": #"{"EvalID":"11111111-2222"}"#,
            "GET /v1/job/web/allocations": "[\(Story.allocationText(0, "complete", group: "old"))]",
        ])
        try await run("job", "scale", "-detach", "web", "3", at: server)
        #expect(server.bodies.last?.contains(#""Group":"app""#) == true)
        let error = await #expect(throws: ClusterError.self) {
            try await run("job", "restart", "-group", "old", "web", at: server)
        }
        #expect(error?.message == "job web has no group old; its groups are: app")
    }

    /// As in Nomad, an index of 0 asks for nothing.
    @Test(arguments: [([], nil), (["-check-index", "7"], 7), (["-check-index", "0"], nil)] as [([String], Int?)])
    func aCountIsChangedOnlyOfTheStatementThatIsMeant(flags: [String], index: Int?) async throws {
        let server = try MadeUpServer([
            "GET /v1/jobs": "[\(Self.job())]", "GET /v1/job/web/scale": Self.scale,
            "PUT /v1/job/web/scale": #"{"EvalID":"11111111-2222"}"#,
        ])
        try await run(["job", "scale", "-detach"] + flags + ["web", "3"], at: server)
        let body = try JSONParser.parse(Array(try #require(server.bodies.last).utf8))
        guard case .object(let object) = body else {
            Issue.record("no object: \(body)")
            return
        }
        #expect(object["Count"] == .integer(3))
        #expect(object["EnforceIndex"] == index.map { _ in JSONValue.bool(true) })
        #expect(object["JobModifyIndex"] == index.map { JSONValue.integer($0) })
    }

    @Test(arguments: [["job", "stop"], ["job", "status"], ["job", "allocs"]])
    func aJobOfSeveralNamespacesIsNotGuessed(_ words: [String]) async throws {
        let jobs = ["third", "default", "other"].map { Self.job($0) } + [Self.job("other", id: "web-2")]
        let server = try MadeUpServer(["GET /v1/jobs": "[\(jobs.joined(separator: ","))]"])
        let error = await #expect(throws: ClusterError.self) {
            try await run(words[0], words[1], "-namespace", "*", "web", at: server)
        }
        #expect(
            error?.message.contains("is in 3 namespaces: default, other, third.") == true,
            "\(String(describing: error))")
        #expect(server.requests.allSatisfy { $0.line == "GET /v1/jobs" }, "nothing was done")
    }

    @Test func aRegionIsTheServers() async throws {
        let server = try MadeUpServer(["GET /v1/regions": #"["global"]"#, "GET /v1/jobs": "[]"])
        try await run("status", "-region", "global", at: server)
        let error = await #expect(throws: ClusterError.self) { try await run("status", "-region", "eu", at: server) }
        #expect(error?.message.contains("\"eu\"") == true && error?.message.contains("global") == true)
    }

    @Test func anEvaluationIsFoundByItsBeginning() async throws {
        let evaluation = Story.evaluationText("complete", refusals: Story.tooLarge)
        let server = try MadeUpServer([
            "GET /v1/evaluations": "[\(evaluation)]", "GET /v1/evaluation/11111111-2222": evaluation,
            "GET /v1/evaluation/11111111-2222/allocations": "[\(Story.allocationText(0, "running"))]",
            "GET /v1/job/web/allocations": "[\(Story.allocationText(0, "running"))]",
        ])
        try await run("eval", "status", "1111", at: server)
        await #expect(throws: Ending.notPlaced) { try await run("eval", "status", "-monitor", "1111", at: server) }
        let error = await #expect(throws: ClusterError.self) { try await run("eval", "status", "web", at: server) }
        #expect(error?.message.contains("evaluation") == true)
    }

    /// Where only one deployment is known, everything that says less than its identifier would mean that one.
    @Test(arguments: ["", "d", "web"], ["fail", "pause", "promote"])
    func aDeploymentIsChangedOnlyByItsIdentifier(_ wanted: String, _ change: String) async throws {
        let deployment = Self.deployment("Deployment is running")
        let server = try MadeUpServer { _ in MadeUpServer.json("[\(deployment)]") }
        let error = await #expect(throws: ClusterError.self) {
            try await run("deployment", change, wanted, at: server)
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.hasPrefix("\"\(wanted)\" is no identifier of a deployment") == true)
        #expect(server.requests.isEmpty, "nothing was done")
    }

    /// Versions without a name have an empty one.
    @Test func anEmptyTextIsNoVersion() async throws {
        let server = try MadeUpServer([
            "GET /v1/jobs": "[\(Self.job())]",
            "GET /v1/job/web/versions": #"{"Versions":[],"Notes":[{"Version":4,"Author":"","Reason":"","Tag":""}]}"#,
        ])
        let error = await #expect(throws: ClusterError.self) { try await run("job", "revert", "web", "", at: server) }
        #expect(error?.message.hasPrefix("Say which version") == true)
    }

    @Test func aServerThatIsRestartedIsAskedAgain() async throws {
        let patience = Patience(pause: .milliseconds(1), complain: { _ in })
        var attempts = 0
        let answer = try await patience.ask {
            attempts += 1
            if attempts < 3 { throw ClusterError(.unavailable, "no server can be reached") }
            return attempts
        }
        #expect(answer == 3)
        let denied = await #expect(throws: ClusterError.self) {
            try await patience.ask { throw ClusterError(.denied, "no") }
        }
        #expect(denied?.code == .denied)
        let said = Mutex<[String]>([])
        let hasty = Patience(pause: .zero, silence: .zero, limit: .milliseconds(30)) { line in
            said.withLock { $0.append(line) }
        }
        let gone = await #expect(throws: ClusterError.self) {
            try await hasty.ask { throw ClusterError(.unavailable, "nothing listens there") }
        }
        #expect(gone?.message.contains("cluster job status") == true)
        #expect(said.withLock(\.count) == 1)
    }

    @Test func namespacesAndPoolsAreListed() async throws {
        let server = try MadeUpServer([
            "GET /v1/namespaces": #"[{"Name":"other","Description":""},{"Name":"default","Description":"Default"}]"#,
            "GET /v1/node/pools": #"[{"Name":"all","Description":"Whole"},{"Name":"gpu","Description":""}]"#,
            "GET /v1/nodes": "[\(Self.node(pool: "gpu")),\(Self.node(pool: "default"))]",
        ])
        try await run("namespace", "list", at: server)
        try await run("node", "pool", "list", at: server)
        let client = try ClusterClient(servers: [server.address])
        #expect(
            NamespaceList.table(try await client.namespaces().value).text
                == "Name     Description\ndefault  Default\nother    <none>")
        #expect(
            NodePoolList.table(try await client.nodePools().value, try await client.nodes().value).text
                == "Name  Nodes  Description\nall   2      Whole\ngpu   1      <none>")
        await client.close()
    }

    private static func node(pool: String, drain: String = "null", status: String = "ready") -> String {
        """
        {"ID":"eeeeeeee-1111-2222-3333-444444444444","Name":"vm","Datacenter":"dc1","NodeClass":"","NodePool":"\(pool)",
         "Drain":\(drain != "null"),"DrainStrategy":\(drain),"SchedulingEligibility":"eligible","Status":"\(status)",
         "StatusDescription":"","ModifyIndex":3}
        """
    }

    /// Where bytes are counted the end is not fetched twice, however many are asked for.
    @Test func theLastBytesOfALogAreFetchedOnce() async throws {
        let allocation = Story.allocationText(1, "running")
        let server = try MadeUpServer { request in
            guard request.line.contains("/logs/") else {
                return MadeUpServer.json(request.line == "GET /v1/allocations" ? "[\(allocation)]" : allocation)
            }
            return MadeUpServer.json(
                request.query.contains("origin=end") ? #"{"Data":"Cg==","File":"f","Offset":20}"# : "the end\n")
        }
        for (count, start) in [("8", 12), ("0", 20), ("2000000000", 0)] {
            try await run("alloc", "logs", "-c", count, "aaaaaaa1", at: server)
            let queries = server.requests.filter { $0.line.contains("/logs/") }.suffix(2).map(\.query)
            #expect(queries.first?.contains("origin=end&offset=1") == true, "\(queries)")
            #expect(queries.first?.contains("offset=10") == false, "\(queries)")
            #expect(queries.last?.contains("origin=start&offset=\(start)&") == true, "\(queries)")
        }
        try await run("alloc", "logs", "-n", "1", "aaaaaaa1", at: server)
        let queries = server.requests.filter { $0.line.contains("/logs/") }.suffix(2).map(\.query)
        #expect(queries.last?.contains("origin=start&offset=19&") == true, "\(queries)")
    }

    /// What was to end before a job is registered does not end for that.
    @Test func aJobIsLookedAtBeforeItIsRegistered() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "web.hcl")
        let evaluation = Story.evaluationText("complete")
        let server = try MadeUpServer([
            "GET /v1/job/web/allocations": "[\(Story.allocationText(0, "running"))]",
            "PUT /v1/jobs": #"{"EvalID":"11111111-2222"}"#, "POST /v1/jobs": #"{"EvalID":"11111111-2222"}"#,
            "GET /v1/evaluation/11111111-2222": evaluation, "GET /v1/evaluation/11111111-2222/allocations": "[]",
            "GET /v1/job/web/deployments": "[]", "GET /v1/job/web/evaluations": "[\(evaluation)]",
        ])
        try await run("job", "run", file.path, at: server)
        let lines = server.requests.map(\.line)
        #expect(lines.first == "GET /v1/job/web/allocations" && lines.count { $0 == lines.first } == 2, "\(lines)")
        try await run("job", "run", "-detach", file.path, at: server)
        #expect(server.requests.last?.line.hasSuffix(" /v1/jobs") == true, "whoever does not look needs no more")
        #expect(server.requests.count { $0.line == lines.first } == 2)
    }

    /// A new folder with the file of a job, `web.hcl`.
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = """
            job "web" {
              group "app" {
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
            }
            """
        try text.write(to: folder.appending(path: "web.hcl"), atomically: true, encoding: .utf8)
        return folder
    }

    /// The flag wins over job files here as elsewhere, over those of a replay too.
    @Test func whatIfAsksInTheNamespaceThatIsMeant() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, day) = (folder.appending(path: "web.hcl"), folder.appending(path: "day.csv"))
        try "after,lasting,file\n0,60,\(file.path)\n".write(to: day, atomically: true, encoding: .utf8)
        let server = try MadeUpServer([:])
        await #expect(throws: ClusterError.self) {
            try await run("what-if", "-namespace", "team", "-replay", day.path, file.path, at: server)
        }
        let body = try #require(server.bodies.last)
        #expect(body.split(separator: #""ID":"web","#).count == 3, "\(body)")
        #expect(body.contains(#""Namespace":"team""#) && !body.contains(#""Namespace":"default""#), "\(body)")
    }

    @Test func aPlanProposesACommandForTheSameNamespace() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "web.hcl").path
        let server = try MadeUpServer(["PUT /v1/job/web/plan": #"{"Annotations":{},"JobModifyIndex":0}"#])
        let text = try await output("job", "plan", "-namespace", "team", file, at: server)
        #expect(
            text.hasSuffix("cluster job run -check-index 0 -address \(server.address) -namespace team \(file)\n"),
            "\(text)")
        #expect(server.requests.last?.query == "namespace=team")
    }
}
