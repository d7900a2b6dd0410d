import ArgumentParser
import ClusterClient
import ClusterKit
import FoundationEssentials
import Testing

@testable import ClusterCLI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What people read of allocations, nodes, evaluations and servers.
@Suite struct ShownTextTests {
    /// An allocation with `further` members, as JSON.
    private func allocation(_ further: String, number: Int = 0, status: String = "running") throws -> AllocationWire {
        try Story.decode(Story.allocationText(number, status, further: further))
    }

    /// Those of a node come with their whole jobs, and without the version of lists.
    @Test func theVersionIsReadWhereItStands() throws {
        let text = Story.allocationText(0, "running").replacing(
            "\"JobVersion\":0", with: "\"Job\":{\"ID\":\"web\",\"Version\":9}")
        let found: AllocationWire = try Story.decode(text)
        let lines = AllocationTable.table([found], isVerbose: false, of: .node).text.split(separator: "\n")
        #expect(lines[0].hasPrefix("ID        Job ID  Task Group  Version"))
        #expect(lines[1].hasPrefix("aaaaaaa0  web     app         9 "))
        let older: AllocationWire = try Story.decode(
            Story.allocationText(0, "running").replacing("\"JobVersion\":0", with: "\"Job\":null"))
        #expect(AllocationTable.table([older], isVerbose: false).text.contains("app         <none>"))
    }

    @Test func listsSayWhoseTheyAre() throws {
        let found = [try Story.allocation(0, "running")]
        let header = { (scope: AllocationTable.Scope) in
            AllocationTable.table(found, isVerbose: false, of: scope).header.prefix(4).joined(separator: "|")
        }
        #expect(header(.job) == "ID|Node ID|Task Group|Version")
        #expect(header(.namespace) == "ID|Node ID|Job ID|Task Group")
        #expect(header(.cluster) == "ID|Node ID|Namespace|Job ID")
        let job: JobListItem = try Story.decode(
            """
            {"ID":"j1","Name":"j1","Namespace":"other","Type":"batch","Priority":50,"Status":"running",
             "StatusDescription":"","Stop":false,"ModifyIndex":1,"JobModifyIndex":1}
            """)
        #expect(JobStatus.table([job], withNamespace: true).text.contains("\nj1  other      batch"))
        #expect(!JobStatus.table([job]).text.contains("other"))
        var nightly = job
        nightly.isPeriodic = true
        #expect(JobStatus.table([nightly]).text.contains("\nj1  batch/periodic  50"))
        (nightly.isPeriodic, nightly.isParameterized) = (false, true)
        #expect(JobStatus.table([nightly]).text.contains("\nj1  batch/parameterized  50"))
    }

    @Test func anAllocationTellsOfItsRolloutAndItsWork() throws {
        let found = try allocation(
            """
            "DeploymentID":"dddddddd-1","DeploymentStatus":{"Healthy":false,"Canary":true},
            "Work":{"Busy":true,"Progress":0.404,"KeepCost":2.5},
            """)
        let text = AllocationText(allocation: found).text()
        for line in [
            "Job Version         = 0", "Work                = busy, 40 % done, keep cost 2.5",
            "Deployment ID       = dddddddd", "Deployment Health   = unhealthy", "Canary              = true",
        ] {
            #expect(text.contains(line), "\(text)")
        }
        let plain = AllocationText(allocation: try Story.allocation(0, "running")).text()
        #expect(!plain.contains("Deployment") && !plain.contains("Work") && !plain.contains("Canary"))
    }

    // MARK: Why an instance is not well

    @Test func aFailingCheckIsToldOnce() throws {
        var complaints = Complaints()
        let new = try allocation("\"DeploymentStatus\":null,")
        let checks = [
            new.id: [
                try Story.check("scr", "failure", "critical", output: "oh no"),
                try Story.check("ok", "success", "passing"),
            ]
        ]
        #expect(complaints.look([new], checks: checks) == [], "it may be starting")
        #expect(
            complaints.look([new], checks: checks)
                == ["    Allocation \"aaaaaaa0\" is not well yet: check \"scr\" critical: oh no"])
        #expect(complaints.look([new], checks: checks) == [])
        let unwell = try allocation("\"DeploymentStatus\":{\"Healthy\":false},")
        #expect(
            complaints.look([unwell], checks: checks) == [
                "    Allocation \"aaaaaaa0\" is unwell: check \"scr\" critical: oh no; "
                    + "see: cluster alloc status aaaaaaa0"
            ])
        #expect(complaints.look([unwell], checks: checks) == [])
    }

    @Test func whatEndedSaysWhy() throws {
        var complaints = Complaints()
        var failed = try allocation("\"DeploymentStatus\":{\"Healthy\":false},", status: "failed")
        failed.clientDescription = "Failed tasks"
        #expect(
            complaints.look([failed], checks: [:])
                == ["    Allocation \"aaaaaaa0\" is unwell: Failed tasks; see: cluster alloc status aaaaaaa0"])
    }

    @Test func onlyThoseThatMayBeUnwellAreAskedAfter() throws {
        let well = try allocation("\"DeploymentStatus\":{\"Healthy\":true},")
        let open = try allocation("\"DeploymentStatus\":null,", number: 1)
        let ended = try allocation("\"DeploymentStatus\":null,", number: 2, status: "complete")
        #expect(Complaints.suspects(among: [well, open, ended]).map(\.id) == [open.id])
        let many = Array(repeating: open, count: 99)
        #expect(Complaints.suspects(among: many).count == Complaints.mostAsked)
    }

    @Test func reasonsStandBeforeTheEnd() throws {
        var monitor = RolloutMonitor()
        let failed: DeploymentWire = try Story.decode(
            """
            {"ID":"dddddddd-1","JobID":"web","JobVersion":3,"Status":"failed","StatusDescription":"why",
             "TaskGroups":{},"CreateIndex":4,"ModifyIndex":5}
            """)
        #expect(
            monitor.look(failed, ["    x"]) == [
                "==> Deployment \"dddddddd\" of version 3", "    x", "    why", "==> Deployment \"dddddddd\" failed",
            ])
    }

    // MARK: Nodes and servers

    @Test func aNodeTellsWhatHappenedAndWhatIsTaken() throws {
        let node: NodeWire = try Story.decode(
            """
            {"ID":"ab12-1","Name":"vm","Datacenter":"dc1","NodeClass":"","Drain":false,"Status":"ready",
             "SchedulingEligibility":"ineligible","StatusDescription":"","ModifyIndex":1,
             "NodeResources":{"Cpu":{"CpuShares":4000},"Memory":{"MemoryMB":8000},"Disk":{"DiskMB":9000}},
             "ReservedResources":{"Cpu":{"CpuShares":1000},"Memory":{"MemoryMB":500},"Disk":{"DiskMB":0}},
             "Events":[{"Message":"Node registered","Subsystem":"Cluster","Timestamp":"2026-01-02T03:04:05Z"},
             {"Message":"Node drain strategy set: new disk","Subsystem":"Drain","Timestamp":"2026-01-02T04:04:05.5Z"}]}
            """)
        let held = """
            "AllocatedResources":{"Tasks":{"t":{"Cpu":{"CpuShares":300},"Memory":{"MemoryMB":256}}},
            "Shared":{"DiskMB":150,"Ports":[]}},
            """
        let allocations = [
            try allocation(held, number: 0), try allocation(held, number: 1),
            try allocation(held, number: 2, status: "complete"),
        ]
        let text = NodeText(node: node, allocations: allocations).text()
        #expect(
            text.contains(
                "Allocated Resources\nCPU           Memory        Disk\n600/3000 MHz  512/7500 MiB  300/9000 MiB"))
        #expect(
            text.contains(
                """
                2026-01-02T04:04:05Z  Drain      Node drain strategy set: new disk
                2026-01-02T03:04:05Z  Cluster    Node registered
                """), "\(text)")
    }

    @Test func aNodeIsNamedOrThisMachine() throws {
        let own =
            try ClusterCommand.parseAsRoot(SingleDash.rewritten(["node", "status", "-self"])) as? ClusterCLI.NodeStatus
        #expect(own?.isSelf == true)
        #expect(throws: (any Error).self) { try ClusterCommand.parseAsRoot(["node", "status", "--self", "vm"]) }
    }

    @Test func theLeaderIsMarked() throws {
        let members: MembersWire = try Story.decode(
            """
            {"Members":[{"Name":"a.global","Addr":"10.0.0.1","Port":4646,"Status":"alive",
             "Tags":{"build":"0.1.0","dc":"dc1","region":"global"}}]}
            """)
        let text = ServerMembers.table(members, leader: "10.0.0.1:4646").text
        #expect(text.contains("a.global  10.0.0.1  4646  alive   true    0.1.0  dc1         global"), "\(text)")
        #expect(ServerMembers.table(members, leader: "10.0.0.2:4646").text.contains("alive   false"))
    }

    @Test func anEvaluationSaysWhatCameOfIt() throws {
        let evaluation = try Story.evaluation("complete", refusals: Story.tooLarge, blocked: "99999999-0000")
        let text = EvaluationText(evaluation: evaluation, placed: [try Story.allocation(0, "running")]).text()
        for part in [
            "Triggered By       = job-register", "Placement Failures = true", "Blocked Eval       = 99999999",
            "failed to place 3 allocations", "Placed Allocations\nID",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func anOlderVersionIsShownAsItWas() throws {
        let answer = Array(#"{"Versions":[{"ID":"web","Version":2,"Meta":{"a\"b":"c"}},{"Version":0,"X":1.5}]}"#.utf8)
        let second = try JobInspect.statement(of: 2, in: answer)
        #expect(String(decoding: second, as: UTF8.self) == #"{"ID":"web","Version":2,"Meta":{"a\"b":"c"}}"#)
        let first = try JobInspect.statement(of: 0, in: answer)
        #expect(String(decoding: first, as: UTF8.self) == #"{"Version":0,"X":1.5}"#)
        let error = #expect(throws: ClusterError.self) { try JobInspect.statement(of: 1, in: answer) }
        #expect(error?.code == .notFound && error?.message.contains("0, 2") == true)
    }

    // MARK: Files

    @Test func aPipeIsAFileToo() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let text = "job \"a\" {\n  group \"g\" {\n    task \"t\" { driver = \"raw_exec\" }\n  }\n}\n"
        _ = write(ends[1], text, text.utf8.count)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(try JobInput.text(of: "/dev/fd/\(ends[0])") == text)
        for (path, reason) in [("/nowhere/at/all.hcl", "no such file"), ("/", "folder")] {
            let error = #expect(throws: ClusterError.self) { try JobInput.bytes(of: path) }
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        }
    }

    /// Otherwise servers would ask of it what they ask of a job that somebody wrote.
    @Test func aJobThatServersGaveIsSentBackAsSuch() throws {
        var job = Job("a") { Group("g") { TaskSpec("t", command: "/bin/true") } }
        job.groups[0].update = UpdateStrategy(canary: 3)
        let written = String(decoding: JobDocument(job).json, as: UTF8.self)
        #expect(throws: ClusterError.self) { try JobInput.read(text: written, name: "a.json") }
        var record = JobRecord(job: job, submitTime: WallTime(nanoseconds: 1))
        record.jobModifyRevision = Revision(7)
        let given = String(decoding: JobDocument(record, status: "running").json, as: UTF8.self)
        let document = try JobInput.read(text: given, name: "a.json").document
        #expect(document.standing.jobModifyRevision == Revision(7) && document.statement == job.canonical())
        #expect(try JobDocument(json: document.json).job() == job.canonical(), "and they take it")
    }

    @Test func aPipeWithoutANameMayHoldJSON() throws {
        let job = Job("a", kind: .batch) { Group("g") { TaskSpec("t", command: "/bin/true") } }
        let json = String(decoding: JobDocument(job).json, as: UTF8.self)
        #expect(try JobInput.read(text: json, name: "/dev/fd/63").source.format == "json")
        #expect(throws: JobMistakes.self) { try JobInput.read(text: json, name: "a.nomad.hcl") }
    }
}
