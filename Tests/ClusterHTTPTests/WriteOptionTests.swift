import ClusterClient
import ClusterKit
import Testing

/// What clients may ask for beside a write is done, or refused.
@Suite struct WriteOptionTests {
    private static func body(_ job: Job, _ more: String) -> [UInt8] {
        Array(#"{"Job":"#.utf8) + JobDocument(job).json + Array("\(more)}".utf8)
    }

    private func count(_ cluster: TestCluster) -> Int? {
        cluster.server.snapshot.jobs[JobID("svc")]?.job.groups.first?.count
    }

    /// The first instance for which that is so, as soon as there is one.
    private func first(_ cluster: TestCluster, where isMeant: (Allocation) -> Bool) async -> Allocation {
        while true {
            let snapshot = cluster.server.snapshot
            if let found = snapshot.allocations(of: JobID("svc")).first(where: isMeant) { return found }
            _ = await cluster.server.snapshot(of: .allocations, beyond: snapshot.revision, atMost: .milliseconds(100))
        }
    }

    @Test func aJobIsInOneNamespace() async throws {
        try await withCluster { cluster in
            for path in ["/v1/jobs", "/v1/job/svc", "/v1/job/svc/plan"] {
                let body = Self.body(Sample.job("svc"), "")
                let refused = try await cluster.send("PUT", path + "?namespace=*", body: body)
                #expect(refused.status == 400 && refused.text.contains("a job is in one"), "\(refused.text)")
            }
            #expect(cluster.server.snapshot.jobs.count == 0)
        }
    }

    @Test func countsAreKept() async throws {
        try await withCluster { cluster in
            var job = Sample.job("svc")
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, ""))
            _ = try await cluster.put("/v1/job/svc/scale", #"{"Count": 5, "Target": {"Group": "web"}}"#)
            job.meta["changed"] = "yes"
            let kept = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, #","PreserveCounts":true"#))
            #expect(kept.status == 200 && count(cluster) == 5, "\(kept.text)")
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, #","PreserveCounts":false"#))
            #expect(count(cluster) == job.groups[0].count)
        }
    }

    /// What somebody writes has instances for its canaries; what was read from here may have been scaled.
    @Test func aJobThatWasScaledBelowItsCanariesIsTaken() async throws {
        try await withCluster { cluster in
            var job = Sample.job("svc")
            job.groups[0].update = UpdateStrategy(canary: 2)
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, ""))
            let scaled = try await cluster.put("/v1/job/svc/scale", #"{"Count": 1, "Target": {"Group": "web"}}"#)
            #expect(scaled.status == 200 && count(cluster) == 1, "\(scaled.text)")
            let read = try await cluster.get("/v1/job/svc").text
            let again = try await cluster.put("/v1/jobs", #"{"Job":\#(read)}"#)
            #expect(again.status == 200 && count(cluster) == 1, "\(again.text)")
            #expect(again.text.contains("asks for 2 canaries; a roll-out shows 1"), "\(again.text)")
            let kept = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, #","PreserveCounts":true"#))
            #expect(kept.status == 200 && count(cluster) == 1, "\(kept.text)")
            job.groups[0].count = 1
            for path in ["/v1/jobs", "/v1/job/svc/plan"] {
                let written = try await cluster.send("PUT", path, body: Self.body(job, ""))
                #expect(written.status == 400 && written.text.contains("use at most as many canaries"))
            }
        }
    }

    @Test func whatFailedIsPlacedAnewWhenThatIsAsked() async throws {
        try await withCluster { cluster in
            let node = Node(
                id: Sample.node, name: "n", capacity: Resources(cpuMHz: 9000, memoryMiB: 9000, diskMiB: 90_000),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            _ = try await cluster.server.register(node)
            var job = Sample.job("svc")
            job.groups[0].network = nil
            job.groups[0].count = 1
            job.datacenters = ["*"]
            _ = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, ""))
            let failed = await first(cluster) { _ in true }
            try await cluster.server.report([AllocationReport(id: failed.id, client: .failed)], from: node.id)
            let forced = try await cluster.put("/v1/job/svc/evaluate", #"{"EvalOptions":{"ForceReschedule":true}}"#)
            #expect(forced.status == 200, "\(forced.text)")
            let next = await first(cluster) { $0.previous == failed.id }
            #expect(next.isLive && next.reschedules.map(\.previous) == [failed.id])
            let shown = try await cluster.get("/v1/allocation/\(failed.id)")
            #expect(shown.text.contains(#""ForceReschedule":true"#) && shown.text.contains(#""Wish":"replace""#))
        }
    }

    @Test func whatNobodyObeysIsRefused() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let id = try #require(cluster.server.snapshot.allocations.sorted.first?.id)
            let end = try await cluster.put("/v1/allocation/\(id)/stop?no_shutdown_delay", "{}")
            #expect(end.status == 400 && end.text.hasPrefix("no_shutdown_delay is not supported"), "\(end.text)")
            #expect(cluster.server.snapshot.allocations[id]?.desired == .run)
            let job = Sample.job("sample-svc")
            let priority = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, #","EvalPriority":70"#))
            #expect(priority.status == 400 && priority.text.hasPrefix("EvalPriority is not supported"))
            let none = try await cluster.send("PUT", "/v1/jobs", body: Self.body(job, #","EvalPriority":0"#))
            #expect(none.status == 200, "\(none.text)")
            for (words, name) in [("eval_priority=70", "eval_priority"), ("no_shutdown_delay=true", "no_shutdown")] {
                let stop = try await cluster.send("DELETE", "/v1/job/sample-svc?\(words)")
                #expect(stop.status == 400 && stop.text.hasPrefix(name), "\(stop.text)")
            }
            #expect(cluster.server.snapshot.jobs[job.id]?.stopped == false)
            let plain = "/v1/job/sample-svc?no_shutdown_delay=false&eval_priority=0"
            #expect(try await cluster.send("DELETE", plain).status == 200)
        }
    }

    @Test func aPlanWarnsAsARegistrationDoes() async throws {
        try await withCluster { cluster in
            var job = Sample.job("svc")
            job.after = [JobDependency(JobID("other"))]
            let plan = try await cluster.send("PUT", "/v1/job/svc/plan", body: Self.body(job, ""))
            #expect(plan.text.contains(#""Warnings":"job other is not registered; svc waits until it is"#))
        }
    }
}
