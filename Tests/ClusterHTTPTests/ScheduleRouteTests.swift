import ClusterClient
import ClusterKit
import Testing

/// Periodic and parameterized jobs by their routes, and jobs whose identifiers hold slashes.
@Suite struct ScheduleRouteTests {
    private static func job(_ id: String, _ field: String) -> String {
        """
        {"Job": {"ID": "\(id)", "Type": "batch", \(field),
         "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "raw_exec", "Config": {"command": "x"}}]}]}}
        """
    }

    private func register(_ cluster: TestCluster, _ id: String, _ field: String) async throws -> TestCluster.Reply {
        try await cluster.send("PUT", "/v1/jobs", body: Array(Self.job(id, field).utf8))
    }

    private func text(_ reply: TestCluster.Reply, _ name: String) throws -> String? {
        guard case .object(let object) = try reply.json, case .string(let text)? = object[name] else { return nil }
        return text
    }

    @Test(arguments: [("true", "2099-01-01T00:00:00Z"), ("false", nil)])
    func aPlanSaysWhenAJobBeginsNext(enabled: String, launch: String?) async throws {
        try await withCluster { cluster in
            let field = #""Periodic": {"Enabled": \#(enabled), "Spec": "0 0 1 1 * 2099", "SpecType": "cron"}"#
            let plan = try await cluster.put("/v1/job/new/plan", Self.job("new", field))
            #expect(plan.status == 200, "\(plan.text)")
            #expect(try text(plan, "NextPeriodicLaunch") == launch, "\(plan.text)")
        }
    }

    @Test func aDispatchGivesBytesAndWords() async throws {
        try await withCluster { cluster in
            let spec = #""ParameterizedJob": {"Payload": "optional", "MetaRequired": ["a"], "MetaOptional": []}"#
            let registered = try await register(cluster, "team/build", spec)
            let evaluation = try text(registered, "EvalID")
            #expect(registered.status == 200 && evaluation == "", "\(registered.text)")
            let body = #"{"Payload": "aGk=", "Meta": {"a": "1"}, "IdPrefixTemplate": "pr", "Priority": 70}"#
            let path = "/v1/job/team%2Fbuild/dispatch?idempotency_token=x"
            let sent = try await cluster.send("POST", path, body: Array(body.utf8))
            let id = try #require(try text(sent, "DispatchedJobID"), "\(sent.text)")
            #expect(id.hasPrefix("team/build/dispatch-pr-"))
            #expect(try text(sent, "EvalID")?.count == 36)
            let again = try await cluster.send("PUT", path, body: Array(body.utf8))
            #expect(try text(again, "DispatchedJobID") == id && text(again, "EvalID") == "")
            // Slashes in a path, as they are and encoded.
            for path in [id, Endpoint.escape(id)] {
                let child = try await cluster.get("/v1/job/\(path)")
                #expect(try text(child, "ParentID") == "team/build" && text(child, "Payload") == "aGk=")
                #expect(child.text.contains(#""Dispatched":true"#) && child.text.contains(#""Priority":70"#))
                for part in ["allocations", "evaluations", "summary", "versions", "deployments", "scale"] {
                    #expect(try await cluster.get("/v1/job/\(path)/\(part)").status == 200, "\(path)/\(part)")
                }
            }
            let summary = try await cluster.get("/v1/job/team/build/summary").text
            #expect(summary.contains(#""Children":{"Pending":1,"Running":0,"Dead":0}"#), "\(summary)")
            let children = try await cluster.get("/v1/jobs?prefix=team/build/").text
            #expect(children.contains(#""ParentID":"team/build""#))
            #expect(try await text(cluster.get("/v1/job/team/build"), "Status") == "running")
        }
    }

    @Test(arguments: [
        (#"{"Meta": {}}"#, "required meta keys: a"), (#"{"Meta": {"a": "", "b": ""}}"#, "metadata keys: b"),
        (#"{"Meta": {"a": ""}, "Payload": "?"}"#, "base64"), (#"{"Meta": {"a": ""}, "Payload": "aGk="}"#, "forbidden"),
    ])
    func whatIsWrongWithADispatchIsNamed(_ body: String, _ reason: String) async throws {
        try await withCluster { cluster in
            _ = try await register(
                cluster, "build", #""ParameterizedJob": {"Payload": "forbidden", "MetaRequired": ["a"]}"#)
            let reply = try await cluster.send("PUT", "/v1/job/build/dispatch", body: Array(body.utf8))
            #expect(reply.status == 400 && reply.text.contains(reason), "\(reply.text)")
            let other = try await cluster.send("PUT", "/v1/job/nobody/dispatch", body: Array(body.utf8))
            #expect(other.status == 404 || other.text.contains("base64"))
        }
    }

    @Test func aPeriodicJobIsBegunByHand() async throws {
        try await withCluster { cluster in
            let spec = #""Periodic": {"Spec": "0 0 1 1 *", "SpecType": "cron", "TimeZone": "Europe/Zurich"}"#
            #expect(try await register(cluster, "tidy", spec).status == 200)
            let forced = try await cluster.send("PUT", "/v1/job/tidy/periodic/force")
            #expect(try text(forced, "EvalID")?.count == 36, "\(forced.text)")
            let children = cluster.server.snapshot.children(of: JobID("tidy"))
            #expect(children.count == 1 && children[0].job.id.id.hasPrefix("tidy/periodic-"))
            #expect(cluster.server.nextLaunch(of: JobID("tidy")) != nil)
            let evaluated = try await cluster.send("PUT", "/v1/job/tidy/evaluate", body: Array("{}".utf8))
            #expect(evaluated.status == 400, "a parent runs nothing itself")
            let zone = #""Periodic": {"Spec": "0 0 1 1 *", "TimeZone": "Nowhere/Land"}"#
            let refused = try await register(cluster, "far", zone)
            #expect(refused.status == 400 && refused.text.contains("Nowhere/Land"), "\(refused.text)")
        }
    }

    @Test func garbageIsCollectedWhenAskedFor() async throws {
        try await withCluster { cluster in
            #expect(try await register(cluster, "tidy", #""Periodic": {"Spec": "0 0 1 1 *"}"#).status == 200)
            #expect(try await cluster.send("DELETE", "/v1/job/tidy").status == 200)
            #expect(cluster.server.snapshot.jobs[JobID("tidy")] != nil)
            let reply = try await cluster.send("PUT", "/v1/system/gc")
            #expect(reply.status == 200 && reply.text == "")
            #expect(cluster.server.snapshot.jobs[JobID("tidy")] == nil)
            #expect(try await cluster.send("PUT", "/v1/system/reconcile/summaries").status == 200)
        }
    }
}
