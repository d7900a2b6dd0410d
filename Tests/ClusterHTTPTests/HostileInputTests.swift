import ClusterKit
import Testing

/// Nothing that a client can write ends the server.
struct HostileInputTests {
    static let numbers = [
        "-1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e400",
        "+1", "0x1", "", "%00", "NaN", "1.5", "٣", "%FF", "%", "-9223372036854775808",
    ]

    @Test func hostileNumbersInAnyParameterAreAnswered() async throws {
        let parameters = [
            "index", "per_page", "next_token", "offset", "namespace", "prefix", "purge", "pretty", "reverse",
        ]
        let paths = [
            "/v1/jobs", "/v1/allocations", "/v1/evaluations", "/v1/nodes", "/v1/job/sample-svc",
            "/v1/client/fs/logs/\(Sample.allocation)",
        ]
        try await withCluster(records: Sample.records) { cluster in
            for path in paths {
                for parameter in parameters {
                    for number in Self.numbers {
                        // A short wait: an index beyond the newest revision is waited for.
                        let target = "\(path)?\(parameter)=\(number)&wait=1ms"
                        let reply = try await cluster.get(target)
                        #expect([200, 400, 404].contains(reply.status), "\(target): \(reply.status) \(reply.text)")
                    }
                }
            }
            #expect(try await cluster.get("/v1/jobs?index=-1").status == 400)
            #expect(try await cluster.get("/v1/jobs?index=%2B1").status == 400)
            #expect(try await cluster.get("/v1/jobs?per_page=9223372036854775807").status == 200)
        }
    }

    @Test func hostileWaitsAreRefusedOrBounded() async throws {
        try await withCluster(records: Sample.records) { cluster in
            for wait in ["-1s", "x", "1e400s", "99999999999999999999h", "1", "%00"] {
                let reply = try await cluster.get("/v1/jobs?index=1&wait=\(wait)")
                #expect(reply.status == 400, "\(wait): \(reply.status)")
            }
        }
    }

    @Test func hostileCountsAreRefused() async throws {
        try await withCluster(records: Sample.records) { cluster in
            for count in Self.numbers + ["null", "\"3\"", "1e3", "{}"] {
                let reply = try await cluster.put(
                    "/v1/job/sample-svc/scale", #"{"Count":\#(count),"Target":{"Group":"web"}}"#)
                #expect(reply.status == 400, "\(count): \(reply.status)")
            }
            let unknown = try await cluster.put("/v1/job/sample-svc/scale", #"{"Count":1,"Target":{"Group":"x"}}"#)
            #expect(unknown.status == 400)
            let fine = try await cluster.put("/v1/job/sample-svc/scale", #"{"Count":1,"Target":{"Group":"web"}}"#)
            #expect(fine.status == 200)
        }
    }

    @Test func pagesOfOtherSitesAreRefused() async throws {
        try await withCluster { cluster in
            for host in [
                "evil.example", "evil.example:4646", "127.0.0.1.evil.example", "localhost.evil.example", "127.1",
                "127.0.0.256",
            ] {
                let reply = try await cluster.send("GET", "/v1/jobs", headers: [("Host", host)])
                #expect(reply.status == 403, "\(host)")
            }
            for host in ["localhost", "LOCALHOST:1", "127.0.0.1:99", "127.0.0.2:4646", "[::1]", "[::1]:4646"] {
                let reply = try await cluster.send("GET", "/v1/jobs", headers: [("Host", host)])
                #expect(reply.status == 200, "\(host)")
            }
            let form = try await cluster.send(
                "POST", "/v1/jobs", body: Array("{}".utf8), headers: [("Origin", "http://evil.example")])
            #expect(form.status == 403)
            let own = try await cluster.send("GET", "/v1/jobs", headers: [("Origin", cluster.address)])
            #expect(own.status == 200)
        }
    }

    @Test func hugeHeadersAreRefusedAndOthersServed() async throws {
        try await withCluster { cluster in
            let huge = String(repeating: "x", count: 200_000)
            let reply = try? await cluster.send("GET", "/v1/jobs", headers: [("X-Huge", huge)])
            #expect(reply.map { $0.status >= 400 } ?? true)
            let next = try await cluster.get("/v1/jobs")
            #expect(next.status == 200)
        }
    }
}
