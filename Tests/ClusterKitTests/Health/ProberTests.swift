import ClusterTesting
import Testing

@testable import ClusterKit

@Suite(.timeLimit(.minutes(10))) struct ProberTests {
    private func script(
        _ command: String, _ arguments: [String] = [], timeout: Duration = .seconds(120)
    ) async -> ProbeOutcome {
        let check = CheckSpec(
            kind: "script", command: command, arguments: arguments, interval: .seconds(1), timeout: timeout)
        return await ScriptProber().probe(ProbeRequest(check: check, address: "", port: 0))
    }

    @Test(arguments: [(0, CheckHealth.passing), (1, .warning), (2, .critical), (255, .critical)])
    func theExitCodeDecides(_ code: Int, _ health: CheckHealth) async {
        let outcome = await script("/bin/sh", ["-c", "echo out; echo err >&2; exit \(code)"])
        #expect(outcome == ProbeOutcome(health, "out\nerr\n"))
    }

    @Test func aScriptSeesNothingOfTheAgent() async {
        let outcome = await script("env")
        let names = outcome.output.split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names).isSubset(of: ["PATH", "PWD", "SHLVL", "_"]), "\(outcome.output)")
        #expect(names.contains("PATH"))
    }

    @Test func whatAScriptLeavesBehindEndsWithIt() async throws {
        let folder = try ScratchFolder()
        let outcome = await script("/bin/sh", ["-c", "sleep 6000 & echo $!; exit 0"])
        #expect(outcome.health == .passing)
        let left = try #require(numbers(outcome.output).first)
        #expect(await eventually { !runs(left) })
        // On a busy machine a script may not have begun when its time is up: the next gets more.
        for timeout in [1, 4, 16, 59] where !folder.exists("pid") {
            let slow = await script(
                "/bin/sh",
                [
                    "-c",
                    "sleep 6000 & echo $! > \(folder.path)/begun; mv \(folder.path)/begun "
                        + "\(folder.path)/pid; sleep 6000",
                ], timeout: .seconds(timeout))
            #expect(slow.health == .critical && slow.output.hasSuffix("timed out after \(timeout)s"), "\(slow)")
        }
        let late = try #require(numbers(String(decoding: try folder.read("pid"), as: UTF8.self)).first)
        #expect(await eventually { !runs(late) })
    }

    /// Each is waited for by a thread of its own, so that many of them hold up neither each other nor anything else.
    @Test func manyScriptsThatWaitAreMadeAtOnce() async throws {
        let folder = try ScratchFolder()
        let waiting = "while [ ! -e \(folder.path)/go ]; do sleep 0.1; done"
        try await withThrowingTaskGroup(of: ProbeOutcome.self) { group in
            for _ in 0..<24 { group.addTask { await script("/bin/sh", ["-c", waiting]) } }
            try await Task.sleep(for: .milliseconds(100))
            group.addTask { await script("/bin/sh", ["-c", "touch \(folder.path)/go"]) }
            for try await outcome in group { #expect(outcome.health == .passing, "\(outcome)") }
        }
    }

    @Test(arguments: ["/no/such/program", "no-such-program", "../bin/true", "", "/etc"])
    func aProgramThatIsNotThereIsCritical(_ command: String) async {
        let outcome = await script(command)
        #expect(outcome.health == .critical && outcome.output.contains("not found"), "\(outcome)")
    }

    @Test func aScriptGetsItsArgumentsAsTheyAre() async {
        let outcome = await script("/bin/echo", ["a b", "$HOME", "*"])
        #expect(outcome.output == "a b $HOME *\n")
        #expect(await script("/bin/echo", ["a\0b"]).health == .critical)
    }

    @Test func aConnectionTellsWhoWasAsked() async throws {
        let endpoint = try ScriptedEndpoint(.nothing)
        let check = CheckSpec(kind: "tcp", interval: .seconds(1), timeout: .seconds(120))
        let request = ProbeRequest(check: check, address: "127.0.0.1", port: endpoint.port)
        #expect(await TCPProber().probe(request).output == "TCP connect 127.0.0.1:\(endpoint.port): Success")
        endpoint.close()
        let refused = await TCPProber().probe(request)
        #expect(refused.output == "TCP connect 127.0.0.1:\(endpoint.port): Connection refused")
        for (address, port) in [("localhost", endpoint.port), ("127.0.0.1", 0), ("", 1), ("::1", 1)] {
            let outcome = await TCPProber().probe(ProbeRequest(check: check, address: address, port: port))
            #expect(outcome.health == .critical, "\(address) \(port): \(outcome)")
        }
    }

    @Test func outputsAreCutBetweenCharacters() {
        for text in ["é", "€", "😀", "a😀"] {
            let outcome = ProbeOutcome(.passing, String(repeating: text, count: 5000))
            let bytes = outcome.output.utf8.count
            #expect((4093...4096).contains(bytes) && !outcome.output.contains("\u{FFFD}"), "\(text): \(bytes)")
        }
        #expect(ProbeOutcome(.passing, "short").output == "short")
        #expect(ProbeOutcome(.passing, String(repeating: "x", count: 4096)).output.utf8.count == 4096)
    }
}
