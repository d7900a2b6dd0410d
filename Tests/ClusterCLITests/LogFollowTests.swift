import ClusterClient
import ClusterKit
import ClusterTesting
import FoundationEssentials
import Synchronization
import Testing

@testable import ClusterCLI

/// `cluster alloc logs -f`, while servers and agents come and go.
@Suite struct LogFollowTests {
    /// One answer to a request for output.
    private enum Turn {
        /// Pieces and where each ends; whether the answer then breaks off.
        case pieces([(text: String, end: Int)], breaks: Bool)
        case unavailable
    }

    private struct Outcome {
        var text = ""
        var queries: [String] = []
        var complaints: [String] = []
        var error: ClusterError?
    }

    /// Follows the output that comes in `turns`, the last of them again and again; the server shows the allocation as
    /// `allocations` say, one after the other.
    private func follow(_ turns: [Turn], _ allocations: [String], silence: Duration = .seconds(600)) async throws
        -> Outcome
    {
        let counts = Mutex((turns: 0, looks: 0))
        let server = try MadeUpServer { request in
            guard request.line.contains("/logs/") else {
                let look = counts.withLock { counts in
                    counts.looks += 1
                    return counts.looks - 1
                }
                return MadeUpServer.json(allocations[min(look, allocations.count - 1)])
            }
            let turn = counts.withLock { counts in
                counts.turns += 1
                return counts.turns - 1
            }
            return Self.answer(turns[min(turn, turns.count - 1)])
        }
        let client = try ClusterClient(servers: [server.address])
        let written = Mutex<[UInt8]>([])
        let said = Mutex<[String]>([])
        var outcome = Outcome()
        do {
            try await LogFollow(
                client: client, allocation: try Story.allocation(1, "running"), task: "t", stream: .stdout,
                pause: .milliseconds(1), silence: silence, write: { bytes in written.withLock { $0 += bytes } },
                complain: { line in said.withLock { $0.append(line) } }
            ).run(from: .start(offset: 0))
        } catch let error as ClusterError {
            outcome.error = error
        }
        await client.close()
        outcome.text = written.withLock { String(decoding: $0, as: UTF8.self) }
        outcome.complaints = said.withLock { $0 }
        outcome.queries = server.requests.filter { $0.line.contains("/logs/") }.map(\.query)
        return outcome
    }

    private static func answer(_ turn: Turn) -> ScriptedEndpoint.Answer {
        guard case .pieces(let pieces, let breaks) = turn else { return MadeUpServer.unavailable }
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        for piece in pieces {
            let data = Data(piece.text.utf8).base64EncodedString()
            let frame = "{\"Data\":\"\(data)\",\"File\":\"f\",\"Offset\":\(piece.end)}"
            text += String(frame.utf8.count, radix: 16) + "\r\n" + frame + "\r\n"
        }
        return .bytes(Array((text + (breaks ? "" : "0\r\n\r\n")).utf8))
    }

    private let running = Story.allocationText(1, "running")
    private let ended = Story.allocationText(1, "complete", state: "dead")

    @Test func itGoesOnWhereItWas() async throws {
        let outcome = try await follow(
            [
                .pieces([("one\n", 4)], breaks: true), .unavailable,
                .pieces([("e\ntwo\n", 8), ("three\n", 14)], breaks: false),
            ], [ended])
        #expect(outcome.error == nil)
        #expect(outcome.text == "one\ntwo\nthree\n", "nothing is lost, and nothing comes twice")
        #expect(outcome.queries.count == 3)
        #expect(outcome.queries.dropFirst().allSatisfy { $0.contains("origin=start&offset=4") })
        #expect(outcome.complaints == [], "it was back soon")
    }

    /// A server that shuts down in good order ends what it sends as if the task had ended.
    @Test func anEndIsOneOfTheTask() async throws {
        let outcome = try await follow(
            [.pieces([("one\n", 4)], breaks: false), .pieces([("two\n", 8)], breaks: false)], [running, ended])
        #expect(outcome.text == "one\ntwo\n" && outcome.error == nil)
        #expect(outcome.queries.count == 2)
    }

    @Test func whatDoesNotComeBackIsSaid() async throws {
        let lost = Story.allocationText(1, "lost")
        let outcome = try await follow(
            [.pieces([("one\n", 4)], breaks: true), .unavailable], [running, lost], silence: .zero)
        #expect(outcome.text == "one\n")
        #expect(outcome.complaints.count == 1 && outcome.complaints.first?.contains("Ctrl-C") == true)
        #expect(outcome.error?.message.contains("is lost") == true)
    }

    @Test func whatWasNeverThereIsNotWaitedFor() async throws {
        let outcome = try await follow([.unavailable], [running])
        #expect(outcome.error?.code == .unavailable && outcome.queries.count == 1)
    }
}
