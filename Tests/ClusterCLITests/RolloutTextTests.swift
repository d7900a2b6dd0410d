import ArgumentParser
import ClusterClient
import ClusterKit
import FoundationEssentials
import Testing

@testable import ClusterCLI

/// What the command line says of roll-outs, versions and plans.
struct RolloutTextTests {
    private func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    private func deployment(
        _ status: String, healthy: Int, _ description: String = "Deployment is running", placed: Int = 2,
        canaries: Int = 0
    ) throws -> DeploymentWire {
        try decode(
            """
            {"ID":"dddddddd-1","JobID":"web","JobVersion":3,"Status":"\(status)","StatusDescription":"\(description)",
             "TaskGroups":{"app":{"DesiredTotal":2,"DesiredCanaries":\(canaries),"PlacedAllocs":\(placed),
             "HealthyAllocs":\(healthy),
             "UnhealthyAllocs":0,"Promoted":false,"AutoRevert":false,"RequireProgressBy":"0001-01-01T00:00:00Z"}},
             "CreateIndex":4,"ModifyIndex":5}
            """)
    }

    @Test func aDeploymentIsToldStepByStep() throws {
        var monitor = RolloutMonitor()
        #expect(
            monitor.look(try deployment("running", healthy: 0)) == [
                "==> Deployment \"dddddddd\" of version 3", "    Group \"app\": 2 placed, 0 of 2 healthy",
                "    Deployment is running",
            ])
        #expect(monitor.look(try deployment("running", healthy: 0)) == [])
        #expect(
            monitor.look(try deployment("running", healthy: 1)) == ["    Group \"app\": 2 placed, 1 of 2 healthy"])
        let end = monitor.look(try deployment("failed", healthy: 1, "Failed due to progress deadline"))
        #expect(end == ["    Failed due to progress deadline", "==> Deployment \"dddddddd\" failed"])
    }

    @Test func whoHasToPromoteIsToldHow() throws {
        var monitor = RolloutMonitor()
        let text = "Deployment is running but requires manual promotion"
        #expect(
            monitor.look(try deployment("running", healthy: 0, text)).last
                == "    Once the canaries are good: cluster deployment promote dddddddd")
    }

    // MARK: Standing still

    private static let awaits = "Deployment is running but requires manual promotion"

    /// Nobody knows how long it takes until someone promotes the canaries: the terminal is given back.
    @Test func whoWaitsForPromotionIsNotWatchedForEver() throws {
        var standstill = Standstill()
        let early = try deployment("running", healthy: 0, Self.awaits, placed: 1, canaries: 1)
        for _ in 0..<9 { #expect(standstill.look(early, []) == nil, "its canary may be well any moment, or fail") }
        let found = standstill.look(try deployment("running", healthy: 1, Self.awaits, placed: 1, canaries: 1), [])
        #expect(found?.outcome == .awaitsPeople)
        #expect(found?.lines.first?.hasSuffix("cluster deployment promote dddddddd") == true)
        let both = try deployment(
            "running", healthy: 1, "Deployment is running pending automatic promotion", canaries: 1)
        #expect(standstill.look(both, []) == nil)
    }

    @Test func whatIsPausedIsNotWatched() throws {
        var standstill = Standstill()
        let found = standstill.look(try deployment("paused", healthy: 1, "Deployment is paused"), [])
        #expect(found?.outcome == .awaitsPeople)
        #expect(found?.lines == ["==> It is paused and goes on with: cluster deployment resume dddddddd"])
        #expect(standstill.look(try deployment("successful", healthy: 2), []) == nil)
    }

    /// Room may come free in a moment, as what is rolled out ends what ran before; or in a week.
    @Test func whatWaitsForRoomIsNotWatchedUntilTheDeadline() throws {
        let blocked = try Story.evaluation("blocked", refusals: Story.tooLarge)
        let (half, unsettled) = (
            try deployment("running", healthy: 1, placed: 1), try deployment("running", healthy: 0, placed: 1)
        )
        var standstill = Standstill()
        #expect(standstill.look(half, [blocked]) == nil && standstill.look(half, [blocked]) == nil)
        #expect(standstill.look(unsettled, [blocked]) == nil, "what was placed is not known to be well")
        #expect(standstill.look(half, [blocked]) == nil && standstill.look(half, [blocked]) == nil)
        let found = standstill.look(half, [blocked])
        #expect(found?.outcome == .notPlaced)
        #expect(
            found?.lines.contains("      * memory: needs 9000 MiB, most free is 500 MiB on n1 (1 node looked at)")
                == true)
        #expect(found?.lines.last?.hasSuffix("see: cluster job why web") == true)
    }

    @Test func otherWorkIsWaitedFor() throws {
        let held = try Story.evaluation("blocked", refusals: Story.held)
        var standstill = Standstill()
        for _ in 0..<9 {
            #expect(standstill.look(try deployment("running", healthy: 1, placed: 1), [held]) == nil)
        }
    }

    private func plan(restarts: Int, place: Int = 0) throws -> JobPlanWire {
        try decode(
            """
            {"Annotations":{"DesiredTGUpdates":{"app":{"Place":\(place),"Canary":0,"DestructiveUpdate":\(restarts),
             "Stop":0,"Restarts":\(restarts),"RestartReasons":["task \\"t\\" > env"]}}},
             "Diff":{"Type":"Edited","Fields":[{"Name":"Priority","Type":"Edited","Old":"50","New":"60"}],
             "TaskGroups":[{"Name":"app","Type":"Edited","Updates":{"create/destroy update":1},
             "Tasks":[{"Name":"t","Type":"Edited","Annotations":["forces create/destroy update"],
             "Fields":[{"Name":"Env[A]","Type":"Added","Old":"","New":"1"}]}]}]},
             "FailedTGAllocs":null,"JobModifyIndex":7}
            """)
    }

    @Test func aPlanSaysWhatRestartsAndHowToGoOn() throws {
        let text = JobPlanCommand.text(try plan(restarts: 1), of: "web", file: "web.hcl")
        #expect(
            text == """
                +/- Job: "web"
                  +/- Priority: "50" => "60"
                  +/- Task Group: "app" (1 create/destroy update)
                    +/- Task: "t" (forces create/destroy update)
                      + Env[A]: "1"

                Restarts:
                - Group "app": 1 instance, for task "t" > env

                Job Modify Index: 7
                To submit the job only if nobody changes it meanwhile:

                cluster job run -check-index 7 web.hcl
                """)
        let many = JobPlanCommand.text(try plan(restarts: 3), of: "web", file: "web.hcl")
        #expect(many.contains("Restarts:\n- Group \"app\": 3 instances, for task \"t\" > env\n"), "\(many)")
    }

    @Test func whatIsNewAsAWholeIsShownInShort() throws {
        var plan = try plan(restarts: 0, place: 1)
        plan.diff = try decode(
            """
            {"Type":"Added","Fields":[{"Name":"Priority","Type":"Added","Old":"","New":"60"}],
             "Objects":[{"Name":"Update","Type":"Added",
             "Fields":[{"Name":"Canary","Type":"Added","Old":"","New":"1"}]}],
             "TaskGroups":[{"Name":"app","Type":"Added","Updates":{"create":1},
             "Tasks":[{"Name":"t","Type":"Added","Annotations":["forces create"],
             "Fields":[{"Name":"Env[A]","Type":"Added","Old":"","New":"1"}]}]}]}
            """)
        let short = JobPlanCommand.text(plan, of: "web", file: "web.hcl")
        #expect(
            short.hasPrefix(
                """
                + Job: "web"
                  + Task Group: "app" (1 create)
                    + Task: "t" (forces create)

                Restarts:
                """), "\(short)")
        let long = JobPlanCommand.text(plan, of: "web", file: "web.hcl", isVerbose: true)
        for part in ["+ Priority: \"60\"", "+ Canary: \"1\"", "+ Env[A]: \"1\""] {
            #expect(long.contains(part), "\(long)")
        }
    }

    @Test func aPlanSaysWhenAJobBeginsNext() throws {
        var plan = try plan(restarts: 0)
        #expect(!JobPlanCommand.text(plan, of: "web", file: "web.hcl").contains("begin next"))
        plan.nextLaunch = "2099-01-01T00:00:00Z"
        let text = JobPlanCommand.text(plan, of: "web", file: "web.hcl")
        #expect(text.contains("\n\nIf it were submitted now, it would begin next at 2099-01-01T00:00:00Z.\n\n"))
    }

    @Test func aPlanNamesWhatEndsToMakeRoom() throws {
        var plan = try plan(restarts: 0, place: 1)
        #expect(!JobPlanCommand.text(plan, of: "web", file: "web.hcl").contains("Preemptions"))
        plan.annotations.preempted = [
            try decode(#"{"ID":"eeeeeeee-1","JobID":"low","Namespace":"default","TaskGroup":"g"}"#)
        ]
        let text = JobPlanCommand.text(plan, of: "web", file: "web.hcl")
        #expect(text.contains("Preemptions: these end to make room:\nAlloc ID"))
        #expect(text.contains("eeeeeeee  default    low     g"), "\(text)")
    }

    @Test func aPlanThatCreatesOrEndsNothingIsKnown() throws {
        #expect(try plan(restarts: 0).changesNothing)
        #expect(try !plan(restarts: 1).changesNothing)
        #expect(try !plan(restarts: 0, place: 1).changesNothing)
        #expect(Ending.planError.rawValue == 255)
    }

    @Test func historySaysWhoAndWhy() throws {
        let history: JobVersionsWire = try decode(
            """
            {"Versions":[{"Version":1,"Stable":false,"SubmitTime":0},{"Version":0,"Stable":true,"SubmitTime":0}],
             "Diffs":[{"Type":"Edited","Fields":[{"Name":"Priority","Type":"Edited","Old":"50","New":"60"}]}],
             "Notes":[{"Version":1,"Author":"ann","Reason":"faster","Tag":"golden"},
                      {"Version":0,"Author":"a\\u001b[2Jb","Reason":"one\\nVersion = 7","Tag":"t\\r\\nx"}]}
            """)
        let text = JobHistory.text(history, of: "web", withChanges: true)
        for line in [
            "Job ID = web", "Author      = ann", "Reason      = faster", "Tag Name    = golden",
            "Priority: \"50\" => \"60\"", "Author      = a [2Jb", "Reason      = one Version = 7", "Tag Name    = t x",
        ] {
            #expect(text.contains(line), "\(text)")
        }
        #expect(throws: (any Error).self) {
            try ClusterCommand.parseAsRoot(["job", "tag", "--name", "a\u{1B}b", "web"])
        }
    }

    @Test func valuesOfManyLinesStayOnOne() throws {
        let diff: DiffWire = try decode(
            #"{"Type":"Edited","Fields":[{"Name":"Data","Type":"Edited","Old":"a\n","New":"b\u001b\"c"}]}"#)
        #expect(DiffText.text(diff) == #"  +/- Data: "a\n" => "b\u001b\"c""#)
    }
}
