import ClusterKit
import ClusterTesting
import Testing

/// Work that waits for other work, or for its own kind, second by second.
@Suite struct GateScenarios {
    /// The web begins once the database is well. While another database warms up the web that runs goes on, and a
    /// second one waits.
    @Test func aGroupBeginsOnceTheOneBeforeItIsWell() throws {
        let job = try Job.file(
            """
            job "shop" {
              group "db" {
                network { port "sql" {} }
                service {
                  name = "db"
                  port = "sql"
                  check {
                    type = "tcp"
                    interval = "5s"
                    timeout = "1s"
                  }
                }
                task "server" {
                  driver = "raw_exec"
                  config { command = "/bin/db" }
                }
              }
              group "web" {
                after = ["db"]
                task "server" {
                  driver = "raw_exec"
                  config { command = "/bin/web" }
                }
              }
            }
            """)
        try Scenario(
            "after-group", for: .seconds(120),
            [
                .register(job, at: .seconds(5)),
                .stopInstance("shop.db[0]", at: .seconds(60)),
                .scale(job.id, "web", to: 2, at: .seconds(65)),
            ],
            course: { $0.allocation.group == "db" ? .warmsUp(for: .seconds(20)) : .runs }
        ).check()
    }

    /// Each of the gang takes most of a machine, and one machine is taken: none of it is placed before that is free.
    /// One of it that fails is placed anew alone.
    @Test func aGangWaitsAndThenStartsWhole() throws {
        func job(_ id: String, _ type: JobKind, count: Int, _ words: String = "") throws -> Job {
            try .file(
                """
                job "\(id)" {
                  type = "\(type.rawValue)"
                  group "main" {
                    count = \(count)
                    \(words)
                    restart { attempts = 0 }
                    task "work" {
                      driver = "raw_exec"
                      config { command = "/bin/work" }
                      resources { memory = 20000 }
                    }
                  }
                }
                """)
        }
        try Scenario(
            "gang", for: .seconds(120),
            [
                .register(try job("build", .batch, count: 1), at: .seconds(5)),
                .register(try job("solver", .service, count: 3, "gang = true"), at: .seconds(10)),
            ],
            course: { turn in
                if turn.job.id == JobID("build") { return .ends(after: .seconds(40)) }
                let fails = turn.allocation.index == 1 && turn.allocation.reschedules.isEmpty
                return fails ? .ends(after: .seconds(15), code: 1) : .runs
            }
        ).check()
    }
}
