import ClusterKit
import ClusterTesting
import Testing

@Suite struct MemoryStoreTests {
    @Test func keepsEveryPromise() async {
        let suite = StoreConformance(lifetime: .process) { _ in MemoryStore() }
        #expect(await suite.violations() == [])
    }
}
