import ClusterKit
import ClusterTesting
import Testing

/// What becomes of instances whose machine is cut off, second by second.
@Suite struct SilenceScenarios {
    private func service(_ group: String) throws -> Job {
        try .file(
            """
            job "web" {
              group "main" {
                \(group)
                task "server" {
                  driver = "raw_exec"
                  config { command = "/bin/server" }
                  resources { memory = 100 }
                }
              }
            }
            """)
    }

    private func cut(_ name: String, _ group: String, for lasts: Duration, until end: Duration) throws {
        try Scenario(
            name, for: end,
            [
                .register(try service(group), at: .seconds(5)),
                .cutOff([0], at: .seconds(30), for: lasts),
            ]
        ).check()
    }

    /// Unknown and replaced; when the machine is heard of again, the first one stays.
    @Test func theOriginalReturns() throws {
        try cut("silence-returns", "max_client_disconnect = \"5m\"", for: .seconds(60), until: .seconds(150))
    }

    /// It comes back too late: the one that took its place stays.
    @Test func theOriginalIsLost() throws {
        try cut("silence-lost", "max_client_disconnect = \"1m\"", for: .seconds(150), until: .seconds(240))
    }

    /// Its own agent ends it, and only then is there another.
    @Test func itsAgentStopsIt() throws {
        try cut("silence-stops", "stop_after_client_disconnect = \"40s\"", for: .seconds(120), until: .seconds(200))
    }

    /// Its lease ends it, and only then is there another.
    @Test func itsLeaseEndsIt() throws {
        try cut("silence-lease", "at_most_one = true", for: .seconds(120), until: .seconds(200))
    }

    /// The agent is gone, and its machine is not: whoever watches over the task ends it.
    @Test func itsLeaseEndsItWithoutItsAgent() throws {
        try Scenario(
            "silence-lease-without-agent", for: .seconds(200),
            [
                .register(try service("at_most_one = true"), at: .seconds(5)),
                .crashAgent(of: 0, at: .seconds(30), for: .seconds(90)),
            ]
        ).check()
    }
}
