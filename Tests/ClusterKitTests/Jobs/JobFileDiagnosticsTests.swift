import ClusterKit
import HCL
import Testing

@Suite("Mistakes in job files")
struct JobFileDiagnosticsTests {
    private func mistakes(_ text: String) -> [String] {
        JobFile(text: text, file: "j.hcl").read().diagnostics.map(\.description)
    }

    /// A job whose one task holds `inner`.
    private func mistakes(inTask inner: String) -> [String] {
        mistakes("job \"j\" {\n group \"g\" {\n  task \"t\" {\n   driver = \"raw_exec\"\n\(inner)\n}}}")
    }

    @Test func boundsWithoutAHighestCountAreOneMistake() {
        let task = "task \"t\" {\n   driver = \"raw_exec\"\n   config {\n    command = \"/bin/true\"\n   }\n  }"
        let found = mistakes("job \"j\" {\n group \"g\" {\n  count = 2\n  scaling {}\n  \(task)\n }\n}")
        #expect(found.count == 1 && found[0].contains("must say how many instances"), "\(found)")
    }

    @Test func everyMistakeOfAFileIsToldWithLineAndCaret() throws {
        let error = #expect(throws: ClusterError.self) { try Fixture.file("broken").job() }
        #expect(error?.code == .invalid)
        let expected = """
            broken.nomad.hcl:2,14: error: job.priority: must be at most 100, is 200
              2 |   priority = 200
                |              ^^^

            broken.nomad.hcl:5,5: error: unknown attribute "cuont"
              5 |     cuont = 2
                |     ^^^^^
                = Did you mean "count"?

            broken.nomad.hcl:15,30: error: "var" has no "missing"
              15 |         command = "/bin/${var.missing}"
                 |                              ^^^^^^^^
                 = Declare it: variable "missing" {}

            broken.nomad.hcl:18,7: error: "artifact" blocks are not supported
              18 |       artifact {
                 |       ^^^^^^^^
                 = Remove the block, and let the task fetch what it needs.

            broken.nomad.hcl:23,18: error: group "web" > task "srv" > resources.memory: must be at least 10, is 5
              23 |         memory = 5
                 |                  ^

            broken.nomad.hcl:27,16: error: group "web" > task "srv" > service "broken-web-srv".port: \
            no port is called "htpp"; the group has http
              27 |         port = "htpp"
                 |                ^^^^^^
            """
        #expect(error?.message == expected)
    }

    @Test func syntaxAndRulesAreToldTogether() {
        let found = mistakes(
            "job \"j\" {\n priority = 0 0\n group \"g\" {\n  count = -1\n  task \"t\" {\n   driver = \n  }\n }\n}")
        #expect(found.count == 3, "\(found)")
        #expect(found.contains { $0.hasPrefix("j.hcl:2,") } && found.contains { $0.hasPrefix("j.hcl:6,") })
        #expect(found.contains { $0.contains("group \"g\".count: must be at least 0, is -1") })
    }

    @Test func aMistakeIsToldOnce() {
        #expect(mistakes(inTask: "drvier = \"x\"").count == 1)
        #expect(mistakes("job \"j\" {\n group \"g\" {\n  task \"t\" {\n   drivr = \"raw_exec\"\n}}}").count == 1)
        #expect(mistakes("job \"j\" {\n group {\n  task \"t\" { driver = \"raw_exec\" }\n}}").count == 1)
        #expect(mistakes(inTask: "resources { memory = \"much\" }").count == 1)
        #expect(mistakes(inTask: "resources {\n cpu = 100\n cores = 2\n}").count == 1)
    }

    @Test func whatIsMissingPointsAtItsBlock() {
        let found = mistakes("job \"j\" {\n group \"g\" {\n  task \"t\" {\n  }\n }\n}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("j.hcl:3,3: error: group \"g\" > task \"t\".driver: must say how") == true)
        #expect(mistakes("job \"j\" {}").first?.hasPrefix("j.hcl:1,1: error: job: has no group") == true)
        #expect(mistakes("").first?.contains("holds one \"job\" block, not 0") == true)
    }

    @Test func canariesWithoutInstancesArePointedAt() {
        let found = mistakes(
            "job \"j\" {\n group \"g\" {\n  count = 2\n  update {\n   canary = 3\n  }\n"
                + "  task \"t\" { driver = \"raw_exec\" }\n}}")
        let words = "j.hcl:5,13: error: group \"g\" > update.canary: is 3, but the group has 2 instances"
        #expect(found.count == 1 && found[0].hasPrefix(words), "\(found)")
    }

    @Test func theSecondJobOfAFileIsPointedAt() {
        let job = "{\n group \"g\" {\n  task \"t\" { driver = \"raw_exec\" }\n}}\n"
        #expect(mistakes("job \"a\" {}\njob \"b\" {}").count == 1)
        let found = mistakes("job \"a\" \(job)job \"b\" \(job)")
        #expect(found.count == 1 && found[0].hasPrefix("j.hcl:5,1: error: a job file holds one \"job\" block; this is"))
    }

    @Test func theNameOfAJobIsCheckedBesideAllElse() {
        let found = mistakes(
            "job \"x y\" {\n type = \"servce\"\n group \"g\" {\n task \"t\" { driver = \"raw_exec\" }\n}}")
        #expect(found.contains { $0.hasPrefix("j.hcl:1,1: error: job.id: may hold") }, "\(found)")
        #expect(found.contains { $0.hasPrefix("j.hcl:2,") }, "\(found)")
    }

    @Test func whatIsNullInAMapIsAbsent() throws {
        let text = """
            job "j" {
              meta { a = null }
              group "g" {
                task "t" {
                  driver = "raw_exec"
                  env    = { A = null, B = "b" }
                }
              }
            }
            """
        let job = try JobFile(text: text, file: "j.hcl").job()
        #expect(job.meta == [:] && job.groups[0].tasks[0].environment == ["B": "b"])
    }

    @Test func aCircleOfGroupsIsPointedAtWhereItIsStated() {
        let group = "{\n task \"t\" { driver = \"raw_exec\" }\n after = "
        let found = mistakes("job \"j\" {\n group \"a\" \(group)[\"b\"]\n}\n group \"b\" \(group)[\"a\"]\n}}")
        #expect(found.count == 1 && found[0].hasPrefix("j.hcl:4,10: error: group \"a\".after: groups wait"), "\(found)")
    }

    @Test(arguments: [
        ("attr.kernel.name", "to ask the node write ${attr.kernel.name}"),
        ("node.class", "to ask the node write ${node.class}"),
        ("$" + "{node.foo}", "no node has ${node.foo}; nodes have ${node.unique.id}"),
    ])
    func whatNoNodeCanMeetIsRefused(attribute: String, message: String) {
        let found = mistakes(inTask: "constraint {\n attribute = \"\(attribute)\"\n value = \"x\"\n}")
        #expect(found.count == 1 && found[0].hasPrefix("j.hcl:6,14"), "\(found)")
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test(arguments: [
        ("$" + "{node.foo}", "operator = \"is_not_set\""), ("$" + "{node.foo}", "operator = \"!=\"\n value = \"x\""),
        ("attr.kernel.name", "operator = \"!=\"\n value = \"x\""),
    ])
    func whatEveryNodeMeetsIsTaken(attribute: String, rest: String) {
        let found = mistakes(inTask: "constraint {\n attribute = \"\(attribute)\"\n \(rest)\n}")
        #expect(found.isEmpty, "\(found)")
    }

    @Test(arguments: [("$" + "{node.foo}", "is_set"), ("attr.kernel.name", "is_not_set")])
    func whatNoNodeHasIsAskedForInVain(attribute: String, comparison: String) {
        let found = mistakes(
            inTask: "constraint {\n attribute = \"\(attribute)\"\n operator = \"\(comparison)\"\n}")
        #expect(found.count == 1, "\(found)")
    }

    @Test func theJobsConstraintIsToldFromTheGroups() {
        func constraint(_ value: String) -> String {
            "constraint {\n attribute = \"${attr.kernel.name}\"\n value = \"\(value)\"\n}\n"
        }
        let task = "task \"t\" { driver = \"raw_exec\" }"
        let found = mistakes("job \"j\" {\n\(constraint("linux"))group \"g\" {\n\(constraint("darwin"))\(task)\n}}")
        #expect(found.count == 1 && found[0].contains("together with the job's constraint[0]"), "\(found)")
    }

    @Test(arguments: [
        ("check {\n type = \"tcp\"\n port = \"p\"\n timeout = \"1s\"\n}", ".interval: must be stated")
    ])
    func whatACheckLeavesOutIsNamed(check: String, message: String) {
        let found = mistakes(inTask: "service {\n name = \"x\"\n port = \"8080\"\n\(check)\n}")
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(arguments: [
        "artifact", "vault", "consul", "volume_mount", "scaling", "identity",
    ])
    func unsupportedBlocksOfTasksAreNamed(type: String) {
        let found = mistakes(inTask: "\(type) {\n x = 1\n}")
        #expect(found.count == 1 && found[0].contains("\"\(type)\" blocks are not supported"), "\(found)")
        #expect(found[0].hasPrefix("j.hcl:5,1"))
    }

    @Test(arguments: ["multiregion", "vault"])
    func unsupportedBlocksOfJobsAreNamed(type: String) {
        let found = mistakes("job \"j\" {\n\(type) {}\ngroup \"g\" {\n task \"t\" { driver = \"raw_exec\" }\n}}")
        #expect(found.count == 1 && found[0].contains("\"\(type)\" blocks are not supported"), "\(found)")
    }

    @Test(arguments: ["vault", "consul"])
    func unsupportedBlocksOfGroupsAreNamed(type: String) {
        let found = mistakes("job \"j\" {\ngroup \"g\" {\n\(type) {}\n task \"t\" { driver = \"raw_exec\" }\n}}")
        #expect(found.count == 1 && found[0].contains("blocks are not supported"), "\(found)")
    }

    @Test(arguments: [
        ("user = \"root\"", "\"user\" is not supported"),
        ("lifecycle {\n hook = \"before\"\n}", "must be one of prestart, poststart, poststop; is \"before\""),
        ("lifecycle {}", "must be one of prestart, poststart, poststop; is \"\""),
        ("kind = \"connect-proxy\"", "\"kind\" is not supported"),
        ("resources {\n network {}\n}", "Move the block into the group"),
        ("kill_timeout = 30", "The unit is missing"), ("kill_signal = \"SIGFOO\"", "no signal is called \"SIGFOO\""),
        ("service {\n name = \"x\"\n check {\n type = \"grpc\"\n}}", "checks of type \"grpc\" are not supported"),
        ("restart { mode = \"retry\" }", "must be one of fail, delay"),
    ])
    func unsupportedValuesAreNamed(inner: String, message: String) {
        let found = mistakes(inTask: inner)
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(arguments: [
        ("sticky", "Remove it: a new instance begins with an empty disk."),
        ("migrate", "Remove it: data stays on the node where it was written."),
    ])
    func aDiskThatOutlivesItsInstanceIsRefused(name: String, advice: String) {
        let disk = "ephemeral_disk {\n \(name) = true\n}"
        let found = mistakes("job \"j\" {\n group \"g\" {\n\(disk)\n task \"t\" { driver = \"raw_exec\" }\n}}")
        #expect(found.count == 1 && found[0].contains("\"\(name)\" is not supported"), "\(found)")
        #expect(found.first?.hasPrefix("j.hcl:4,") == true && found.first?.contains(advice) == true, "\(found)")
    }

    @Test func kindsOfJobsAreFour() {
        let found = mistakes("job \"j\" {\n type = \"cron\"\n group \"g\" {\n task \"t\" { driver = \"x\" }\n}}")
        #expect(found.count == 1 && found[0].contains("must be one of service, batch, system, sysbatch"), "\(found)")
    }

    @Test(arguments: ["bridge", "none", "cni/mynet"])
    func otherNetworksAreNamed(mode: String) {
        let found = mistakes(
            "job \"j\" {\n group \"g\" {\n network {\n mode = \"\(mode)\"\n}\n task \"t\" { driver = \"x\" }\n}}")
        #expect(found.count == 1 && found[0].contains("\"\(mode)\" networks are not supported"), "\(found)")
    }

    @Test func unsupportedBlocksCannotHideInDynamicOnes() {
        let found = mistakes(
            """
            job "j" {
              group "g" {
                dynamic "consul" {
                  for_each = [1]
                  content {}
                }
                task "t" { driver = "x" }
              }
            }
            """)
        #expect(found.count == 1 && found[0].contains("\"consul\" blocks are not supported"), "\(found)")
    }

    @Test func whatAsksForNothingIsTaken() {
        #expect(mistakes(inTask: "leader = false\nuser = \"\"\nshutdown_delay = 0") == [])
    }

    @Test func secondOfTwoEqualNamesIsPointedAt() {
        let group = "group \"g\" {\n task \"t\" { driver = \"x\" }\n}"
        let found = mistakes("job \"j\" {\n\(group)\n\(group)\n}")
        #expect(found.count == 1 && found[0].hasPrefix("j.hcl:5,1: error: group \"g\": the group \"g\""), "\(found)")
    }
}
