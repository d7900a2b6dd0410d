import ClusterClient
import ClusterKit
import ClusterTesting
import Foundation
import Synchronization
import Testing

@testable import ClusterCLI

/// `cluster claim`, while its server comes and goes.
@Suite(.timeLimit(.minutes(10))) struct ItemRunTests {
    private static let item = """
        {"ID":"a","Queue":"checks","State":"leased","Reason":"","Priority":50,"Attempts":0,"MaxAttempts":3,"Token":7,
         "Worker":"w","Message":"","Progress":0,"ProgressText":"","CreateTime":1}
        """
    private static let claimed = #"{"LeaseSeconds":60,"Item":"# + item + "}"
    private static let queue = WorkQueueID("checks")

    /// Answers requests by their last word and how many of those have come, this one included; `nil` stands for what a
    /// server answers that is well.
    private func server(
        _ answer: @escaping @Sendable (_ word: String, _ number: Int) -> ScriptedEndpoint.Answer?
    ) throws -> MadeUpServer {
        let counts = Mutex<[String: Int]>([:])
        return try MadeUpServer { request in
            let word = Self.word(of: request)
            let number = counts.withLock { counts in
                counts[word, default: 0] += 1
                return counts[word, default: 0]
            }
            if let answer = answer(word, number) { return answer }
            switch word {
            case "claim": return MadeUpServer.json(Self.claimed)
            case "renew": return MadeUpServer.json(#"{"LeaseSeconds":60}"#)
            default: return MadeUpServer.json(Self.item)
            }
        }
    }

    private static func word(of request: MadeUpServer.Request) -> String {
        request.line.split(separator: "/").last.map { String($0) } ?? ""
    }

    private static func words(at server: MadeUpServer) -> [String] { server.requests.map { word(of: $0) } }

    private static func refusal(_ status: String, _ code: String) -> ScriptedEndpoint.Answer {
        ScriptedEndpoint.http(status, "no: \(code)", headers: ["Connection: close", "X-Cluster-Error: \(code)"])
    }

    private static let full = refusal("503 Service Unavailable", "store refused")
    private static let lost = refusal("409 Conflict", "conflict")

    /// Runs a command for an item. Calls are not bounded by the client, so that whatever hangs does so for good.
    private func run(
        _ command: [String], at server: MadeUpServer, lease: Duration, asked: ContinuousClock.Instant? = nil,
        signals: SignalWatch = SignalWatch([])
    ) async throws -> Int32 {
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(36_000))
        let claim = ClaimedItem(wire: try Story.decode(Self.claimed), asked: asked ?? ContinuousClock.now)
        let run = ItemRun(
            client: client, queue: Self.queue, claim: claim, command: command, lease: lease, retryDelay: .zero)
        do {
            let code = try await run.run(signals)
            await client.close()
            return code
        } catch {
            await client.close()
            throw error
        }
    }

    // MARK: The end

    @Test func whatIsDoneIsToldUntilTheServerIsBack() async throws {
        let server = try server { word, number in
            switch (word, number) {
            case ("complete", 1): MadeUpServer.unavailable
            case ("complete", 2): Self.full
            case ("complete", 3): Self.refusal("500 Internal Server Error", "internal")
            default: nil
            }
        }
        #expect(try await run(["true"], at: server, lease: .seconds(10)) == 0)
        #expect(Self.words(at: server).count { $0 == "complete" } == 4)
    }

    @Test func aFailedAttemptIsToldUntilTheServerIsBack() async throws {
        let server = try server { word, number in word == "fail" && number == 1 ? MadeUpServer.unavailable : nil }
        #expect(try await run(["sh", "-c", "exit 7"], at: server, lease: .seconds(10)) == 7)
        #expect(Self.words(at: server).count { $0 == "fail" } == 2)
    }

    /// A disk may be full for longer than the lease lasts; renewals write nothing.
    @Test func theLeaseIsKeptWhileItsEndCannotBeWritten() async throws {
        let renewals = Mutex(0)
        let server = try server { word, number in
            if word == "renew" { renewals.withLock { $0 = number } }
            return word == "complete" && renewals.withLock({ $0 }) < 4 ? Self.full : nil
        }
        #expect(try await run(["true"], at: server, lease: .seconds(3)) == 0)
    }

    /// Once its end was taken the lease is over: whoever did not hear the answer asks again and is told.
    @Test func aRenewalThatIsRefusedIsNotTheLastWordOnAnEnd() async throws {
        let renewals = Mutex(0)
        let server = try server { word, number in
            if word == "renew" {
                renewals.withLock { $0 = number }
                return Self.lost
            }
            return word == "complete" && renewals.withLock({ $0 }) < 1 ? MadeUpServer.unavailable : nil
        }
        #expect(try await run(["true"], at: server, lease: .seconds(9)) == 0)
    }

    @Test func aServerThatStaysAwayIsAskedOnlyUntilTheLeaseIsOver() async throws {
        let server = try server { _, _ in MadeUpServer.unavailable }
        #expect(try await run(["true"], at: server, lease: .seconds(2)) == 4)
    }

    @Test(arguments: ["true", "false"]) func aLeaseThatIsLostAtTheEndHasItsExitCode(command: String) async throws {
        for answer in [Self.lost, Self.refusal("404 Not Found", "not found")] {
            let server = try server { word, _ in ["complete", "fail"].contains(word) ? answer : nil }
            #expect(try await run([command], at: server, lease: .seconds(60)) == 4)
            #expect(Self.words(at: server).count == 1, "there is nothing to wait for")
        }
    }

    @Test func aResultThatIsNotTakenFailsTheItem() async throws {
        let tooLarge = Self.refusal("413 Payload Too Large", "too large")
        let server = try server { word, number in
            switch (word, number) {
            case ("complete", _): tooLarge
            case ("fail", 1): MadeUpServer.unavailable
            default: nil
            }
        }
        let error = await #expect(throws: ClusterError.self) {
            try await run(["true"], at: server, lease: .seconds(10))
        }
        #expect(error?.code == .tooLarge)
        #expect(Self.words(at: server) == ["complete", "fail", "fail"])
    }

    @Test func aWorkerThatIsToldToStopGivesItsItemBack() async throws {
        let signals = SignalWatch([])
        signals.tell(15)
        let server = try server { word, number in word == "release" && number == 1 ? MadeUpServer.unavailable : nil }
        #expect(try await run(["sleep", "600"], at: server, lease: .seconds(10), signals: signals) == 0)
        #expect(Self.words(at: server).count { $0 == "release" } == 2)
    }

    // MARK: The lease

    @Test(arguments: ["exec sleep 600", #"trap "" TERM; sleep 600"#])
    func aRenewalThatHangsDoesNotKeepTheCommand(script: String) async throws {
        let server = try server { word, _ in word == "renew" ? .nothing : nil }
        #expect(try await run(["sh", "-c", script], at: server, lease: .seconds(3)) == 4)
        #expect(Self.words(at: server).allSatisfy { $0 == "renew" }, "nothing is told of it")
    }

    @Test func aServerThatIsAwayForAMomentKeepsTheLease() async throws {
        let server = try server { word, number in word == "renew" && number == 1 ? MadeUpServer.unavailable : nil }
        // It goes on for as long as a lease that is renewed only once.
        #expect(try await run(["sleep", "7"], at: server, lease: .seconds(6)) == 0)
        #expect(Self.words(at: server).last == "complete")
    }

    @Test func nothingOfACommandOutlivesItsLease() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        defer { close(reader) }
        let script = #"(trap "" TERM; exec 3>"$1"; sleep 600) & wait"#
        let server = try server { word, _ in word == "renew" ? Self.lost : nil }
        #expect(try await run(["sh", "-c", script, "sh", path], at: server, lease: .seconds(6)) == 4)
        // It reads as ended once nobody has it open for writing any more.
        var byte: UInt8 = 0
        while read(reader, &byte, 1) != 0 { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// The server may have held the claim for longer than the lease lasts.
    @Test(arguments: [true, false]) func anOldClaimIsConfirmedBeforeAnythingIsDone(isStillIts: Bool) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        let server = try server { word, _ in word == "renew" && !isStillIts ? Self.lost : nil }
        let old = ContinuousClock.now - .seconds(3600)
        let code = try await run(["touch", file.path], at: server, lease: .seconds(60), asked: old)
        #expect(code == (isStillIts ? 0 : 4))
        #expect(FileManager.default.fileExists(atPath: file.path) == isStillIts)
        #expect(Self.words(at: server) == (isStillIts ? ["renew", "complete"] : ["renew"]))
    }

    // MARK: The claim

    private func claim(_ lasting: Duration?, at server: MadeUpServer) async throws -> ClaimedItem? {
        let client = try ClusterClient(servers: [server.address])
        let worker = WorkerStatement("w")
        do {
            let claim = try await ClaimCommand.claim(client, Self.queue, worker, lasting, pause: .milliseconds(1))
            await client.close()
            return claim
        } catch {
            await client.close()
            throw error
        }
    }

    @Test(arguments: [Duration.seconds(600), nil]) func aServerThatIsRestartedIsAskedAgain(
        lasting: Duration?
    ) async throws {
        let server = try server { _, number in
            switch number {
            case 1: MadeUpServer.unavailable
            case 2: Self.full
            default: nil
            }
        }
        #expect(try await claim(lasting, at: server)?.wire.item.id == "a")
        #expect(Self.words(at: server) == ["claim", "claim", "claim"])
    }

    @Test func aServerThatStaysAwayIsNamedOnceTheWaitIsOver() async throws {
        let server = try server { _, _ in MadeUpServer.unavailable }
        let error = await #expect(throws: ClusterError.self) { try await claim(.milliseconds(20), at: server) }
        #expect(error?.code == .unavailable && error?.message.contains("-wait") == true)
    }

    @Test func whoeverDoesNotWaitIsToldAtOnce() async throws {
        let server = try server { _, _ in MadeUpServer.unavailable }
        let error = await #expect(throws: ClusterError.self) { try await claim(.zero, at: server) }
        #expect(error?.code == .unavailable && error?.message.contains("-wait") == false)
        #expect(server.requests.count == 1)
    }
}
