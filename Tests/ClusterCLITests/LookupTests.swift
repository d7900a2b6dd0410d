import ClusterKit
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
        #expect(throws: ExitStatus.failure) { try lookup.choose("we", from: ["web", "web-2"]) }
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

    @Test func theFlagWinsOverTheEnvironment() {
        #expect(Connection.chosen("a", "X", else: "c", environment: ["X": "b"]) == "a")
        #expect(Connection.chosen(nil, "X", else: "c", environment: ["X": "b"]) == "b")
        #expect(Connection.chosen(nil, "X", else: "c", environment: ["X": ""]) == "c")
    }
}
