import AsyncHTTPClient
import ClusterKit
import NIOCore
import Testing

/// Services and checks in Nomad's words.
struct NomadServiceTests {
    private static let service = PlacedService(
        ServiceSpec(
            name: "site", portLabel: "http", tags: ["b", "a"],
            checks: [
                CheckSpec(name: "up", kind: "tcp", interval: .seconds(1), timeout: .seconds(1)),
                CheckSpec(name: "page", kind: "http", path: "/", interval: .seconds(1), timeout: .seconds(1)),
            ]), task: "srv")

    /// The sample with a service, whose first check found `health`.
    private static func records(_ health: CheckHealth = .warning) -> [Change] {
        Sample.records.map { change in
            switch change {
            case .putJob(var record):
                record.job.groups[0].tasks[0].services = [service.spec]
                return .putJob(record)
            case .putAllocation(let allocation): return .putAllocation(found(health, allocation))
            default: return change
            }
        }
    }

    private static func found(_ health: CheckHealth, _ allocation: Allocation) -> Allocation {
        var allocation = allocation
        allocation.checks = [
            CheckStatus(
                service: service.key, index: 0, name: "up", kind: "tcp", health: health, output: "so so",
                since: Sample.time)
        ]
        return allocation
    }

    @Test func servicesAreListedByNamespace() async throws {
        try await withCluster(records: Self.records()) { cluster in
            let list = try await cluster.get("/v1/services")
            #expect(list.text == #"[{"Namespace":"default","Services":[{"ServiceName":"site","Tags":["a","b"]}]}]"#)
            #expect(list.index == 1)
            let other = try await cluster.get("/v1/services?namespace=other")
            #expect(other.text == "[]")
        }
    }

    @Test func instancesSayWhereTheyAre() async throws {
        try await withCluster(records: Self.records(.critical)) { cluster in
            let reply = try await cluster.get("/v1/service/site")
            #expect(reply.text.contains(#""ServiceName":"site""#) && reply.text.contains(#""Port":21361"#))
            #expect(reply.text.contains(#""Address":"127.0.0.1""#) && reply.text.contains(#""JobID":"sample-svc""#))
            #expect(try await cluster.get("/v1/service/other").text == "[]")
            #expect(try await cluster.get("/v1/service/site?choose=1%7Ckey").text == reply.text)
            #expect(try await cluster.get("/v1/service/site?choose=x").status == 400)
        }
    }

    @Test(arguments: [
        (CheckHealth.passing, "success"), (.warning, "success"), (.critical, "failure"),
    ])
    func checksSayWhatTheyFound(_ health: CheckHealth, _ word: String) async throws {
        try await withCluster(records: Self.records(health)) { cluster in
            let reply = try await cluster.get("/v1/client/allocation/\(Sample.allocation)/checks")
            guard case .object(let checks) = try reply.json else {
                Issue.record("\(reply.text)")
                return
            }
            let words = checks.members.map(\.value).compactMap { value -> [String]? in
                guard case .object(let check) = value, case .string(let name)? = check["Check"],
                    case .string(let status)? = check["Status"], case .string(let service)? = check["Service"]
                else { return nil }
                return [name, status, service]
            }
            #expect(words.sorted { $0[0] < $1[0] } == [["page", "pending", "site"], ["up", word, "site"]])
            let unknown = try await cluster.get("/v1/client/allocation/\(AllocationID(high: 1, low: 1))/checks")
            #expect(unknown.status == 404)
        }
    }

    /// What it said last says nothing of now.
    @Test func checksOfWhatHasEndedAreForgotten() async throws {
        try await withCluster(records: Self.records(.passing)) { cluster in
            let path = "/v1/client/allocation/\(Sample.allocation)/checks"
            #expect(try await cluster.get(path).text.contains("success"))
            let allocation = try #require(cluster.server.snapshot.allocations[Sample.allocation])
            let end = AllocationReport(
                id: allocation.id, client: .complete, tasks: allocation.tasks, checks: allocation.checks)
            try await cluster.server.report([end], from: Sample.node)
            let ended = try await cluster.get(path)
            #expect(ended.status == 200 && ended.text == "{}", "\(ended.text)")
        }
    }

    /// Until it has ended, also once its job is purged and with it what the service is called.
    @Test(arguments: [("srv", "srv-site-http"), ("", "group-site-http")])
    func checksOfAPurgedJobNameTheService(task: String, key: String) async throws {
        let records = Self.records(.passing).map { change -> Change in
            guard case .putAllocation(var allocation) = change else { return change }
            allocation.checks[0].service = key
            return .putAllocation(allocation)
        }
        try await withCluster(records: records) { cluster in
            let job = try #require(cluster.server.snapshot.allocations[Sample.allocation]).job
            _ = try await cluster.server.stop(job, purge: true)
            let text = try await cluster.get("/v1/client/allocation/\(Sample.allocation)/checks").text
            #expect(text.contains(#""Service":"site""#) && text.contains(#""Task":"\#(task)""#), "\(text)")
        }
    }

    @Test func whatHappensToInstancesIsTold() async throws {
        try await withCluster(records: Self.records()) { cluster in
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Service:site")
            let snapshot = cluster.server.snapshot
            let allocation = try #require(snapshot.allocations[Sample.allocation])
            let report = { (health: CheckHealth) in
                AllocationReport(
                    id: allocation.id, client: .running, tasks: allocation.tasks,
                    checks: Self.found(health, allocation).checks)
            }
            try await cluster.server.report([report(.critical)], from: Sample.node)
            try await cluster.server.report([report(.critical)], from: Sample.node)
            try await cluster.server.report([report(.passing)], from: Sample.node)
            _ = try await cluster.server.stopAllocation(Sample.allocation)
            var text = ""
            for try await buffer in stream.body {
                text += String(buffer: buffer)
                if text.contains("ServiceDeregistration") { break }
            }
            let types = text.split(separator: "\"Type\":\"").dropFirst().map { $0.prefix { $0 != "\"" } }
                .filter { $0.hasPrefix("Service") || $0.hasPrefix("CheckStatus") }
            #expect(
                types == ["ServiceRegistration", "CheckStatusChanged", "CheckStatusChanged", "ServiceDeregistration"]
                    || types == ["CheckStatusChanged", "CheckStatusChanged", "ServiceDeregistration"], "\(types)")
            #expect(text.contains(#""Health":"critical""#) && text.contains(#""Health":"passing""#))
        }
    }
}
