import ArgumentParser
import ClusterClient
import ClusterKit
import Testing

@testable import ClusterCLI

@Suite struct QueueTests {
    @Test func attributesAreWordsWithValues() throws {
        #expect(try QueueInput.attributes(["os=linux", "note=a=b", "e="]) == ["os": "linux", "note": "a=b", "e": ""])
        for wrong in [["os"], ["=x"], ["os=a", "os=b"]] {
            #expect(throws: ClusterError.self, "\(wrong)") { try QueueInput.attributes(wrong) }
        }
    }

    /// An empty name would ask for the queue in place of the item, and for all queues in place of one.
    @Test(arguments: [
        ["queue", "put", "", "x"], ["queue", "put", "-id", "", "q", "x"], ["queue", "status", ""],
        ["queue", "status", "q", ""], ["queue", "remove", "q", ""], ["queue", "remove", "", "-all"],
        ["claim", "", "--", "true"],
    ])
    func namesAreNotEmpty(_ words: [String]) async throws {
        let server = try MadeUpServer { _ in MadeUpServer.json("{}") }
        let place = words.firstIndex(of: "--") ?? words.endIndex
        let arguments = Array(words[..<place]) + ["-address", server.address] + Array(words[place...])
        let error = await #expect(throws: ClusterError.self) { try await run(arguments) }
        #expect(error?.message.hasPrefix("An empty text is the name of no ") == true)
        #expect(server.requests.isEmpty)
    }

    /// Nobody asks for items there: a queue of no namespace would keep what is put into it.
    @Test(arguments: [["queue", "put", "q", "x"], ["queue", "status", "q"], ["claim", "q", "--", "true"]])
    func aQueueIsInOneNamespace(_ words: [String]) async throws {
        let server = try MadeUpServer { _ in MadeUpServer.json("{}") }
        let place = words.firstIndex(of: "--") ?? words.endIndex
        let flags = ["-namespace", "*", "-address", server.address]
        let error = await #expect(throws: ClusterError.self) {
            try await run(Array(words[..<place]) + flags + Array(words[place...]))
        }
        #expect(error?.message.hasPrefix("A queue is in one namespace, and * means all") == true)
        #expect(server.requests.isEmpty)
    }

    @Test func queuesOfAllNamespacesAreToldApart() throws {
        let queues: [WorkQueueWire] = try Story.decode(
            """
            [{"Name":"checks","Namespace":"default","Waiting":1,"Leased":0,"Complete":2,"Failed":0},
             {"Name":"checks","Namespace":"team","Waiting":0,"Leased":1,"Complete":0,"Failed":0}]
            """)
        let lines = QueueText.table(queues, withNamespace: true).text.split(separator: "\n")
        #expect(lines[0].hasPrefix("Queue   Namespace  Waiting"))
        #expect(lines[2].hasPrefix("checks  team       0"))
        #expect(!QueueText.table(queues, withNamespace: false).text.contains("Namespace"))
    }

    private func run(_ words: [String]) async throws {
        let parsed = try ClusterCommand.parseAsRoot(SingleDash.rewritten(words))
        var command = try #require(parsed as? any AsyncParsableCommand)
        try await command.run()
    }

    @Test func aCommandFindsItsLease() throws {
        let environment = ["CLUSTER_QUEUE": "q", "CLUSTER_ITEM_ID": "a/b", "CLUSTER_ITEM_TOKEN": "7"]
        #expect(try QueueInput.ticket(environment) == WorkTicket(WorkItemKey("a/b", in: WorkQueueID("q")), token: 7))
        #expect(throws: ClusterError.self) { try QueueInput.ticket([:]) }
    }

    @Test func flagsOfTheCommandStayItsOwn() throws {
        let arguments = SingleDash.rewritten([
            "claim", "-attr", "os=linux", "-loop", "-lease=30s", "checks", "--", "sh", "-c", "-attr",
        ])
        let claim = try #require(try ClusterCommand.parseAsRoot(arguments) as? ClaimCommand)
        #expect(claim.queue == "checks" && claim.loop && claim.lease == "30s" && claim.attr == ["os=linux"])
        #expect(claim.command == ["sh", "-c", "-attr"])
    }

    @Test func aProgramGetsItsInputAndTellsItsEnd() async throws {
        let script = #"read line; test "$line" = "work" && test "$WORD" = x && exit 7"#
        let child = try ChildProcess(["sh", "-c", script], environment: ["WORD": "x"], input: Array("work\n".utf8))
        #expect(await child.end == 7)
        #expect(throws: ClusterError.self) { try ChildProcess(["/nowhere/at/all"], environment: [:], input: []) }
    }

    @Test func signalsReachAllThatAProgramStarted() async throws {
        let child = try ChildProcess(["sh", "-c", "sleep 600 & wait"], environment: [:], input: [])
        child.send(15)
        #expect(await child.end == 128 + 15)
    }
}
