import Testing

@testable import ClusterKit

@Suite struct ConstraintTests {
    static let node: Node = {
        var node = sampleNodes(1)[0]
        node.attributes = [
            "kernel.name": "linux", "os.version": "9", "load": "1.5", "list": "a, b,c", "unique.hostname": "n1",
            "word": "10.x", "long": String(repeating: "a", count: 10_000) + "b",
        ]
        node.meta = ["rack": "r1", "empty": ""]
        node.nodeClass = "big"
        return node
    }()

    @Test(arguments: [
        ("${attr.kernel.name}", ConstraintOperator.equal, "linux", true),
        ("${attr.kernel.name}", .equal, "Linux", false),
        ("${attr.none}", .equal, "linux", false),
        ("${attr.none}", .equal, "", false),
        ("${attr.kernel.name}", .equal, "${attr.none}", false),
        ("${attr.none}", .notEqual, "linux", true),
        ("${attr.kernel.name}", .notEqual, "linux", false),
        ("${attr.kernel.name}", .notEqual, "${attr.none}", true),
        // Whole numbers, fractions, then text by its bytes.
        ("${attr.os.version}", .less, "10", true),
        ("${attr.os.version}", .greater, "10", false),
        ("${attr.load}", .greaterOrEqual, "1.50", true),
        ("${attr.load}", .less, "10", true),
        ("${attr.word}", .less, "9", true),
        ("${attr.word}", .greater, "9", false),
        ("${attr.os.version}", .lessOrEqual, "9", true),
        ("${attr.none}", .less, "10", false),
        ("${attr.none}", .greaterOrEqual, "", false),
        ("${attr.load}", .less, "nan", false),
        ("${attr.load}", .greaterOrEqual, "nan", false),
        ("${meta.empty}", .isSet, "", true),
        ("${meta.none}", .isSet, "", false),
        ("${meta.none}", .isNotSet, "", true),
        ("${meta.rack}", .isNotSet, "", false),
        ("${attr.list}", .setContains, "c, a", true),
        ("${attr.list}", .setContains, "c,d", false),
        ("${attr.list}", .setContainsAny, "x,b", true),
        ("${attr.list}", .setContainsAny, "x,y", false),
        ("${attr.none}", .setContains, "a", false),
        ("${attr.none}", .setContainsAny, "a", false),
        ("${node.unique.name}", .equal, "n1", true),
        ("${node.unique.id}", .equal, "00000000-0000-0000-0000-000000000001", true),
        ("${node.datacenter}", .equal, "dc1", true),
        ("${node.class}", .equal, "big", true),
        ("${node.pool}", .equal, "default", true),
        ("${unique.hostname}", .equal, "${attr.unique.hostname}", true),
        ("${attr.driver.raw_exec}", .equal, "1", true),
        ("${nonsense}", .isSet, "", false),
        ("plain", .equal, "plain", true),
        ("", .distinctHosts, "", true),
        ("${meta.rack}", .distinctProperty, "1", true),
        ("${attr.none}", .notEqual, "${attr.none}", false),
        ("${attr.kernel.name}", .regexp, "^li.*x$", true),
        ("${attr.kernel.name}", .regexp, "nu", true),
        ("${attr.kernel.name}", .regexp, "^nu", false),
        ("${attr.kernel.name}", .regexp, "(", false),
        ("${attr.none}", .regexp, ".*", false),
        // For others this takes years, and what is too large is refused at registration.
        ("${attr.long}", .regexp, "^(a+)+$", false),
        ("${attr.long}", .regexp, "^(a+)+b$", true),
        ("${attr.kernel.name}", .regexp, "(l{1000}){1000}|linux", false),
        ("${meta.rack}", .regexp, "${attr.none}", false),
        ("r1", .regexp, "${meta.rack}", true),
        ("${attr.os.version}", .version, ">= 8, < 10", true),
        ("${attr.none}", .version, ">= 8", false),
        ("${attr.none}", .version, "!= 8", false),
        ("${attr.word}", .version, "!= 8", false),
        ("${attr.os.version}", .version, "${attr.os.version}", true),
        ("${attr.os.version}", .version, "${attr.none}", false),
        ("${attr.os.version}", .semver, ">= 8.0.0", true),
        ("1.2.3", .semver, ">= 1.0.0, < 2.0.0", true),
        ("${attr.none}", .semver, "= 1.0.0", false),
    ])
    func operators(attribute: String, comparison: ConstraintOperator, value: String, holds: Bool) {
        let check = ConstraintCheck<NodeAttribute>(Constraint(attribute, comparison, value))
        #expect(check.holds(on: Self.node) == holds)
    }

    @Test(arguments: [
        ("*", "dc1", true), ("dc1", "dc1", true), ("dc1", "dc11", false), ("dc*", "dc11", true),
        ("*-1", "east-1", true),
        ("e*t-*", "east-1", true), ("e*x", "east", false), ("", "", true), ("", "a", false), ("**", "", true),
        ("a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 5000), false),
    ])
    func globs(pattern: String, text: String, matches: Bool) {
        #expect(Glob.matches(pattern, text) == matches)
    }

    @Test func rulesInOrder() throws {
        var job = Job.sample()
        job.datacenters = ["dc2"]
        let failure = { (node: Node) in NodeFilter(job, job.groups[0]).failure(on: node) }
        var node = Self.node
        node.status = .down
        #expect(failure(node) == "node is not ready")
        node.status = .ready
        node.eligibility = .ineligible
        #expect(failure(node) == "node is not eligible")
        node.eligibility = .eligible
        #expect(failure(node) == "datacenter")
        job.datacenters = ["dc*"]
        job.nodePool = "gpu"
        #expect(failure(node) == "node pool")
        job.nodePool = "all"
        job.groups[0].tasks[0].driver = "docker"
        #expect(failure(node) == "missing drivers \"docker\"")
        node.drivers["docker"] = DriverStatus(healthy: false)
        #expect(failure(node) == "unhealthy drivers \"docker\"")
        node.drivers["docker"] = DriverStatus(healthy: true)
        job.groups[0].constraints = [Constraint("${attr.kernel.name}", .equal, "darwin")]
        job.groups[0].volumes = [VolumeRequest(name: "cache", source: "cache")]
        #expect(failure(node) == "missing host volumes \"cache\"")
        node.hostVolumes = ["cache": HostVolume(path: "/cache", readOnly: true)]
        #expect(failure(node) == "read-only host volumes \"cache\"")
        job.groups[0].volumes[0].readOnly = true
        #expect(failure(node) == "${attr.kernel.name} = darwin")
        job.groups[0].constraints = []
        job.groups[0].tasks[0].resources.devices = [DeviceRequest(name: "nvidia/gpu")]
        #expect(failure(node) == "missing devices \"nvidia/gpu\"")
        node.devices = [
            DeviceGroup(
                name: DeviceName(vendor: "nvidia", kind: "gpu", model: "a100"), instances: [DeviceInstance("0")])
        ]
        #expect(failure(node) == nil)
    }
}
