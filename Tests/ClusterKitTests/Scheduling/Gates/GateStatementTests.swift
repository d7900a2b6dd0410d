import Testing

@testable import ClusterKit

/// How dependencies are written.
@Suite struct GateStatementTests {
    private static let file = """
        job "web" {
          after {
            job   = "db"
            state = "running"
          }
          after { job = "seed" }
          group "a" {
            task "t" {
              driver = "raw_exec"
              config { command = "/bin/true" }
            }
          }
          group "b" {
            after = ["a"]
            task "t" {
              driver = "raw_exec"
              config { command = "/bin/true" }
            }
          }
        }
        """

    @Test func areReadFromBothLanguages() throws {
        let job = try JobFile(text: Self.file).job()
        #expect(
            job.after == [
                JobDependency(JobID("db", namespace: ""), .running), JobDependency(JobID("seed", namespace: "")),
            ])
        #expect(job.groups.map(\.after) == [[], ["a"]])
        let document = try JobDocument(json: JobDocument(job).json)
        #expect(document.statement.after == job.after && document.statement.groups.map(\.after) == [[], ["a"]])
    }

    @Test func areReadFromAListToo() throws {
        let text = """
            job "web" {
              after = [{ job = "db", state = "running" }, { job = "seed", namespace = "other" }]
              group "a" {
                gang = true
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
              group "b" {
                gang = false
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
            }
            """
        let job = try JobFile(text: text).job()
        #expect(
            job.after == [
                JobDependency(JobID("db", namespace: ""), .running), JobDependency(JobID("seed", namespace: "other")),
            ])
        #expect(job.groups.map(\.gang) == [Gang(), nil])
        for (right, wrong) in [
            ("state = \"running\"", "state = \"happy\""), ("{ job = \"db\",", "{ jobs = \"db\","),
            ("[{ job = \"db\"", "[3, { job = \"db\""), ("gang = true", "gang = 3"),
        ] {
            #expect(throws: (any Error).self, "\(wrong)") {
                try JobFile(text: text.replacing(right, with: wrong)).job()
            }
        }
    }

    @Test func refuseAWordThatIsNoState() {
        let file = Self.file.replacing("running", with: "happy")
        #expect(throws: (any Error).self) { try JobFile(text: file).job() }
    }

    @Test func areNamedWhenTheyChange() throws {
        let job = try JobFile(text: Self.file).job()
        var other = job
        other.after = []
        other.groups[1].after = []
        #expect(JobChange.changedFields(from: job, to: other) == ["after", "group \"b\" > after"])
    }

    @Test func refusesDependenciesWithoutSense() {
        let wrong: [(JobDependency, String)] = [
            (JobDependency(JobID("web")), "cannot wait for itself"),
            (JobDependency(JobID("web", namespace: "")), "cannot wait for itself"), (JobDependency(JobID("")), "after"),
        ]
        func mistakes(after dependencies: JobDependency...) -> [String] {
            var job = makeJob("web")
            job.after = dependencies
            return JobValidation.validate(job.canonical()).map(\.description)
        }
        for (dependency, words) in wrong {
            let mistakes = mistakes(after: dependency)
            #expect(mistakes.contains { $0.contains(words) }, "\(words): \(mistakes)")
        }
        let twice = mistakes(after: JobDependency(JobID("a")), JobDependency(JobID("a"), .running))
        #expect(twice.contains { $0.contains("already") })
    }
}
