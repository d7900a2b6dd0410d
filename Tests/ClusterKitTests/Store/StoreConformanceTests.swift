import ClusterKit
import ClusterTesting
import Synchronization
import Testing

@Suite struct StoreConformanceTests {
    @Test func memoryStoreKeepsEveryPromise() async {
        let suite = StoreConformance(lifetime: .process, patience: .seconds(60)) { _ in MemoryStore() }
        #expect(await suite.violations() == [])
    }

    @Test(arguments: FaultyStore.Fault.allCases) func everyFaultIsNoticed(_ fault: FaultyStore.Fault) async {
        let disks = Disks()
        // Some faults are noticed by what does not come, and where there is none all comes.
        let patience = fault == .none ? Duration.seconds(60) : .milliseconds(500)
        let suite = StoreConformance(lifetime: .folder, patience: patience) { name in
            FaultyStore(fault, disk: disks.disk(name))
        }
        let violations = await suite.violations()
        #expect(violations.isEmpty == (fault == .none), "\(violations)")
        #expect(violations.allSatisfy { !$0.description.contains("stopped by an error") || fault != .none })
    }

    /// One disk for each name.
    final class Disks: Sendable {
        private let disks = Mutex<[String: FaultyStore.Disk]>([:])

        func disk(_ name: String) -> FaultyStore.Disk {
            disks.withLock { disks in
                let disk = disks[name] ?? FaultyStore.Disk()
                disks[name] = disk
                return disk
            }
        }
    }
}
