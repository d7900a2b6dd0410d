import ClusterKit
import Testing

/// Keys as Consul's clients write and read them.
struct ConsulKeyTests {
    private func put(_ cluster: TestCluster, _ target: String, _ value: String = "v") async throws -> String {
        try await cluster.consul.put("/v1/kv/\(target)", value).text
    }

    @Test func aKeyIsWrittenReadAndRemoved() async throws {
        try await withCluster { cluster in
            let absent = try await cluster.consul.get("/v1/kv/a/b")
            #expect(absent.status == 404 && absent.body.isEmpty && absent.index ?? 0 >= 1)
            #expect(try await put(cluster, "a/b?flags=18446744073709551615", "héllo") == "true")
            let reply = try await cluster.consul.get("/v1/kv/a/b")
            let record = try reply.json[0]
            #expect(record?["Key"] == .string("a/b"))
            #expect(record?["Value"] == .string("aMOpbGxv"))
            #expect(reply.text.contains(#""Flags":18446744073709551615"#))
            #expect(record?["ModifyIndex"] == .integer(Int(reply.index ?? 0)))
            #expect(record?["LockIndex"] == .integer(0))
            let raw = try await cluster.consul.get("/v1/kv/a/b?raw")
            #expect(raw.text == "héllo" && raw.index == reply.index)
            #expect(try await put(cluster, "empty", "") == "true")
            #expect(try await cluster.consul.get("/v1/kv/empty").json[0]?["Value"] == .null)
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/a/b").text == "true")
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/a/b").text == "true")
            let gone = try await cluster.consul.get("/v1/kv/a/b")
            #expect(gone.status == 404 && gone.index ?? 0 > reply.index ?? .max - 1)
        }
    }

    @Test func checkAndSetHoldsBothWays() async throws {
        try await withCluster { cluster in
            #expect(try await put(cluster, "k?cas=0", "1") == "true")
            #expect(try await put(cluster, "k?cas=0", "2") == "false")
            let index = try await cluster.consul.get("/v1/kv/k").index ?? 0
            #expect(try await put(cluster, "k?cas=\(index + 1)", "3") == "false")
            #expect(try await put(cluster, "k?cas=\(index)", "4") == "true")
            #expect(try await cluster.consul.get("/v1/kv/k?raw").text == "4")
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/k?cas=\(index)").text == "false")
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/k?cas=0").status == 400)
            let newest = try await cluster.consul.get("/v1/kv/k").index ?? 0
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/k?cas=\(newest)").text == "true")
        }
    }

    @Test func foldersAreListedReadAndRemoved() async throws {
        try await withCluster { cluster in
            for key in ["a/1", "a/b/2", "a/b/3", "ab", "z"] { #expect(try await put(cluster, key) == "true") }
            #expect(try await cluster.consul.get("/v1/kv/a/?keys").text == #"["a/1","a/b/2","a/b/3"]"#)
            #expect(try await cluster.consul.get("/v1/kv/a/?keys&separator=/").text == #"["a/1","a/b/"]"#)
            #expect(try await cluster.consul.get("/v1/kv/?keys&separator=%2F").text == #"["a/","ab","z"]"#)
            #expect(try await cluster.consul.get("/v1/kv/a?recurse").json.count == 4)
            #expect(try await cluster.consul.get("/v1/kv?recurse=true").json.count == 5)
            let none = try await cluster.consul.get("/v1/kv/none?recurse")
            #expect(none.status == 404 && none.index != nil)
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/a/?recurse").text == "true")
            #expect(try await cluster.consul.get("/v1/kv/?keys").text == #"["ab","z"]"#)
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/").status == 400)
            #expect(try await cluster.consul.get("/v1/kv/?keys").json.count == 2)
        }
    }

    @Test func namesMayHoldAnything() async throws {
        try await withCluster { cluster in
            for (path, key) in [
                ("a%2Fb%20c", "a/b c"), ("%C3%A9%25%3F%23", "é%?#"), ("a//b/", "a//b/"), ("..%2f..", "../.."),
            ] {
                #expect(try await put(cluster, path) == "true", "\(path)")
                #expect(try await cluster.consul.get("/v1/kv/\(path)").json[0]?["Key"] == .string(key), "\(path)")
            }
            for path in ["%FF", "%00", "a%0Ab", String(repeating: "k", count: 2000)] {
                let reply = try await cluster.consul.put("/v1/kv/\(path)", "v")
                #expect([400, 404].contains(reply.status), "\(path.prefix(20)): \(reply.status)")
            }
        }
    }

    @Test func limitsHold() async throws {
        try await withCluster { cluster in
            let most = [UInt8](repeating: 1, count: KeyRecord.largestValue)
            #expect(try await cluster.consul.send("PUT", "/v1/kv/big", body: most).text == "true")
            #expect(try await cluster.consul.get("/v1/kv/big?raw").body == most)
            let more = try await cluster.consul.send("PUT", "/v1/kv/big", body: most + [1])
            #expect(more.status == 413)
            for query in [
                "cas=-1", "cas=x", "cas=18446744073709551616", "flags=-1", "flags=1.5", "flags=99999999999999999999",
            ] {
                #expect(try await cluster.consul.put("/v1/kv/a?\(query)", "v").status == 400, "\(query)")
            }
            for query in ["acquire=x", "release=x"] {
                let reply = try await cluster.consul.put("/v1/kv/a?\(query)", "v")
                #expect(reply.status == 500 && reply.text.contains("session"), "\(query)")
            }
            #expect(try await cluster.consul.put("/v1/kv/", "v").status == 400)
            #expect(try await cluster.consul.get("/v1/kv/").status == 400)
            #expect(try await cluster.consul.get("/v1/kv/a").status == 404)
        }
    }

    @Test func eachKindOfAccessIsAsked() async throws {
        struct Reader: Authorizer {
            func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
                switch action {
                case .readKeys(prefix: let prefix) where prefix.hasPrefix("open/") && caller.token == "t": return
                default: throw ClusterError(.denied, "no")
                }
            }
        }
        try await withCluster(authorizer: Reader()) { cluster in
            let headers = [
                [("X-Consul-Token", "t")], [("Authorization", "Bearer t")], [("X-Nomad-Token", "t")],
                [("X-Consul-Token", "u")],
            ]
            let allowed = [404, 404, 403, 403]
            for (header, status) in zip(headers, allowed) {
                let reply = try await cluster.consul.send("GET", "/v1/kv/open/a", headers: header)
                #expect(reply.status == status, "\(header)")
            }
            #expect(try await cluster.consul.get("/v1/kv/open/a?token=t").status == 404)
            #expect(try await cluster.consul.get("/v1/kv/closed?token=t").status == 403)
            #expect(try await cluster.consul.put("/v1/kv/open/a?token=t", "v").text == "Permission denied")
            #expect(try await cluster.consul.send("DELETE", "/v1/kv/open/a?token=t").status == 403)
            #expect(try await cluster.consul.get("/v1/catalog/services?token=t").status == 403)
            #expect(try await cluster.consul.get("/v1/status/leader").status == 200)
        }
    }
}
