import ClusterKit
import Testing

/// Services and machines as Consul's clients ask for them.
struct ConsulCatalogTests {
    @Test func theListOfServicesHasTheServerItself() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let reply = try await cluster.consul.get("/v1/catalog/services")
            #expect(reply.text == #"{"consul":[],"metrics":["blue"],"web":["blue","traefik.enable=true"]}"#)
            #expect(reply.header("X-Consul-KnownLeader") == "true")
            #expect(reply.header("X-Consul-LastContact") == "0")
            #expect(reply.header("X-Nomad-Index") == nil)
            let own = try await cluster.consul.get("/v1/health/service/consul?passing").json
            #expect(own[0]?["Service"]?["Port"] == .integer(cluster.consul.port))
            #expect(own[0]?["Checks"]?[0]?["CheckID"] == .string("serfHealth"))
        }
    }

    @Test func anInstanceIsShownWithItsMachine() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let all = try await cluster.consul.get("/v1/catalog/service/web").json
            #expect(all.count == 3)
            let first = all[0]
            #expect(first?["Node"] == .string("m1"))
            #expect(first?["Address"] == .string("10.0.0.1"))
            #expect(first?["ServiceAddress"] == .string("10.0.0.1"))
            #expect(first?["ServicePort"] == .integer(20_001))
            #expect(first?["ServiceTags"]?[0] == .string("blue"))
            #expect(first?["ServiceMeta"]?["owner"] == .string("us"))
            #expect(first?["NodeMeta"]?["rack"] == .string("r1"))
            let id = "_nomad-task-\(ServiceSample.allocation(1))-group-web-http"
            #expect(first?["ServiceID"] == .string(id))
            #expect(try await cluster.consul.get("/v1/catalog/service/none").text == "[]")
            let node = try await cluster.consul.get("/v1/catalog/node/m1").json
            #expect(node["Services"]?[id]?["Service"] == .string("web"))
            #expect(node["Services"]?.count == 6)
            #expect(try await cluster.consul.get("/v1/catalog/node/none").text == "null")
        }
    }

    @Test(arguments: [
        ("", 3), ("?tag=blue", 3), ("?tag=BLUE&tag=traefik.enable%3Dtrue", 3), ("?tag=blue&tag=red", 0),
        ("?dc=dc1", 3), ("?dc=dc2", 0), ("?node-meta=rack:r1", 3), ("?node-meta=rack:r2", 0),
        ("?passing", 1), ("?passing=1", 1), ("?passing=false", 3), ("?near=_agent&stale", 3), ("?ns=default", 3),
        ("?passing&tag=red", 0), ("?partition=&ns=", 3),
    ])
    func whatIsAskedForIsChosen(query: String, count: Int) async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let reply = try await cluster.consul.get("/v1/health/service/web\(query)")
            #expect(try reply.json.count == count, "\(query): \(reply.text)")
        }
    }

    @Test func whatCannotBeAnsweredIsRefused() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            for path in ["/v1/catalog/services", "/v1/health/service/web", "/v1/kv/a", "/v1/agent/self"] {
                let other = try await cluster.consul.get("\(path)?dc=dc9")
                #expect(other.status == 500 && other.text == "No path to datacenter", "\(path)")
                #expect(try await cluster.consul.get("\(path)?ns=team").status == 400)
            }
            for path in [
                "/v1/catalog/services", "/v1/catalog/service/web", "/v1/catalog/nodes", "/v1/health/service/web",
                "/v1/health/checks/web", "/v1/health/state/any", "/v1/agent/services", "/v1/agent/checks",
            ] {
                let filtered = try await cluster.consul.get("\(path)?filter=Service.Port%3D%3D1")
                #expect(filtered.status == 400 && filtered.text.contains("filter"), "\(path)")
            }
            #expect(try await cluster.consul.get("/v1/health/state/sick").status == 400)
            #expect(try await cluster.consul.get("/v1/health/service/web?passing=x").status == 400)
            #expect(try await cluster.consul.get("/v1/jobs").status == 404)
            #expect(try await cluster.consul.put("/v1/catalog/services", "{}").status == 405)
        }
    }

    @Test func healthTellsEachCheckAndTheMachines() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let web = try await cluster.consul.get("/v1/health/service/web").json
            let checks = web[1]?["Checks"]
            #expect(checks?[0]?["CheckID"] == .string("serfHealth"))
            #expect(checks?[1]?["Status"] == .string("warning"))
            #expect(checks?[1]?["Output"] == .string("HTTP warning"))
            #expect(checks?[1]?["ServiceName"] == .string("web"))
            #expect(checks?[1]?["Type"] == .string("http"))
            #expect(try await cluster.consul.get("/v1/health/checks/web").json.count == 3)
            // The machine that is lost, and the instance that fails.
            let critical = try await cluster.consul.get("/v1/health/state/critical").json
            #expect(critical.count == 2)
            let lost = try await cluster.consul.get("/v1/health/node/m2").json
            #expect(lost.count == 1 && lost[0]?["Status"] == .string("critical"))
            #expect(try await cluster.consul.get("/v1/health/node/m1").json.count == 4)
            // Three instances, two machines, the server's own.
            #expect(try await cluster.consul.get("/v1/health/state/any").json.count == 6)
        }
    }

    @Test func theServerTellsOfItself() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let own = try await cluster.consul.get("/v1/agent/self").json
            #expect(Set(own.names) == ["Config", "Coord", "DebugConfig", "Member", "Meta", "Stats", "xDS"])
            let leader = try await cluster.consul.get("/v1/status/leader").json
            #expect(own["Stats"]?["consul"]?["leader_addr"] == leader)
            #expect(leader == .string("127.0.0.1:\(cluster.consul.port)"))
            #expect(try await cluster.consul.get("/v1/status/peers").json[0] == leader)
            let members = try await cluster.consul.get("/v1/agent/members").json
            #expect(members.count == 3)
            #expect((0..<3).contains { members[$0] == own["Member"] })
            let wide = try await cluster.consul.get("/v1/agent/members?wan=1").json
            #expect(wide.count == 1 && wide[0]?["Name"] == .string("server-1.dc1"))
            #expect(try await cluster.consul.get("/v1/catalog/datacenters").text == #"["dc1","dc2"]"#)
            #expect(try await cluster.consul.get("/v1/catalog/nodes").json.count == 3)
            let services = try await cluster.consul.get("/v1/agent/services").json
            #expect(services.count == 6)
            let id = "_nomad-task-\(ServiceSample.allocation(1))-group-web-http"
            #expect(
                Set(services[id]?.names ?? [])
                    == [
                        "Address", "Datacenter", "EnableTagOverride", "ID", "Meta", "Port", "Service", "Tags",
                        "Weights",
                    ])
            let checks = try await cluster.consul.get("/v1/agent/checks").json
            #expect(Set(checks.names) == Set((1...3).map { "service:\(id.replacing("0001", with: "000\($0)"))" }))
        }
    }

    @Test func headsAreAnsweredAndOtherSitesRefused() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let head = try await cluster.consul.send("HEAD", "/v1/catalog/services")
            #expect(head.status == 200 && head.body.isEmpty && head.header("X-Consul-Index") != nil)
            let evil = try await cluster.consul.send("GET", "/v1/kv/a", headers: [("Host", "evil.example")])
            #expect(evil.status == 403)
        }
    }
}
