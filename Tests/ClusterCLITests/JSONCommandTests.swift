import ArgumentParser
import ClusterClient
import ClusterKit
import FoundationEssentials
import Synchronization
import Testing

@testable import ClusterCLI

/// What commands that change something print with -json.
@Suite struct JSONCommandTests {
    private static let id = "eeeeeeee-1111-2222-3333-444444444444"

    private static func server(drain: String = "null") throws -> MadeUpServer {
        let node = """
            {"ID":"\(id)","Name":"vm","Datacenter":"dc1","NodeClass":"","Drain":\(drain != "null"),
             "DrainStrategy":null,"SchedulingEligibility":"eligible","Status":"ready","StatusDescription":"",
             "ModifyIndex":3}
            """
        let job = """
            {"ID":"web","Name":"web","Namespace":"default","Type":"service","Priority":50,"Status":"running",
             "StatusDescription":"","Stop":false,"ModifyIndex":1,"JobModifyIndex":1}
            """
        let write = #"{"Index":9}"#
        return try MadeUpServer([
            "GET /v1/nodes": "[\(node)]", "GET /v1/node/\(id)": node, "GET /v1/node/\(id)/allocations": "[]",
            "PUT /v1/node/\(id)/eligibility": write, "PUT /v1/node/\(id)/drain": write,
            "PUT /v1/node/\(id)/purge": write, "GET /v1/jobs": "[\(job)]",
            "GET /v1/job/web/versions": #"{"Versions":[{"ID":"web","Version":4,"Stable":true}],"Notes":[{"Version":4,"#
                + #""Author":"","Reason":"","Tag":"old","TagDescription":""}]}"#,
            "PUT /v1/job/web/dispatch": #"{"DispatchedJobID":"web/dispatch-1","EvalID":"\#(id)"}"#,
            "PUT /v1/job/web%2Fversions%2Fgood/tag": write, "DELETE /v1/job/web%2Fversions%2Fgood/tag": write,
            "GET /v1/job/web/allocations": "[]", "GET /v1/job/web/scale": #"{"TaskGroups":{}}"#,
        ])
    }

    /// What a command writes to the standard output.
    private func output(_ words: [String], at server: MadeUpServer) async throws -> String {
        try await output(of: words + ["-address", server.address])
    }

    private func output(of words: [String]) async throws -> String {
        let arguments = SingleDash.rewritten(words)
        var command = try #require(try ClusterCommand.parseAsRoot(arguments) as? any AsyncParsableCommand)
        let heard = Mutex<[UInt8]>([])
        try await Terminal.$listener.withValue({ bytes in heard.withLock { $0 += bytes } }) {
            try await command.run()
        }
        return String(decoding: heard.withLock(\.self), as: UTF8.self)
    }

    @Test(arguments: [
        (["node", "eligibility", "-enable", "vm"], ["NodeID", "Eligibility", "Index"]),
        (["node", "drain", "-disable", "vm"], ["NodeID", "Drain"]),
        (["node", "drain", "-enable", "-detach", "vm"], ["NodeID", "Drain"]),
        (["node", "drain", "-enable", "vm"], ["NodeID", "Drain"]),
        (["node", "drain", "-monitor", "vm"], ["NodeID", "Drain"]),
        (["node", "purge", "-yes", "vm"], ["NodeID", "Index"]),
        (["job", "tag", "-name", "good", "web"], ["JobID", "Name", "Index"]),
        (["job", "tag", "-name", "good", "-unset", "web"], ["JobID", "Name", "Index"]),
        (["job", "restart", "web"], ["Replaced"]),
        (["job", "dispatch", "-detach", "web"], ["DispatchedJobID", "EvalID"]),
    ])
    func itIsJSONAndNothingElse(_ words: [String], _ members: [String]) async throws {
        let server = try Self.server()
        let text = try await output(words + ["-json"], at: server)
        guard case .object(let object) = try JSONParser.parse(Array(text.utf8)) else {
            Issue.record("no object: \(text)")
            return
        }
        #expect(object.members.map(\.name) == members)
        if members.contains("Index") { #expect(object["Index"] == .integer(9)) }
        let plain = try await output(words, at: server)
        #expect(!plain.isEmpty && !plain.hasPrefix("{"), "\(plain)")
    }

    /// Those that say nothing in words.
    @Test(arguments: [
        (["alloc", "restart", "aaaaaaa1"], ["AllocID", "Task"]),
        (["alloc", "signal", "-s", "SIGHUP", "aaaaaaa1", "t"], ["AllocID", "Task", "Signal"]),
        (["system", "gc"], ["Collected"]), (["system", "reconcile", "summaries"], ["Reconciled"]),
    ])
    func whatIsSilentPrintsFacts(_ words: [String], _ members: [String]) async throws {
        let allocation = Story.allocationText(1, "running")
        let server = try MadeUpServer { request in
            MadeUpServer.json(
                request.line == "GET /v1/allocations"
                    ? "[\(allocation)]" : request.line.hasPrefix("GET") ? allocation : "")
        }
        let text = try await output(words + ["-json"], at: server)
        guard case .object(let object) = try JSONParser.parse(Array(text.utf8)) else {
            Issue.record("no object: \(text)")
            return
        }
        #expect(object.members.map(\.name) == members)
        #expect(try await output(words, at: server) == "")
    }

    /// A server answers alike for a version that is gone for good, as Vault does.
    @Test func secretsTellWhatWasDone() async throws {
        let record = """
            {"data":{"current_version":2,"versions":{
             "1":{"created_time":"2026-01-02T03:04:05Z","deletion_time":"2026-01-02T03:04:05Z","destroyed":false},
             "2":{"created_time":"2026-01-02T03:04:05Z","deletion_time":"","destroyed":true}}}}
            """
        let server = try MadeUpServer { request in MadeUpServer.json(request.line.hasPrefix("GET") ? record : "") }
        for verb in ["delete", "undelete", "destroy"] {
            let words = ["secret", verb, "-versions", "1", "a", "-vault-address", server.address]
            let text = try await output(of: words + ["-json"])
            guard case .object(let told) = try JSONParser.parse(Array(text.utf8)) else {
                Issue.record("no object: \(text)")
                return
            }
            #expect(told["path"] == .string("a") && told["versions"] == .array([.integer(1)]), "\(text)")
            #expect(try await output(of: words).hasSuffix("version 1 of secret a\n"))
        }
        let before = server.requests.count
        let error = await #expect(throws: ClusterError.self) {
            try await output(of: ["secret", "undelete", "-versions", "1,2", "a", "-vault-address", server.address])
        }
        #expect(error?.message == "Version 2 of secret a was destroyed; its data is gone for good.")
        #expect(server.requests.dropFirst(before).allSatisfy { $0.line.hasPrefix("GET") }, "nothing was done")
    }

    /// The JSON that a command writes, and how it ends.
    private func end(of words: [String], at server: MadeUpServer) async throws -> (object: JSONObject, ending: Ending) {
        let arguments = SingleDash.rewritten(words + ["-json", "-address", server.address])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? any AsyncParsableCommand)
        let heard = try await Heard.listening(to: command)
        let value = try JSONParser.parse(heard.bytes)
        guard case .object(let object) = value else { throw ClusterError(.invalid, "no object: \(value)") }
        return (object, heard.ending)
    }

    /// A deployment that has ended before ends a watch as it does when it ends later.
    @Test(arguments: [("successful", Ending.success), ("failed", .failure), ("cancelled", .failure)])
    func aWatchedDeploymentIsShownAsItEnded(status: String, ending: Ending) async throws {
        for first in ["running", status] {
            let reads = Mutex(0)
            let server = try MadeUpServer { request in
                guard request.line == "GET /v1/deployment/dddddddd-1" else {
                    let isList = request.line == "GET /v1/deployments"
                    return MadeUpServer.json(isList ? "[\(Self.deployment(first))]" : "[]")
                }
                let isFirst = reads.withLock { reads in
                    reads += 1
                    return reads == 1
                }
                return MadeUpServer.json(Self.deployment(isFirst ? first : status))
            }
            let found = try await end(of: ["deployment", "status", "-monitor", "dddd"], at: server)
            #expect(found.ending == ending)
            #expect(found.object["Status"] == .string(status))
        }
    }

    private static func deployment(_ status: String) -> String {
        """
        {"ID":"dddddddd-1","JobID":"web","JobVersion":3,"Status":"\(status)","StatusDescription":"why",
         "CreateIndex":4,"ModifyIndex":5}
        """
    }

    @Test(arguments: [("null", Ending.success), (Story.tooLarge, .notPlaced)])
    func aWatchedEvaluationIsShownAsItEnded(refusals: String, ending: Ending) async throws {
        let evaluation = Story.evaluationText("complete", refusals: refusals)
        let server = try MadeUpServer([
            "GET /v1/evaluations": "[\(evaluation)]", "GET /v1/evaluation/11111111-2222": evaluation,
            "GET /v1/job/web/allocations": "[\(Story.allocationText(0, "running"))]",
        ])
        let found = try await end(of: ["eval", "status", "-monitor", "1111"], at: server)
        #expect(found.ending == ending)
        #expect(found.object["Status"] == .string("complete"))
    }

    /// Mistakes of a job in JSON, and of a file that is not there, have no places in a text.
    @Test func mistakesWithoutAPlaceAreJSONToo() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(#"{"ID":"web","Priority":500}"#.utf8).write(to: file)
        let server = try MadeUpServer([:])
        for path in [file.path, "/none/such.json"] {
            let found = try await end(of: ["job", "validate", path], at: server)
            #expect(found.ending == .failure)
            guard case .array(let errors) = found.object["ValidationErrors"],
                case .string(let first) = errors.first
            else {
                Issue.record("no list: \(found.object)")
                return
            }
            #expect(first.contains(path))
        }
    }

    @Test func whatACommandWritesIsNoJSON() {
        #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["claim", "q", "-json", "--", "true"]))
        }
    }

    @Test func aTagThatIsReplacedIsNamed() async throws {
        let server = try Self.server()
        let text = try await output(["job", "tag", "-name", "good", "web"], at: server)
        #expect(text == "Job \"web\" tagged \"good\"; that version was tagged \"old\" before\n")
        #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(["job", "tag", "--name", "a b/c", "web"])
        }
    }

    @Test func logsAreNoJSON() {
        let error = #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "logs", "-json", "ab"]))
        }
        #expect(error.map { ClusterCommand.fullMessage(for: $0) }?.contains("printed as it is") == true)
    }

    @Test func whoIsAtATerminalIsAskedBeforeANodeIsForgotten() throws {
        let node: NodeWire = try Story.decode(
            """
            {"ID":"\(Self.id)","Name":"vm","Datacenter":"dc1","NodeClass":"","Drain":false,"Status":"ready",
             "SchedulingEligibility":"eligible","StatusDescription":"","ModifyIndex":3}
            """)
        #expect(NodePurge.asks(of: node, called: "vm", isAtTerminal: true))
        #expect(!NodePurge.asks(of: node, called: "vm", isAtTerminal: false))
        #expect(!NodePurge.asks(of: node, called: Self.id.uppercased(), isAtTerminal: false))
        #expect(NodePurge.asks(of: node, called: "eeee", isAtTerminal: false))
    }
}
