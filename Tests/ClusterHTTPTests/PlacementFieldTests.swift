import ClusterKit
import Testing

/// What jobs ask of machines, machines offer, and allocations hold is shown under Nomad's names.
struct PlacementFieldTests {
    private static let gpu = DeviceName(vendor: "nvidia", kind: "gpu", model: "a100")

    /// The sample, with a machine that has devices and folders and an allocation that holds some of them.
    private static func records(memoryOversubscription: Bool = false) -> [Change] {
        var records = Sample.records.map { change -> Change in
            switch change {
            case .putNode(var node):
                let attributes = ["memory": "40 GiB", "ratio": "0.5", "ecc": "true", "driver": "535.1.2", "bar1": "7"]
                let instances = [DeviceInstance("g0"), DeviceInstance("g1", healthy: false)]
                node.devices = [DeviceGroup(name: gpu, attributes: attributes, instances: instances)]
                node.hostVolumes = ["repo": HostVolume(path: "/srv/repo", readOnly: true)]
                node.pool = "gpu"
                return .putNode(node)
            case .putAllocation(var allocation):
                allocation.resources.devices = [AllocatedDevice(task: "srv", name: gpu, instances: ["g0"])]
                allocation.preempted = [AllocationID(high: 1, low: 2)]
                allocation.preemptedBy = AllocationID(high: 3, low: 4)
                return .putAllocation(allocation)
            case .putJob(var record):
                record.job.groups[0].tasks[0].resources.memoryMaxMiB = 64
                return .putJob(record)
            default: return change
            }
        }
        records.append(.putSchedulingRules(SchedulingRules(memoryOversubscription: memoryOversubscription)))
        return records
    }

    @Test func machinesShowWhatTheyOffer() async throws {
        try await withCluster(records: Self.records()) { cluster in
            let text = try await cluster.get("/v1/node/\(Sample.node)").text
            #expect(text.contains(#""HostVolumes":{"repo":{"Name":"repo","Path":"/srv/repo","ReadOnly":true}}"#))
            #expect(text.contains(#""NodePool":"gpu""#))
            for part in [
                #""Devices":[{"Vendor":"nvidia","Type":"gpu","Name":"a100","Instances":[{"ID":"g0","Healthy":true,"#,
                #"{"ID":"g1","Healthy":false,"HealthDescription":"","Locality":null}],"Attributes":{"bar1":{"Int":7,"#,
                #""driver":{"String":"535.1.2","Unit":""},"ecc":{"Bool":true,"Unit":""},"#,
                #""memory":{"Int":40,"Unit":"GiB"},"ratio":{"Float":0.5,"Unit":""}}}]"#,
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            let listed = try await cluster.get("/v1/nodes?resources=true").text
            #expect(listed.contains(#""Type":"gpu""#) && listed.contains(#""HostVolumes":{"repo""#))
        }
    }

    @Test func allocationsShowWhatTheyHold() async throws {
        try await withCluster(records: Self.records()) { cluster in
            let text = try await cluster.get("/v1/allocation/\(Sample.allocation)").text
            #expect(
                text.contains(#""Devices":[{"Vendor":"nvidia","Type":"gpu","Name":"a100","DeviceIDs":["g0"]}]"#))
            #expect(text.contains(#""PreemptedAllocations":["00000000-0000-0001-0000-000000000002"]"#))
            #expect(text.contains(#""PreemptedByAllocation":"00000000-0000-0003-0000-000000000004""#))
        }
    }

    /// More memory than is counted is granted by operators, whatever the job says.
    @Test(arguments: [true, false])
    func memoryBeyondWhatIsCountedIsGrantedByTheRules(isGranted: Bool) async throws {
        try await withCluster(records: Self.records(memoryOversubscription: isGranted)) { cluster in
            let text = try await cluster.get("/v1/allocation/\(Sample.allocation)").text
            #expect(text.contains(#""Memory":{"MemoryMB":32,"MemoryMaxMB":\#(isGranted ? 64 : 0)}"#))
            #expect(try await cluster.get("/v1/job/sample-svc").text.contains(#""MemoryMaxMB":64"#))
            let view = Assignments(for: Sample.node, in: cluster.server.snapshot)
            let task = view.allocations.first?.job.groups.first?.tasks.first
            #expect(task?.resources.memoryMaxMiB == (isGranted ? 64 : 0))
        }
    }

    @Test func jobsComeBackAsTheyWereSubmitted() async throws {
        let job = """
            {"ID": "placed", "Name": "placed", "Datacenters": ["*"],
             "Affinities": [{"LTarget": "${meta.a}", "RTarget": "x", "Operand": "=", "Weight": -7}],
             "Constraints": [{"LTarget": "${attr.os.version}", "RTarget": "~> 9.1", "Operand": "version"}],
             "Spreads": [{"Attribute": "${meta.r}", "Weight": 30, "SpreadTarget": [{"Value": "a", "Percent": 60}]}],
             "TaskGroups": [{"Name": "g", "NodePools": ["gpu", "default"],
               "Volumes": {"repo": {"Name": "repo", "Type": "host", "Source": "repo", "ReadOnly": true}},
               "Tasks": [{"Name": "t", "Driver": "raw_exec", "Resources": {"Devices": [
                 {"Name": "nvidia/gpu", "Count": 2, "Affinities": null,
                  "Constraints": [{"LTarget": "${device.model}", "RTarget": "a100", "Operand": "="}]}]}}]}]}
            """
        try await withCluster { cluster in
            let registered = try await cluster.put("/v1/jobs", #"{"Job": \#(job)}"#)
            #expect(registered.status == 200, "\(registered.text)")
            let text = try await cluster.get("/v1/job/placed").text
            for part in [
                #""Affinities":[{"LTarget":"${meta.a}","Operand":"=","RTarget":"x","Weight":-7}]"#,
                #""Constraints":[{"LTarget":"${attr.os.version}","Operand":"version","RTarget":"~> 9.1"}]"#,
                #""Spreads":[{"Attribute":"${meta.r}","SpreadTarget":[{"Percent":60,"Value":"a"}],"Weight":30}]"#,
                #""NodePools":["gpu","default"]"#, #""Volumes":{"repo":{"AccessMode":"","#,
                #""Constraints":[{"LTarget":"${device.model}","Operand":"=","RTarget":"a100"}],"Count":2,"#,
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            let again = try await cluster.put("/v1/jobs", #"{"Job": \#(text)}"#)
            #expect(again.status == 200, "\(again.text)")
            #expect(try await cluster.get("/v1/job/placed").text.contains(#""Version":0"#))
        }
    }
}
