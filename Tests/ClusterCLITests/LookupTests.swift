import ClusterClient
import ClusterKit
import FoundationEssentials
import Testing

@testable import ClusterCLI

@Suite struct LookupTests {
    private let lookup = Lookup(kind: "job", id: { (id: String) in id }) {
        Table(header: ["ID"], rows: $0.map { [$0] })
    }

    @Test func theExactOneWins() throws {
        #expect(try lookup.choose("web", from: ["web", "web-2"]) == "web")
        #expect(try lookup.choose("web-", from: ["web", "web-2"]) == "web-2")
    }

    @Test func severalAreRefused() {
        #expect(throws: Ending.failure) { try lookup.choose("we", from: ["web", "web-2"]) }
    }

    @Test func anEmptyTextMeansNothing() {
        let error = #expect(throws: ClusterError.self) { try lookup.choose("", from: ["web"]) }
        #expect(error?.code == .invalid)
    }

    @Test func noneIsNamed() throws {
        let error = try #require(#expect(throws: ClusterError.self) { try lookup.choose("x", from: ["web"]) })
        #expect(error.code == .notFound)
        #expect(error.message.contains("\"x\""))
    }

    @Test func jobFilesSayAllTheirMistakes() throws {
        let text = """
            job "a" {
              group "g" {
                cont = 2
                task "t" {
                  driver = "raw_exec"
                  resources { cpu = "lots" }
                }
              }
              priority = 500
            }
            """
        let mistakes = try #require(#expect(throws: JobMistakes.self) { try JobInput.read(text: text, name: "a.hcl") })
        for part in ["a.hcl:3,", "a.hcl:6,", "a.hcl:9,", "^", "Did you mean \"count\"?", "3 mistakes"] {
            #expect("\(mistakes)".contains(part), "\(mistakes)")
        }
    }

    @Test func timeZonesAreLookedUpWhereTheyStand() throws {
        let text = """
            job "a" {
              type = "batch"
              periodic {
                cron      = "@daily"
                time_zone = "Europe/Zurick"
              }
              group "g" {
                task "t" { driver = "raw_exec" }
              }
            }
            """
        let mistakes = try #require(#expect(throws: JobMistakes.self) { try JobInput.read(text: text, name: "a.hcl") })
        #expect("\(mistakes)".contains("a.hcl:5,"), "\(mistakes)")
        #expect("\(mistakes)".contains("there is no time zone \"Europe/Zurick\""), "\(mistakes)")
        let json = String(decoding: JobDocument(try JobFile(text: text, file: "a.hcl").job()).json, as: UTF8.self)
        let error = try #require(#expect(throws: ClusterError.self) { try JobInput.read(text: json, name: "a.json") })
        #expect(error.message.contains("periodic.time_zone: there is no time zone"))
        let job = try JobFile(text: text, file: "a.hcl").job()
        #expect(JobInput.zoneMistakes(of: job).count == 1)
        #expect(JobInput.zoneMistakes(of: job, familiar: "Nowhere/Else").isEmpty, "a machine without zone files")
    }

    @Test func whatIsNoTextIsRefusedOnce() throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try JobInput.read(text: "\u{0}ELF\u{1}\u{2}", name: "a.bin") })
        #expect(error.message.contains("a.bin is no job file"))
    }

    @Test func wholeIdentifiersMayBeInCapitals() throws {
        let found = try node("ab12-cd", "vm-1")
        for text in ["ab12-cd", "AB12-CD", "vm-1"] { #expect(found.isNamed(wholly: text)) }
        for text in ["ab12", "VM-1", ""] { #expect(!found.isNamed(wholly: text)) }
    }

    private func node(_ id: String, _ name: String) throws -> NodeWire {
        let text = """
            {"ID":"\(id)","Name":"\(name)","Datacenter":"dc1","NodeClass":"","Drain":false,"Status":"ready",
             "SchedulingEligibility":"eligible","StatusDescription":"","CreateIndex":1,"ModifyIndex":1}
            """
        return try JSONDecoder().decode(NodeWire.self, from: Data(text.utf8))
    }

    @Test func nodesAreFoundByNameAndByIdentifier() throws {
        let nodes = [
            try node("ab12-1", "vm"), try node("cd34-1", "ab"), try node("cd35-1", "two"), try node("e-1", "two"),
        ]
        #expect(try ClusterClient.choose("vm", from: nodes).id == "ab12-1")
        #expect(try ClusterClient.choose("CD34", from: nodes).id == "cd34-1")
        #expect(try ClusterClient.choose("ab", from: nodes).id == "cd34-1", "a whole name wins")
        #expect(throws: Ending.failure) { try ClusterClient.choose("cd3", from: nodes) }
        #expect(throws: Ending.failure) { try ClusterClient.choose("two", from: nodes) }
        let error = try #require(#expect(throws: ClusterError.self) { try ClusterClient.choose("c", from: nodes) })
        #expect(error.code == .notFound && error.message.contains("cluster node status"))
    }

    @Test func whatBeginsLaterIsSaidWhenItDoes() {
        var job = Job("a", kind: .batch) { Group("g") { TaskSpec("t", command: "/bin/true") } }
        #expect(JobRun.start(of: job).hasSuffix("there is nothing to start"))
        job.periodic = PeriodicSpec(["0 4 * * *"])
        let now = WallTime(nanoseconds: 1_767_323_045_000_000_000)
        #expect(JobRun.start(of: job, now: now).hasSuffix("it begins next at 2026-01-02T04:00:00Z"))
        job.periodic = nil
        job.parameterized = ParameterizedSpec()
        #expect(JobRun.start(of: job).hasSuffix("cluster job dispatch a"))
    }

    @Test func serversSpeakPlainHTTP() {
        #expect(Connection.plainAddress("https://a:1") == "http://a:1")
        #expect(Connection.plainAddress("http://a:1") == nil)
    }

    @Test func theFlagWinsOverTheEnvironment() {
        #expect(Connection.chosen("a", "X", else: "c", environment: ["X": "b"]) == "a")
        #expect(Connection.chosen(nil, "X", else: "c", environment: ["X": "b"]) == "b")
        #expect(Connection.chosen(nil, "X", else: "c", environment: ["X": ""]) == "c")
    }
}
