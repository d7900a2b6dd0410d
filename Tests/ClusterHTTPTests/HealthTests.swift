import ClusterClient
import ClusterKit
import Testing

/// A server says that it is well only while it can write.
struct HealthTests {
    private static let refusal = "the store refused the last write: the disk is full"

    @Test func aServerThatCannotWriteSaysSo() async throws {
        let (store, recorder) = (FillingStore(), LogRecorder())
        let job = #"{"Job": \#(String(decoding: JobDocument(Sample.job()).json, as: UTF8.self))}"#
        try await withCluster(logger: recorder.logger, store: store) { cluster in
            store.setFull(true)
            #expect(try await cluster.put("/v1/jobs", job).status == 503)
            let ill = try await cluster.get("/v1/agent/health")
            #expect(ill.status == 500)
            #expect(
                ill.text == #"{"client":{"ok":true,"message":"ok"},"server":{"ok":false,"message":"\#(Self.refusal)"}}"#
            )
            #expect(try await cluster.get("/v1/agent/health?type=server").status == 500)
            let client = try await cluster.get("/v1/agent/health?type=client")
            #expect(client.status == 200 && client.text == #"{"client":{"ok":true,"message":"ok"}}"#)
            #expect(try await cluster.get("/v1/agent/health?type=x").status == 400)
            let asked = try ClusterClient(servers: [cluster.address])
            #expect(try await asked.agentSelf().value.storeRefusal == "the disk is full")

            store.setFull(false)
            #expect(try await cluster.put("/v1/jobs", job).status == 200)
            let well = try await cluster.get("/v1/agent/health")
            #expect(well.status == 200 && !well.text.contains("false"), "\(well.text)")
            #expect(try await asked.agentSelf().value.storeRefusal == nil)
            #expect(try await cluster.put("/v1/jobs", job).status == 200)
            await asked.close()
        }
        let told = recorder.lines.filter { $0.contains("the store takes writes again") }
        #expect(told.count == 1, "\(recorder.lines)")
    }
}
