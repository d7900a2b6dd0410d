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
        _ status: String, healthy: Int, _ description: String = "Deployment is running"
    ) throws -> DeploymentWire {
        try decode(
            """
            {"ID":"dddddddd-1","JobID":"web","JobVersion":3,"Status":"\(status)","StatusDescription":"\(description)",
             "TaskGroups":{"app":{"DesiredTotal":2,"DesiredCanaries":0,"PlacedAllocs":2,"HealthyAllocs":\(healthy),
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
                - Group "app": 1 instances, for task "t" > env

                Job Modify Index: 7
                To submit the job only if nobody changes it meanwhile:

                cluster job run -check-index 7 web.hcl
                """)
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
             "Notes":[{"Version":1,"Author":"ann","Reason":"faster","Tag":"golden"}]}
            """)
        let text = JobHistory.text(history, of: "web", withChanges: true)
        for line in [
            "Job ID = web", "Author      = ann", "Reason      = faster", "Tag Name    = golden",
            "Priority: \"50\" => \"60\"",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }
}
