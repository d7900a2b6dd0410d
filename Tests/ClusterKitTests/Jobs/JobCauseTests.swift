import ClusterKit
import Testing

/// What jobs say of failures of single causes.
@Suite struct JobCauseTests {
    private func job(_ group: String, job: String = "", kind: String = "batch") throws -> Job {
        let text = """
            job "j" {
              type = "\(kind)"
              \(job)
              group "g" {
                \(group)
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
            }
            """
        return try JobFile(text: text).job()
    }

    private func causes(
        _ group: String, job words: String = "", kind: String = "batch"
    ) throws -> [FailureCause: RescheduleRule] {
        try job(group, job: words, kind: kind).validated().groups[0].reschedule.causes
    }

    private func mistakes(_ reading: () throws -> Job) -> String {
        do {
            _ = try reading().validated()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// Nomad's rule for batch jobs.
    private let standard = ReschedulePolicy.standard(for: .batch).rule

    @Test func whatABlockLeavesOutIsAsAround() throws {
        #expect(try causes("reschedule {\n attempts = 3\n}").isEmpty && causes("").isEmpty)
        let found = try causes(
            """
            reschedule {
              attempts = 3
              interval = "12h"
              on "disk" { delay = "7s" }
              on "driver" {
                attempts = 9
                interval = "1h"
                delay_function = "fibonacci"
                max_delay = "2m"
              }
              on "setup" { unlimited = true }
            }
            """)
        var around = standard
        (around.attempts, around.interval) = (3, .seconds(43_200))
        var (disk, driver, setup) = (around, around, around)
        disk.delay = .seconds(7)
        (driver.attempts, driver.interval) = (9, .seconds(3600))
        (driver.delayFunction, driver.maxDelay) = (.fibonacci, .seconds(120))
        (setup.unlimited, setup.attempts, setup.interval) = (true, 0, .zero)
        #expect(found == [.disk: disk, .driver: driver, .setup: setup])
    }

    /// In the block around, 0 attempts leave a service's default of no limit; here they mean none.
    @Test func noAttemptsMeanNone() throws {
        let memory = try causes("reschedule {\n on \"memory\" { attempts = 0 }\n}", kind: "service")[.memory]
        #expect(memory?.attempts == 0 && memory?.unlimited == false)
        let document = try JobDocument(
            json: """
                {"ID": "j", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "raw_exec"}],
                 "ReschedulePolicy": {"Causes": {"memory": {"Attempts": 0}}}}]}
                """
        ).job()
        #expect(document.groups[0].reschedule.causes[.memory] == memory)
    }

    @Test func whatTheJobSaysOfACauseHoldsForGroupsThatSayNothingOfIt() throws {
        let words = "reschedule {\n on \"disk\" { attempts = 4 }\n on \"node\" { attempts = 6 }\n}"
        let group = "reschedule {\n delay = \"1m\"\n on \"disk\" { delay = \"9s\" }\n}"
        var (disk, node) = (standard, standard)
        (disk.attempts, disk.delay, node.attempts) = (4, .seconds(9), 6)
        #expect(try causes(group, job: words) == [.disk: disk, .node: node])
        disk.delay = standard.delay
        #expect(try causes("", job: words) == [.disk: disk, .node: node])
    }

    @Test func documentsSayTheSame() throws {
        let job = try job("reschedule {\n on \"disk\" { attempts = 5 }\n on \"exit\" { unlimited = true }\n}")
            .validated()
        let document = JobDocument(job)
        #expect(try JobDocument(json: document.json).job() == job)
        let text = String(decoding: document.json, as: UTF8.self)
        #expect(text.contains(#""Unlimited":false,"Causes":{"disk":{"Attempts":5,"#))
        let plain = String(decoding: JobDocument(try self.job("")).json, as: UTF8.self)
        #expect(!plain.contains("Causes"), "all other jobs look as Nomad's do")
    }

    @Test(arguments: [
        (
            "on \"network\" { attempts = 2 }",
            "causes disk, driver, exit, memory, node, setup; is \"network\""
        ),
        (
            "on \"disk\" { attempts = 2 }\n on \"disk\" { attempts = 3 }",
            "group \"g\" > reschedule > on \"disk\": is there already"
        ),
        ("on \"disk\" { delay = \"4s\" }", "reschedule > on \"disk\".delay: must be at least 5s, is 4s"),
        ("on \"disk\" { attempts = -1 }", "reschedule > on \"disk\".attempts: must be at least 0, is -1"),
        ("on \"disk\" {\n attempts = 2\n unlimited = true\n}", "on \"disk\".attempts: either unlimited or"),
        ("on \"disk\" { delay_function = \"exponential\" }", "on \"disk\".max_delay: must not be shorter than"),
        ("on \"disk\" { mode = \"fail\" }", "mode"), ("on { attempts = 2 }", "label"),
    ])
    func mistakesAreNamed(block: String, message: String) {
        let found = mistakes { try job("reschedule {\n \(block)\n}") }
        #expect(found.contains(message), "\(found)")
    }

    @Test(arguments: [
        (#"{"network": {"Attempts": 2}}"#, #"Causes["network"]: a failure has one of the causes disk, driver"#),
        (#"{"disk": {"Attempts": 2}, "disk": {"Attempts": 3}}"#, #"Causes["disk"]: is there already"#),
        (#"{"disk": {"Attempts": "2"}}"#, #"Causes["disk"].Attempts: must be a whole number"#),
        (#"{"disk": 2}"#, #"Causes["disk"]: must be an object"#), ("[]", "ReschedulePolicy.Causes: must be an object"),
        (#"{"disk": {"Delay": 4000000000}}"#, "on \"disk\".delay: must be at least 5s, is 4s"),
    ])
    func mistakesInDocumentsAreNamed(causes: String, message: String) {
        let text = """
            {"ID": "j", "Type": "batch", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "raw_exec"}],
             "ReschedulePolicy": {"Causes": \(causes)}}]}
            """
        let found = mistakes { try JobDocument(json: text).job() }
        #expect(found.contains(message), "\(found)")
    }

    @Test func whatRunsOnEveryNodeHasNone() {
        let found = mistakes { try job("reschedule {\n on \"disk\" { attempts = 2 }\n}", kind: "system") }
        #expect(found.contains("stay on their nodes; remove the block"))
    }

    @Test func aPlanNamesEachFieldThatDiffers() throws {
        let old = try job("reschedule {\n on \"disk\" { attempts = 5 }\n}")
        let new = try job("reschedule {\n on \"disk\" { attempts = 6 }\n on \"memory\" { attempts = 0 }\n}")
        let policy = try #require(JobDiff(from: old, to: new).job.parts.first?.objects.first)
        let blocks = try #require(policy.objects.first).objects
        #expect(policy.name == "ReschedulePolicy" && policy.objects.map(\.name) == ["Causes"])
        #expect(blocks.map(\.name) == ["disk", "memory"] && blocks.map(\.kind) == [.edited, .added])
        #expect(blocks[0].fields.map { [$0.name, $0.old, $0.new] } == [["Attempts", "5", "6"]])
        #expect(JobChange.changedFields(from: old, to: new) == ["group \"g\" > reschedule"])
    }

    /// A rule's record, which is what a policy's was before causes had rules of their own. Today's ends with `causes`.
    private func record(_ causes: [FailureCause: RescheduleRule]? = nil) -> [UInt8] {
        var writer = RecordWriter()
        writer.record {
            $0.put(4)
            $0.put(Duration.seconds(3600))
            $0.put(Duration.seconds(7))
            $0.put(DelayFunction.fibonacci)
            $0.put(Duration.seconds(90))
            $0.put(false)
            if let causes { $0.put(causes) }
        }
        return writer.bytes
    }

    @Test func recordsKeepTheirForm() throws {
        let rule = RescheduleRule(
            attempts: 4, interval: .seconds(3600), delay: .seconds(7), delayFunction: .fibonacci,
            maxDelay: .seconds(90), unlimited: false)
        #expect(try ReschedulePolicy(decoding: record()) == ReschedulePolicy(rule), "older ones have no causes")
        #expect(rule.encoded == record() && ReschedulePolicy(rule).encoded == record([:]))
        let policy = ReschedulePolicy(rule, causes: [.disk: standard, .node: rule])
        #expect(policy.encoded == record(policy.causes))
        #expect(try ReschedulePolicy(decoding: record(policy.causes)) == policy)
    }
}
