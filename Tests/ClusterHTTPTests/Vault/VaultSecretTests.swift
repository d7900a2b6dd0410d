import ClusterKit
import Testing

/// Secrets in versions, as Vault's clients write and read them.
struct VaultSecretTests {
    private func write(_ cluster: TestCluster, _ path: String, _ body: String) async throws -> TestCluster.Reply {
        try await cluster.vault.put("/v1/secret/data/\(path)", body)
    }

    @Test func valuesOfEveryKindComeBackAsTheyWere() async throws {
        try await withCluster { cluster in
            let data =
                #"{"":"x","a":null,"big":9223372036854775807,"d":-1.5,"l":[true,{}],"n":{"m":{"é":"\n\u0000"}}}"#
            let written = try await write(cluster, "a/b%20c", "{\"data\":\(data)}")
            #expect(written.status == 200)
            #expect(try written.json["data"]?["version"] == .integer(1))
            #expect(try written.json["data"]?["deletion_time"] == .string(""))
            let read = try await cluster.vault.get("/v1/secret/data/a/b%20c")
            #expect(try read.json["data"]?["data"] == JSONParser.parse(Array(data.utf8)))
            #expect(read.header("Cache-Control") == "no-store")
            let metadata = try read.json["data"]?["metadata"]
            #expect(metadata?["destroyed"] == .bool(false))
            #expect(metadata?["custom_metadata"] == .null)
            #expect(Set(try read.json.names).isSuperset(of: ["request_id", "lease_id", "renewable", "lease_duration"]))
            #expect(try read.json["mount_type"] == .string("kv"))
        }
    }

    @Test func versionsGrowAndAreAskedFor() async throws {
        try await withCluster { cluster in
            for number in 1...3 {
                let reply = try await write(cluster, "v", #"{"data":{"n":\#(number)}}"#)
                #expect(try reply.json["data"]?["version"] == .integer(number))
            }
            for (query, number) in [("", 3), ("?version=0", 3), ("?version=1", 1), ("?version=2", 2)] {
                let reply = try await cluster.vault.get("/v1/secret/data/v\(query)")
                #expect(try reply.json["data"]?["data"]?["n"] == .integer(number), "\(query)")
            }
            let none = try await cluster.vault.get("/v1/secret/data/v?version=4")
            #expect(none.status == 404 && none.text == #"{"errors":[]}"#)
            for version in ["-1", "x", "1.0", "99999999999999999999"] {
                #expect(try await cluster.vault.get("/v1/secret/data/v?version=\(version)").status == 400, "\(version)")
            }
        }
    }

    @Test func checkAndSetHolds() async throws {
        try await withCluster { cluster in
            #expect(try await write(cluster, "c", #"{"data":{},"options":{"cas":1}}"#).status == 400)
            #expect(try await write(cluster, "c", #"{"data":{"n":1},"options":{"cas":0}}"#).status == 200)
            let conflict = try await write(cluster, "c", #"{"data":{"n":2},"options":{"cas":0}}"#)
            #expect(conflict.status == 400)
            #expect(
                try conflict.json["errors"]?[0] == .string("check-and-set parameter did not match the current version"))
            #expect(try await write(cluster, "c", #"{"data":{"n":2},"options":{"cas":1}}"#).status == 200)
            let required = try await cluster.vault.put("/v1/secret/metadata/c", #"{"cas_required":true}"#)
            #expect(required.status == 204)
            let without = try await write(cluster, "c", #"{"data":{"n":3}}"#)
            #expect(without.status == 400 && without.text.contains("check-and-set parameter required"))
        }
    }

    @Test func aPatchChangesWhatItNames() async throws {
        try await withCluster { cluster in
            func patch(_ body: String) async throws -> TestCluster.Reply {
                try await cluster.vault.send(
                    "PATCH", "/v1/secret/data/p", body: Array(body.utf8),
                    headers: [("Content-Type", "application/merge-patch+json")])
            }
            #expect(try await patch(#"{"data":{"a":1}}"#).status == 404)
            _ = try await write(cluster, "p", #"{"data":{"a":1,"b":{"c":2,"d":3},"e":[1]}}"#)
            #expect(
                try await patch(#"{"data":{"a":null,"b":{"c":null,"f":{"g":null,"h":4}},"e":[2,3]}}"#).status == 200)
            let read = try await cluster.vault.get("/v1/secret/data/p").json
            #expect(
                try read["data"]?["data"] == JSONParser.parse(Array(#"{"b":{"d":3,"f":{"h":4}},"e":[2,3]}"#.utf8)))
            #expect(try await patch(#"{"data":{"x":1},"options":{"cas":1}}"#).status == 400)
            #expect(try await patch(#"{"data":{"x":1},"options":{"cas":2}}"#).status == 200)
            _ = try await cluster.vault.send("DELETE", "/v1/secret/data/p")
            let deleted = try await patch(#"{"data":{"x":1}}"#)
            #expect(try deleted.status == 404 && deleted.json["data"]?["metadata"]?["version"] == .integer(3))
        }
    }

    @Test func whatIsDeletedCanBeBroughtBackAndWhatIsDestroyedCannot() async throws {
        try await withCluster { cluster in
            for number in 1...3 { _ = try await write(cluster, "d", #"{"data":{"n":\#(number)}}"#) }
            let vault = cluster.vault
            #expect(try await vault.send("DELETE", "/v1/secret/data/d").status == 204)
            let deleted = try await vault.get("/v1/secret/data/d")
            #expect(try deleted.status == 404 && deleted.json["data"]?["data"] == .null)
            #expect(try deleted.json["data"]?["metadata"]?["deletion_time"] != .string(""))
            #expect(try deleted.json["errors"] == nil)
            #expect(try await vault.put("/v1/secret/undelete/d", #"{"versions":["3"]}"#).status == 204)
            #expect(try await vault.get("/v1/secret/data/d").status == 200)
            #expect(
                try await vault.send("POST", "/v1/secret/delete/d", body: Array(#"{"versions":[1]}"#.utf8)).status
                    == 204)
            #expect(try await vault.get("/v1/secret/data/d?version=1").status == 404)
            #expect(try await vault.put("/v1/secret/destroy/d", #"{"versions":[1,2]}"#).status == 204)
            _ = try await vault.put("/v1/secret/undelete/d", #"{"versions":[1,2]}"#)
            let destroyed = try await vault.get("/v1/secret/data/d?version=2")
            #expect(try destroyed.status == 404 && destroyed.json["data"]?["metadata"]?["destroyed"] == .bool(true))
            let metadata = try await vault.get("/v1/secret/metadata/d").json["data"]
            #expect(metadata?["current_version"] == .integer(3))
            #expect(metadata?["versions"]?.names == ["1", "2", "3"])
            #expect(try await vault.send("DELETE", "/v1/secret/metadata/d").status == 204)
            #expect(try await vault.get("/v1/secret/metadata/d").text == #"{"errors":[]}"#)
            #expect(try await vault.get("/v1/secret/data/d").status == 404)
        }
    }

    @Test func namesAreListedByFolder() async throws {
        try await withCluster { cluster in
            for path in ["a", "a/b", "a/c/d", "z"] { _ = try await write(cluster, path, #"{"data":{}}"#) }
            let vault = cluster.vault
            #expect(try await vault.send("LIST", "/v1/secret/metadata/").text.contains(#""keys":["a","a/","z"]"#))
            #expect(try await vault.send("LIST", "/v1/secret/metadata").status == 200)
            #expect(try await vault.get("/v1/secret/metadata/a?list=true").text.contains(#""keys":["b","c/"]"#))
            #expect(try await vault.send("LIST", "/v1/secret/metadata/a/").text.contains(#""keys":["b","c/"]"#))
            let none = try await vault.send("LIST", "/v1/secret/metadata/none")
            #expect(none.status == 404 && none.text == #"{"errors":[]}"#)
        }
    }

    @Test func rulesAreKept() async throws {
        try await withCluster { cluster in
            let vault = cluster.vault
            let set = try await vault.put(
                "/v1/secret/metadata/r",
                #"{"max_versions":2,"delete_version_after":"1h30m","custom_metadata":{"owner":"us"}}"#)
            #expect(set.status == 204)
            for number in 1...4 { _ = try await write(cluster, "r", #"{"data":{"n":\#(number)}}"#) }
            let metadata = try await vault.get("/v1/secret/metadata/r").json["data"]
            #expect(metadata?["versions"]?.names == ["3", "4"])
            #expect(metadata?["oldest_version"] == .integer(3))
            #expect(metadata?["delete_version_after"] == .string("1h30m0s"))
            #expect(metadata?["custom_metadata"]?["owner"] == .string("us"))
            let config = try await vault.get("/v1/secret/config").json["data"]
            #expect(config?["delete_version_after"] == .string("0s"))
        }
    }

    @Test func oddBodiesAreRefusedInVaultsForm() async throws {
        try await withCluster { cluster in
            let deep = String(repeating: "[", count: 100_000)
            for body in [
                "", "null", "[]", "{}", #"{"data":null}"#, #"{"data":[]}"#, #"{"data":"x"}"#, #"{"data":{"a":1e400}}"#,
                #"{"data":{"a":\#(deep)}}"#, #"{"data":{}"#, #"{"data":{},"options":{"cas":-1}}"#,
                #"{"data":{},"options":{"cas":"1"}}"#, #"{"data":{},"options":[]}"#,
                #"{"data":{},"options":{"cas":9223372036854775808}}"#, "\u{0}", #"{"data":{"a":"\#("\u{1}")"}}"#,
            ] {
                let reply = try await write(cluster, "odd", body)
                #expect(reply.status == 400, "\(body.prefix(60)): \(reply.status) \(reply.text)")
                #expect(try reply.json["errors"]?.count == 1, "\(body.prefix(60))")
            }
            for versions in ["null", "[]", "[0]", "[-1]", "[1.5]", #"["x"]"#, #"["+1"]"#, "1", "[9223372036854775808]"]
            {
                for verb in ["delete", "undelete", "destroy"] {
                    let reply = try await cluster.vault.put("/v1/secret/\(verb)/odd", #"{"versions":\#(versions)}"#)
                    #expect(reply.status == 400, "\(verb) \(versions)")
                }
            }
            for body in [
                #"{"max_versions":-1}"#, #"{"max_versions":"x"}"#, #"{"delete_version_after":"x"}"#,
                #"{"delete_version_after":-1}"#, #"{"delete_version_after":"-1s"}"#,
                #"{"custom_metadata":{"a":1}}"#, #"{"cas_required":1}"#, #"{"delete_version_after":1e400}"#,
            ] {
                #expect(try await cluster.vault.put("/v1/secret/metadata/odd", body).status == 400, "\(body)")
            }
            for path in ["%2e%2e/a", "a//b", "%00", "%FF"] {
                let reply = try await write(cluster, path, #"{"data":{}}"#)
                #expect([400, 404].contains(reply.status), "\(path): \(reply.status)")
            }
            let large = #"{"data":{"a":"\#(String(repeating: "x", count: 1 << 20))"}}"#
            #expect(try await write(cluster, "odd", large).status == 413)
            #expect(try await cluster.vault.get("/v1/secret/data/odd").status == 404)
        }
    }

    @Test func nothingSecretIsEverLogged() async throws {
        let recorder = LogRecorder()
        try await withCluster(logger: recorder.logger) { cluster in
            let secret = #"{"data":{"password":"hunter2"}}"#
            _ = try await cluster.vault.send(
                "PUT", "/v1/secret/data/a?token=hunter2", body: Array(secret.utf8),
                headers: [("X-Vault-Token", "hunter2")])
            #expect(try await cluster.vault.get("/v1/secret/data/a").text.contains("hunter2"))
            _ = try await write(cluster, "a", #"{"data":{"password":"hunter2""#)
            _ = try await write(cluster, "a", #"{"data":{},"options":{"cas":"hunter2"}}"#)
        }
        #expect(recorder.lines.contains { $0.contains("/v1/secret/data/a") })
        #expect(!recorder.lines.contains { $0.contains("hunter2") })
    }

    @Test func readingAndWritingAreAskedApart() async throws {
        struct Reader: Authorizer {
            func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
                guard action == .readSecrets(SecretPath("mine")), caller.token == "t" else {
                    throw ClusterError(.denied, "no")
                }
            }
        }
        try await withCluster(authorizer: Reader()) { cluster in
            let token = [("X-Vault-Token", "t")]
            #expect(try await cluster.vault.send("GET", "/v1/secret/data/mine", headers: token).status == 404)
            #expect(try await cluster.vault.send("LIST", "/v1/secret/metadata/mine", headers: token).status == 404)
            let denied = try await cluster.vault.send("GET", "/v1/secret/data/other", headers: token)
            #expect(denied.status == 403 && denied.text == #"{"errors":["permission denied"]}"#)
            for (method, path) in [
                ("PUT", "data"), ("PATCH", "data"), ("DELETE", "data"), ("PUT", "delete"), ("PUT", "undelete"),
                ("PUT", "destroy"), ("PUT", "metadata"), ("DELETE", "metadata"),
            ] {
                let reply = try await cluster.vault.send(
                    method, "/v1/secret/\(path)/mine", body: Array("{}".utf8), headers: token)
                #expect(reply.status == 403, "\(method) \(path)")
            }
            #expect(try await cluster.vault.get("/v1/sys/health").status == 200)
        }
    }
}
