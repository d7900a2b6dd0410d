import Testing

@testable import ClusterKit

@Suite("What machines may offer")
struct NodeValidationTests {
    private func mistake(_ change: (inout Node) -> Void) -> String? {
        var node = Node(id: NodeID(high: 1, low: 1), name: "n", capacity: Resources(cpuMHz: 1))
        change(&node)
        return node.mistake
    }

    private static let gpu = DeviceName(vendor: "nvidia", kind: "gpu", model: "a100/80")

    @Test func devicesAndFoldersAreTaken() {
        #expect(
            mistake {
                $0.devices = [DeviceGroup(name: Self.gpu, instances: [DeviceInstance("0"), DeviceInstance("1")])]
                $0.hostVolumes = ["repo": HostVolume(path: "/srv")]
            } == nil)
    }

    @Test(arguments: [
        ([DeviceGroup(name: DeviceName(vendor: "", kind: "gpu", model: "x"))], "must have a vendor"),
        ([DeviceGroup(name: DeviceName(vendor: "a/b", kind: "gpu", model: "x"))], "must have a vendor"),
        ([DeviceGroup(name: gpu), DeviceGroup(name: gpu)], "nvidia/gpu/a100/80 is stated twice"),
        ([DeviceGroup(name: gpu, instances: [DeviceInstance("")])], "must have an id"),
        ([DeviceGroup(name: gpu, instances: [DeviceInstance("a,b")])], "must have an id"),
        (
            [DeviceGroup(name: gpu, instances: [DeviceInstance("0"), DeviceInstance("0")])],
            "the instance 0 of its device nvidia/gpu/a100/80 is stated twice"
        ),
        (
            [DeviceGroup(name: gpu, instances: (0...4096).map { DeviceInstance("\($0)") })],
            "more than 4096"
        ),
    ])
    func wrongDevicesAreNamed(devices: [DeviceGroup], message: String) {
        #expect(mistake { $0.devices = devices }?.contains(message) == true)
    }

    @Test func whatNoJobCouldNameIsRefused() {
        #expect(mistake { ($0.pool, $0.datacenter, $0.address) = ("gpu-1", "cern.ch", "2001:db8::1") } == nil)
        #expect(mistake { $0.pool = "pööl x" }?.hasPrefix("its node pool \"pööl x\" ") == true)
        for datacenter in ["", "d,c", "d c", "dc*", "dc?", "[dc", "dc]", "{dc", "dc}"] {
            #expect(mistake { $0.datacenter = datacenter }?.contains("its datacenter \"\(datacenter)\"") == true)
        }
        for address in ["nope nope", "a\u{7F}", "a\n"] {
            #expect(mistake { $0.address = address }?.contains("must be an IP address or a name") == true)
        }
    }

    @Test(arguments: [
        ("its name must", \Node.name, 256), ("its node pool", \.pool, JobLimits.nameBytes),
        ("its datacenter", \.datacenter, 256), ("its address", \.address, 256),
    ])
    func whatIsTooLongIsRefused(words: String, path: any WritableKeyPath<Node, String> & Sendable, most: Int) {
        #expect(mistake { $0[keyPath: path] = String(repeating: "a", count: most) } == nil)
        #expect(mistake { $0[keyPath: path] = String(repeating: "a", count: most + 1) }?.hasPrefix(words) == true)
    }

    @Test func whatHasNoNameIsRefused() {
        #expect(mistake { $0.name = "" } == "its name must have 1 to 256 bytes")
        #expect(mistake { $0.pool = "" } == "its node pool \"\" must not be empty")
    }

    @Test func whatIsKeptBackIsThere() {
        #expect(
            mistake { ($0.capacity, $0.reserved) = (Resources(cpuMHz: 8, memoryMiB: 4), Resources(memoryMiB: 5)) }
                == "it keeps back 5 MiB of memory, more than the 4 that it has")
        #expect(mistake { $0.reserved = Resources(cpuMHz: 2) }?.contains("2 MHz, more than the 1") == true)
        #expect(mistake { $0.reserved = Resources(diskMiB: 3) }?.contains("3 MiB of disk, more than the 0") == true)
        #expect(mistake { $0.reserved = Resources(cpuMHz: 1) } == nil)
    }

    @Test func coresThatAreNotThereCannotBeKeptBack() {
        #expect(mistake { ($0.cores, $0.reservedCores) = (4, [0, 3]) } == nil)
        #expect(mistake { ($0.cores, $0.reservedCores) = (4, [4]) }?.contains("keeps back cores") == true)
        #expect(mistake { ($0.cores, $0.reservedCores) = (4, [-1]) }?.contains("keeps back cores") == true)
    }

    @Test func wrongFoldersAreNamed() {
        #expect(mistake { $0.hostVolumes = ["a b": HostVolume(path: "/x")] }?.contains("host volume a b") == true)
        #expect(mistake { $0.hostVolumes = ["a": HostVolume(path: "x")] }?.contains("must be absolute") == true)
    }
}
