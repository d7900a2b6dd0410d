import ArgumentParser
import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

@Suite struct DrainCommandTests {
    private func drain(_ words: String...) throws -> NodeDrainCommand {
        let arguments = SingleDash.rewritten(["node", "drain"] + words)
        return try #require(try ClusterCommand.parseAsRoot(arguments) as? NodeDrainCommand)
    }

    @Test func nomadsFlagsAreTaken() throws {
        let standard = try drain("-enable", "-yes", "ab12")
        #expect(standard.node == "ab12" && standard.enable && standard.yes)
        #expect(try standard.nanoseconds() == 3_600_000_000_000)
        #expect(try drain("-enable", "-deadline", "90m", "ab12").nanoseconds() == 5_400_000_000_000)
        #expect(try drain("-enable", "-force", "-ignore-system", "ab12").nanoseconds() == -1)
        #expect(try drain("-enable", "-no-deadline", "-detach", "ab12").nanoseconds() == 0)
        #expect(try drain("-enable", "-m", "new disk", "-self").message == "new disk")
        #expect(try drain("-disable", "-keep-ineligible", "ab12").keepIneligible)
        #expect(try drain("-monitor", "ab12").monitor)
    }

    @Test(arguments: [
        ("0s", "must be longer than 0s"), ("99999999999h", "is too large"), ("soon", "is no time span"),
    ])
    func deadlinesThatCannotBeSayWhy(_ deadline: String, _ why: String) throws {
        let error = #expect(throws: (any Error).self) { try drain("-enable", "-deadline", deadline, "ab12") }
        #expect(ClusterCommand.fullMessage(for: try #require(error)).contains(why))
    }

    @Test(arguments: [
        ["ab12"], ["-enable", "-disable", "ab12"], ["-enable"], ["-enable", "-self", "ab12"],
        ["-enable", "-force", "-no-deadline", "ab12"], ["-disable", "-force", "ab12"],
        ["-enable", "-keep-ineligible", "ab12"], ["-enable", "-deadline", "soon", "ab12"],
        ["-enable", "-deadline", "-1h", "ab12"],
    ])
    func whatMakesNoSenseIsRefused(_ words: [String]) {
        let arguments = SingleDash.rewritten(["node", "drain"] + words)
        #expect(throws: (any Error).self) { try ClusterCommand.parseAsRoot(arguments) }
    }

    @Test func aNegativeNumberIsAValueAndNoFlag() throws {
        let arguments = SingleDash.rewritten(["what-if", "-hours", "-1", "-seed", "3", "-drain", "vm-1"])
        #expect(arguments == ["what-if", "--hours=-1", "--seed", "3", "--drain", "vm-1"])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? WhatIf)
        #expect(command.hours == -1 && command.drain == ["vm-1"])
    }

    @Test func eligibilityIsOneOfTwo() throws {
        let arguments = SingleDash.rewritten(["node", "eligibility", "-disable", "ab12"])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? NodeEligibilityCommand)
        #expect(command.disable && command.node == "ab12")
        for words in [["-enable", "-disable", "ab12"], ["ab12"], ["-enable"]] {
            #expect(throws: (any Error).self) { try ClusterCommand.parseAsRoot(["node", "eligibility"] + words) }
        }
    }

    /// Once it is over, a node is not drained either way: only its last drain tells how that ended.
    @Test(arguments: [("complete", Ending.success), ("canceled", .failure)])
    func aDrainThatSomebodyStoppedIsNotComplete(status: String, ending: Ending) async throws {
        let looks = Mutex(0)
        let server = try MadeUpServer { request in
            guard request.line.hasPrefix("GET /v1/node/"), !request.line.hasSuffix("/allocations") else {
                return MadeUpServer.json(request.line == "GET /v1/nodes" ? "[\(Self.node("draining"))]" : "[]")
            }
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            return MadeUpServer.json(Self.node(look < 3 ? "draining" : status))
        }
        let command = try drain("-monitor", "vm", "-address", server.address)
        let heard = try await Heard.listening(to: command)
        #expect(heard.ending == ending)
        let text = heard.text
        #expect(text.contains("drain \(status)") && text.contains("drain complete") == (ending == .success), "\(text)")
    }

    private static func node(_ drain: String) -> String {
        """
        {"ID":"eeeeeeee-1111-2222-3333-444444444444","Name":"vm","Datacenter":"dc1","NodeClass":"",
         "Drain":\(drain == "draining"),"DrainStrategy":null,"LastDrain":{"Status":"\(drain)"},"Status":"ready",
         "SchedulingEligibility":"ineligible","StatusDescription":"","ModifyIndex":3}
        """
    }

    @Test func aWatchTellsWhatChanged() throws {
        var progress = DrainProgress()
        let running = try Story.allocation(1, "running")
        let first = progress.look([running, try Story.allocation(2, "complete")])
        #expect(first.count == 1)
        let second = progress.look([running])
        #expect(second == [])
        var told = running
        told.desiredStatus = "stop"
        let third = progress.look([told])
        #expect(third.first?.hasSuffix(": running -> running, told to stop") == true)
        told.clientStatus = "complete"
        let last = progress.look([told])
        #expect(last.first?.contains("-> complete, told to stop") == true)
    }
}
