import ArgumentParser
import ClusterClient
import ClusterKit
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
