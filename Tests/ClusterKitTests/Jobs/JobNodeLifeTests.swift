import ClusterKit
import HCL
import Testing

@Suite("What jobs say of nodes that come and go") struct JobNodeLifeTests {
    private func file(_ inGroup: String, inJob: String = "", type: String = "service") -> JobFile {
        JobFile(
            text: """
                job "j" {
                  type = "\(type)"
                \(inJob)
                  group "g" {
                \(inGroup)
                    task "t" {
                      driver = "raw_exec"
                    }
                  }
                }
                """, file: "j.hcl")
    }

    private let migrate = """
        migrate {
          max_parallel     = 3
          health_check     = "task_states"
          min_healthy_time = "5s"
          healthy_deadline = "2m"
        }
        """

    @Test func migrateIsReadAndWritten() throws {
        let wanted = MigrateStrategy(
            maxParallel: 3, healthCheck: "task_states", minHealthyTime: .seconds(5), healthyDeadline: .seconds(120))
        let job = try file(migrate).job()
        #expect(job.groups.first?.migrate == wanted)
        #expect(try JobDocument(json: String(decoding: JobDocument(job).json, as: UTF8.self)).job() == job)
        let inherited = try file("migrate {\n max_parallel = 1\n}", inJob: migrate).job()
        #expect(inherited.groups.first?.migrate?.maxParallel == 1)
        #expect(inherited.groups.first?.migrate?.minHealthyTime == .seconds(5))
        #expect(JobChange.changedFields(from: try file("").job(), to: job) == ["group \"g\" > migrate"])
        #expect(!JobChange.needsReplacement(group: "g", from: try file("").job(), to: job))
    }

    @Test func theDefaultIsNomadsAndNeedNotBeStated() throws {
        let plain = try file("").job()
        #expect(plain.groups.first?.migrate == nil)
        #expect(try file("migrate {}").job() == plain)
        let json = String(decoding: JobDocument(plain).json, as: UTF8.self)
        #expect(
            json.contains(
                #""Migrate":{"HealthCheck":"checks","HealthyDeadline":300000000000,"MaxParallel":1,"#
                    + #""MinHealthyTime":10000000000}"#))
    }

    @Test func scalingIsReadAndWrittenAndItsMinimumIsTheCount() throws {
        let text = """
            scaling {
              min     = 2
              max     = 5
              enabled = false
              policy {
                cooldown = "1m"
              }
            }
            """
        let job = try file(text).job()
        #expect(job.groups.first?.count == 2)
        #expect(
            job.groups.first?.scaling
                == ScalingBounds(min: 2, max: 5, isEnabled: false, policy: ["cooldown": .string("1m")]))
        #expect(try JobDocument(json: String(decoding: JobDocument(job).json, as: UTF8.self)).job() == job)
        let counted = try file("count = 3\nscaling {\n max = 5\n}").job()
        #expect(counted.groups.first?.count == 3 && counted.groups.first?.scaling?.min == 3)
        #expect(!JobChange.needsReplacement(group: "g", from: try file("").job(), to: job))
    }

    @Test(arguments: [
        ("scaling {\n min = 1\n}", "service", "at most"),
        ("scaling {\n min = 3\n max = 2\n}", "service", "must not exceed the max of 2"),
        ("count = 9\nscaling {\n min = 1\n max = 2\n}", "service", "within the bounds of the scaling block, 1...2"),
        ("scaling {\n max = 2\n}", "system", "one instance on each node"),
        ("migrate {\n max_parallel = 0\n}", "service", "max_parallel"),
        ("migrate {\n health_check = \"manual\"\n}", "service", "health_check"),
        ("migrate {\n min_healthy_time = \"10m\"\n}", "service", "must be shorter than the healthy_deadline of 5m"),
        ("migrate {\n max_parallel = 2\n}", "batch", "stay until a drain's deadline"),
    ])
    func mistakesAreNamed(inGroup: String, type: String, words: String) {
        let error = #expect(throws: ClusterError.self) { try file(inGroup, type: type).job() }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}
