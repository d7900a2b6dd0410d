import AsyncHTTPClient
import ClusterClient
import ClusterKit
import NIOCore
import Testing

/// Roll-outs, versions and plans by Nomad's paths.
struct RolloutRouteTests {
    private static func job(_ program: String, canary: Int = 0, atMostOne: Bool = false) -> Job {
        var job = Sample.job("svc")
        job.groups[0].network = nil
        job.groups[0].atMostOne = atMostOne
        job.groups[0].tasks[0].config = ["command": .string(program)]
        job.groups[0].update = UpdateStrategy(minHealthyTime: .zero, canary: canary)
        job.datacenters = ["*"]
        return job
    }

    private static func body(_ job: Job, _ more: String = "") -> [UInt8] {
        Array(#"{"Job":"#.utf8) + JobDocument(job).json + Array("\(more)}".utf8)
    }

    /// Registers a node and lets whatever is placed on it run, until the newest roll-out is as it shall be.
    private static func run(_ cluster: TestCluster, until isDone: (Deployment?) -> Bool) async throws -> Deployment? {
        let node = Node(
            id: Sample.node, name: "n", capacity: Resources(cpuMHz: 9000, memoryMiB: 9000, diskMiB: 90_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        _ = try await cluster.server.register(node)
        while true {
            let snapshot = cluster.server.snapshot
            let newest = snapshot.deployments(of: JobID("svc")).last
            if isDone(newest) { return newest }
            let starting = snapshot.allocations.sorted.filter { $0.isLive && $0.client == .pending }
            var state = TaskState()
            state.phase = .running
            let reports = starting.map { AllocationReport(id: $0.id, client: .running, tasks: ["srv": state]) }
            if !reports.isEmpty { try await cluster.server.report(reports, from: node.id) }
            _ = await cluster.server.snapshot(of: .deployments, beyond: snapshot.revision, atMost: .milliseconds(100))
        }
    }

    @Test func aDeploymentIsShownPromotedAndEnds() async throws {
        try await withCluster { cluster in
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/one")))
            _ = try await Self.run(cluster) { $0?.status == .successful }
            let sent = try await cluster.send(
                "PUT", "/v1/jobs",
                body: Self.body(Self.job("/bin/two", canary: 1), #","Note":{"Author":"ann","Reason":"faster"}"#))
            #expect(sent.status == 200, "\(sent.text)")
            let found = try await Self.run(cluster) { deployment in
                deployment?.jobVersion == 1 && deployment?.groups["web"]?.healthy == 1
            }
            let id = try #require(found?.id)
            let one = try await cluster.get("/v1/deployment/\(id)")
            #expect(one.text.contains(#""StatusDescription":"Deployment is running but requires manual promotion""#))
            let list = try await cluster.get("/v1/job/svc/deployments")
            #expect(list.text.contains("\(id)") && list.text.contains(#""Status":"successful""#))
            let allocations = try await cluster.get("/v1/deployment/allocations/\(id)")
            #expect(allocations.text.contains(#""Canary":true"#))
            let promoted = try await cluster.put("/v1/deployment/promote/\(id)", #"{"All":true}"#)
            #expect(promoted.status == 200, "\(promoted.text)")
            let ended = try await Self.run(cluster) { $0?.status == .successful && $0?.jobVersion == 1 }
            #expect(ended?.groups["web"]?.isPromoted == true)
            let late = try await cluster.put("/v1/deployment/fail/\(id)", "{}")
            #expect(late.status == 400 && late.text.contains("is successful"), "\(late.text)")
            let versions = try await cluster.get("/v1/job/svc/versions?diffs=true")
            #expect(versions.text.contains(#""Old":"/bin/one","New":"/bin/two""#), "\(versions.text)")
            #expect(versions.text.contains(#""Author":"ann","Reason":"faster""#))
            #expect(versions.text.contains(#""Stable":true"#))
        }
    }

    /// Whoever names groups wrongly does not mean all of them, and whoever leaves `Pause` out does not pause.
    @Test func whatIsStatedWronglyChangesNoRollOut() async throws {
        try await withCluster { cluster in
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/one")))
            _ = try await Self.run(cluster) { $0?.status == .successful }
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/two", canary: 1)))
            let found = try await Self.run(cluster) { $0?.jobVersion == 1 && $0?.groups["web"]?.healthy == 1 }
            let id = try #require(found?.id)
            let mistakes = [
                ("promote", #"{"Groups":"web"}"#, "Groups must be a list of texts, it is a text"),
                ("promote", #"{"Groups":[1]}"#, "Groups must hold texts only"),
                ("promote", #"{"All":false,"Groups":[]}"#, "Groups must name at least one group"),
                ("promote", #"{"All":false}"#, "Groups must name at least one group"),
                ("promote", #"{"Groups":["api"]}"#, "has no group api"),
                ("allocation-health", #"{"HealthyAllocationIDs":"a","UnhealthyAllocationIDs":[]}"#, "a list of texts"),
            ]
            for (verb, body, words) in mistakes {
                let refused = try await cluster.put("/v1/deployment/\(verb)/\(id)", body)
                #expect(refused.status == 400 && refused.text.contains(words), "\(body): \(refused.text)")
            }
            #expect(cluster.server.snapshot.deployments[id]?.groups["web"]?.isPromoted == false)
            #expect(try await cluster.put("/v1/deployment/pause/\(id)", #"{"Pause":true}"#).status == 200)
            #expect(cluster.server.snapshot.deployments[id]?.status == .paused)
            #expect(try await cluster.put("/v1/deployment/pause/\(id)", "{}").status == 200)
            #expect(cluster.server.snapshot.deployments[id]?.status == .running)
            let promoted = try await cluster.put("/v1/deployment/promote/\(id)", #"{"Groups":null}"#)
            #expect(promoted.status == 200, "\(promoted.text)")
            #expect(cluster.server.snapshot.deployments[id]?.groups["web"]?.isPromoted == true)
        }
    }

    @Test func aRollOutThatIsNotThereIsWaitedFor() async throws {
        try await withCluster { cluster in
            let path = "/v1/deployment/allocations/00000000-0000-0000-0000-00000000000f"
            let first = try await cluster.get(path)
            let index = try #require(first.index)
            let start = ContinuousClock.now
            let waited = try await cluster.get("\(path)?index=\(index)&wait=100ms")
            #expect(ContinuousClock.now - start >= .milliseconds(100))
            #expect(first.text == "[]" && waited.text == "[]" && waited.index == index)
        }
    }

    @Test func versionsAreTaggedAndReturnedTo() async throws {
        try await withCluster { cluster in
            for program in ["/bin/one", "/bin/two"] {
                _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job(program)))
            }
            let long = String(repeating: "a", count: 129)
            let refused = try await cluster.put("/v1/job/svc/versions/\(long)/tag", #"{"Version":0}"#)
            #expect(refused.status == 400 && refused.text.contains("at most 128 bytes"), "\(refused.text)")
            let tagged = try await cluster.put("/v1/job/svc/versions/golden/tag", #"{"Version":0}"#)
            #expect(tagged.status == 200, "\(tagged.text)")
            #expect(cluster.server.snapshot.jobVersions[JobVersion(JobID("svc"), 0)]?.tag?.name == "golden")
            let current = try await cluster.put("/v1/job/svc/revert", #"{"JobVersion":1}"#)
            #expect(current.status == 400 && current.text == "can't revert to current version")
            let missing = try await cluster.put("/v1/job/svc/revert", #"{"JobVersion":9}"#)
            #expect(missing.status == 404 && missing.text.contains("at version 9 not found"))
            let reverted = try await cluster.put("/v1/job/svc/revert", #"{"JobVersion":0,"EnforcePriorVersion":1}"#)
            #expect(reverted.status == 200, "\(reverted.text)")
            #expect(cluster.server.snapshot.jobs[JobID("svc")]?.version == 2)
            let removed = try await cluster.send("DELETE", "/v1/job/svc/versions/golden/tag")
            #expect(removed.status == 200, "\(removed.text)")
        }
    }

    @Test func readersOfVersionsAreWokenByOlderOnes() async throws {
        try await withCluster { cluster in
            for program in ["/bin/one", "/bin/two"] {
                _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job(program)))
            }
            let first = try #require(try await cluster.get("/v1/job/svc/versions").index)
            async let waiting = cluster.get("/v1/job/svc/versions?index=\(first)&wait=10s")
            let tagged = try await cluster.server.tag(JobID("svc"), version: 0, as: "golden")
            let woken = try await waiting
            #expect(woken.index == tagged.revision.number && woken.text.contains(#""Name":"golden""#), "\(woken.text)")
            #expect(woken.text.contains(#""Index":\#(tagged.revision.number)}"#), "\(woken.text)")
        }
    }

    @Test func versionsAreShownAgainstTheOneThatIsNamed() async throws {
        try await withCluster { cluster in
            for program in ["/bin/one", "/bin/two", "/bin/three"] {
                _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job(program)))
            }
            let path = "/v1/job/svc/versions?diffs=true&"
            let based = try await cluster.get(path + "diff_version=0")
            #expect(based.text.contains(#""Old":"/bin/one","New":"/bin/three""#), "\(based.text)")
            let missing = try await cluster.get(path + "diff_version=9")
            #expect(missing.status == 404 && missing.text.contains("are kept: 2, 1, 0"), "\(missing.text)")
            for query in ["diff_version=x", "diff_version=0&diff_tag=golden"] {
                #expect(try await cluster.get(path + query).status == 400)
            }
        }
    }

    /// Each is kept with a version, and printed by everyone who looks at the history.
    @Test func whatIsKeptWithAVersionHasBounds() async throws {
        try await withCluster { cluster in
            let job = String(decoding: Self.body(Self.job("/bin/one")), as: UTF8.self)
            func noted(_ body: String, author: Int, reason: Int) -> String {
                let words = { (count: Int) in String(repeating: "w", count: count) }
                let note = #""Note":{"Author":"\#(words(author))","Reason":"\#(words(reason))"}"#
                return "{\(note)," + body.dropFirst()
            }
            let whole = try await cluster.put("/v1/jobs", noted(job, author: 256, reason: 1024))
            #expect(whole.status == 200, "\(whole.text)")
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/two")))
            let revert = #"{"JobVersion":0}"#
            for (path, body) in [("/v1/jobs", job), ("/v1/job/svc/revert", revert)] {
                let author = try await cluster.put(path, noted(body, author: 257, reason: 0))
                #expect(author.status == 400 && author.text.contains("at most 256 bytes, it has 257"), "\(author.text)")
                let reason = try await cluster.put(path, noted(body, author: 0, reason: 1025))
                #expect(reason.status == 400 && reason.text.contains("at most 1024 bytes, it has 1025"))
            }
            let named = try await cluster.put("/v1/job/svc/versions/a%0Ab/tag", "{}")
            #expect(named.status == 400 && named.text.contains("must have no control characters"), "\(named.text)")
            let long = String(repeating: "w", count: 1025)
            let described = try await cluster.put("/v1/job/svc/versions/a/tag", #"{"Description":"\#(long)"}"#)
            #expect(described.status == 400 && described.text.contains("at most 1024 bytes, it has 1025"))
            #expect(cluster.server.snapshot.jobs[JobID("svc")]?.version == 1)
        }
    }

    @Test func aPlanSaysWhatRestartsAndWhyAndChangesNothing() async throws {
        try await withCluster { cluster in
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/one")))
            _ = try await Self.run(cluster) { $0?.status == .successful }
            let before = cluster.server.snapshot.revision
            var note = Self.job("/bin/one")
            note.meta["owner"] = "other"
            let same = try await cluster.send("PUT", "/v1/job/svc/plan", body: Self.body(note, #","Diff":true"#))
            #expect(same.text.contains(#""DestructiveUpdate":0,"Ignore":0,"InPlaceUpdate":2"#), "\(same.text)")
            #expect(same.text.contains(#""Name":"Meta[owner]","Type":"Edited","Old":"peer","New":"other""#))
            let other = try await cluster.send(
                "PUT", "/v1/job/svc/plan", body: Self.body(Self.job("/bin/two"), #","Diff":true"#))
            #expect(other.text.contains(#""DestructiveUpdate":1,"Ignore":1"#), "\(other.text)")
            #expect(other.text.contains(#""Restarts":2,"RestartReasons":["task \"srv\" > config"]"#))
            #expect(other.text.contains("forces create/destroy update"))
            #expect(cluster.server.snapshot.revision == before)
            let stale = try await cluster.send(
                "PUT", "/v1/job/svc/plan",
                body: Self.body(Self.job("/bin/two"), #","EnforceIndex":true,"JobModifyIndex":1"#))
            #expect(stale.text.contains("conflicting job modify index"))
        }
    }

    /// The first one ends before its successor is placed, and restarts all the same.
    @Test func aPlanSaysThatWhatMayRunOnlyOnceRestarts() async throws {
        try await withCluster { cluster in
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/one", atMostOne: true)))
            _ = try await Self.run(cluster) { $0?.status == .successful }
            let plan = try await cluster.send(
                "PUT", "/v1/job/svc/plan", body: Self.body(Self.job("/bin/two", atMostOne: true), #","Diff":true"#))
            #expect(plan.text.contains(#""DestructiveUpdate":1,"Ignore":1,"InPlaceUpdate":0"#), "\(plan.text)")
            #expect(plan.text.contains(#""Stop":0,"Restarts":2,"RestartReasons":["task \"srv\" > config"]"#))
            #expect(plan.text.contains("forces create/destroy update") && !plan.text.contains(#""destroy":"#))
        }
    }

    @Test func eventsOfDeploymentsAreStreamed() async throws {
        try await withCluster { cluster in
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(Self.job("/bin/one")))
            let stream = try await cluster.open(
                "GET", "/v1/event/stream?topic=Deployment:svc&index=1", body: nil, headers: [])
            for try await part in stream.body where String(buffer: part).contains("DeploymentStatusUpdate") {
                return
            }
            Issue.record("the stream ended without an event")
        }
    }
}
