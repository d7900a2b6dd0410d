import ClusterKit
import Testing

/// What the store of secrets tells of itself, open and sealed.
struct VaultSystemTests {
    @Test func healthIsTheStatus() async throws {
        try await withCluster { cluster in
            for method in ["GET", "HEAD"] {
                let reply = try await cluster.vault.send(method, "/v1/sys/health?standbyok=true")
                #expect(reply.status == 200)
                #expect(reply.body.isEmpty == (method == "HEAD"))
                #expect(reply.header("Cache-Control") == "no-store")
            }
            let health = try await cluster.vault.get("/v1/sys/health?activecode=299&sealedcode=599")
            #expect(health.status == 299)
            #expect(try health.json["initialized"] == .bool(true))
            #expect(try health.json["sealed"] == .bool(false))
            for code in ["99", "199", "600", "x", "-1", "9223372036854775808"] {
                #expect(try await cluster.vault.get("/v1/sys/health?activecode=\(code)").status == 400, "\(code)")
            }
        }
    }

    @Test(arguments: [204, 304]) func aStatusWithoutABodyHasNone(code: Int) async throws {
        try await withCluster { cluster in
            let reply = try await cluster.vault.get("/v1/sys/health?activecode=\(code)")
            #expect(reply.status == code && reply.body.isEmpty)
            #expect(reply.header("Content-Type") == nil && ["0", nil].contains(reply.header("Content-Length")))
        }
    }

    @Test func aSealedStoreRefusesWhatNeedsItsKeyOnly() async throws {
        try await withCluster(isSealed: true) { cluster in
            #expect(try await cluster.vault.get("/v1/sys/health").status == 503)
            #expect(try await cluster.vault.send("HEAD", "/v1/sys/health?sealedcode=204").status == 204)
            let seal = try await cluster.vault.get("/v1/sys/seal-status")
            #expect(try seal.status == 200 && seal.json["sealed"] == .bool(true))
            #expect(seal.text.contains("--seal-key"))
            let read = try await cluster.vault.get("/v1/secret/data/a")
            #expect(read.status == 503 && read.text == #"{"errors":["Vault is sealed"]}"#)
            let write = try await cluster.vault.put("/v1/secret/data/a", #"{"data":{"a":"1"}}"#)
            #expect(write.status == 503 && write.text == #"{"errors":["Vault is sealed"]}"#)
            #expect(try await cluster.vault.send("LIST", "/v1/secret/metadata/").status == 404)
            #expect(try await cluster.vault.get("/v1/sys/mounts").status == 200)
            #expect(try await cluster.get("/v1/jobs").status == 200)
            #expect(try await cluster.consul.put("/v1/kv/a", "1").text == "true")
        }
    }

    @Test func clientsLearnWhichEngineTheyTalkTo() async throws {
        try await withCluster { cluster in
            let mount = try await cluster.vault.get("/v1/sys/internal/ui/mounts/secret/some/path").json
            #expect(mount["data"]?["options"]?["version"] == .string("2"))
            #expect(mount["data"]?["path"] == .string("secret/"))
            #expect(try await cluster.vault.get("/v1/sys/internal/ui/mounts/kv/x").status == 403)
            #expect(try await cluster.vault.get("/v1/sys/internal/ui/mounts/secretive").status == 403)
            let mounts = try await cluster.vault.get("/v1/sys/mounts").json
            #expect(mounts["secret/"]?["type"] == .string("kv"))
            #expect(mounts["data"]?["secret/"] == mounts["secret/"])
            let all = try await cluster.vault.get("/v1/sys/internal/ui/mounts").json
            #expect(all["data"]?["secret"]?["secret/"] == mounts["secret/"])
            #expect(try await cluster.vault.get("/v1/sys/leader").json["is_self"] == .bool(true))
        }
    }

    @Test func whatIsNotServedIsToldInVaultsWords() async throws {
        try await withCluster { cluster in
            let other = try await cluster.vault.get("/v1/kv/data/a")
            #expect(other.status == 404)
            #expect(
                try other.json["errors"]?[0] == .string("no handler for route \"kv/data/a\". route entry not found."))
            let method = try await cluster.vault.send("DELETE", "/v1/sys/health")
            #expect(try method.status == 405 && method.json["errors"]?.count == 1)
            let host = try await cluster.vault.send("GET", "/v1/sys/health", headers: [("Host", "evil.example")])
            #expect(try host.status == 403 && host.json["errors"]?.count == 1)
        }
    }

    @Test func anyTokenIsGoodButNoneIsNot() async throws {
        try await withCluster { cluster in
            #expect(try await cluster.vault.get("/v1/auth/token/lookup-self").status == 403)
            let own = try await cluster.vault.send(
                "GET", "/v1/auth/token/lookup-self", headers: [("X-Vault-Token", "t")])
            #expect(try own.json["data"]?["id"] == .string("t"))
            #expect(try own.json["data"]?["policies"]?[0] == .string("root"))
        }
    }
}
