import ClusterKit
import HCL
import Testing

@Suite("Where a job runs, as it is stated")
struct JobPlacementTests {
    @Test func everyFieldIsRead() throws {
        let job = try Fixture.file("placement").job()
        #expect(
            job.constraints == [
                Constraint("${attr.os.version}", .version, ">= 7, < 10"),
                Constraint("${meta.rack}", .distinctProperty, "2"),
            ])
        #expect(job.affinities == [Affinity("${node.datacenter}", .equal, "dc1", weight: 50)])
        let targets = [SpreadTarget("dc1", percent: 70), SpreadTarget("dc2", percent: 30)]
        #expect(job.spreads == [Spread("${node.datacenter}", weight: 50, targets: targets)])

        let group = try #require(job.group("g"))
        #expect(group.nodePools == ["gpu", "default"] && group.count == 4)
        #expect(
            group.constraints == [
                Constraint("${attr.cpu.modelname}", .regexp, "^(AMD|Intel)"),
                Constraint("${meta.release}", .semver, ">= 1.2.0"),
            ])
        #expect(group.affinities == [Affinity("${meta.tags}", .setContainsAny, "fast,new", weight: -20)])
        #expect(group.spreads == [Spread("${meta.rack}", weight: 100)])
        // By name, as JSON has no order for them.
        #expect(
            group.volumes == [
                VolumeRequest(name: "cache", source: "ccache"),
                VolumeRequest(name: "repo", source: "alidist", readOnly: true),
            ])

        let task = try #require(group.task("t"))
        #expect(task.affinities == [Affinity("${attr.kernel.version}", .version, "~> 5.10", weight: 100)])
        let gpu = DeviceRequest(
            name: "nvidia/gpu", count: 2, constraints: [Constraint("${device.attr.memory}", .greaterOrEqual, "16 GiB")],
            affinities: [Affinity("${device.model}", .regexp, "^a100", weight: 75)])
        #expect(
            task.resources
                == TaskResources(
                    cores: 2, memoryMiB: 256, memoryMaxMiB: 1024, devices: [gpu, DeviceRequest(name: "fpga")]))
    }

    @Test func shortWordsMeanTheSame() throws {
        let group = try #require(Fixture.file("placement").job().group("h"))
        #expect(group.nodePools == ["arm"])
        #expect(
            group.constraints == [
                Constraint("${meta.tags}", .setContains, "a,b"), Constraint("${meta.old}", .notEqual, "yes"),
                Constraint("${attr.cpu.arch}", .equal, "arm64"),
            ])
    }

    /// The keys are those of Nomad's structs `Constraint`, `Affinity`, `Spread`, `VolumeRequest`, `RequestedDevice`.
    @Test func documentsOfNomadStateTheSame() throws {
        let text = """
            {"ID": "placed", "Constraints": [
               {"LTarget": "${attr.os.version}", "RTarget": ">= 7, < 10", "Operand": "version"},
               {"LTarget": "${meta.rack}", "RTarget": "2", "Operand": "distinct_property"}],
             "Affinities": [{"LTarget": "${node.datacenter}", "RTarget": "dc1", "Operand": "="}],
             "Spreads": [{"Attribute": "${node.datacenter}", "SpreadTarget": [
               {"Value": "dc1", "Percent": 70}, {"Value": "dc2", "Percent": 30}]}],
             "TaskGroups": [{"Name": "g", "Count": 4, "NodePools": ["gpu", "default"],
               "Constraints": [
                 {"LTarget": "${attr.cpu.modelname}", "RTarget": "^(AMD|Intel)", "Operand": "regexp"},
                 {"LTarget": "${meta.release}", "RTarget": ">= 1.2.0", "Operand": "semver"}],
               "Affinities": [
                 {"LTarget": "${meta.tags}", "RTarget": "fast,new", "Operand": "set_contains_any", "Weight": -20}],
               "Spreads": [{"Attribute": "${meta.rack}", "Weight": 100, "SpreadTarget": null}],
               "Volumes": {
                 "repo": {"Name": "repo", "Type": "host", "Source": "alidist", "ReadOnly": true, "AccessMode": "",
                          "AttachmentMode": "", "MountOptions": null, "PerAlloc": false},
                 "cache": {"Name": "cache", "Type": "host", "Source": "ccache"}},
               "Tasks": [{"Name": "t", "Driver": "raw_exec",
                 "Affinities": [{"LTarget": "${attr.kernel.version}", "RTarget": "~> 5.10", "Operand": "version",
                                 "Weight": 100}],
                 "Resources": {"Cores": 2, "MemoryMB": 256, "MemoryMaxMB": 1024, "Devices": [
                   {"Name": "nvidia/gpu", "Count": 2,
                    "Constraints": [{"LTarget": "${device.attr.memory}", "RTarget": "16 GiB", "Operand": ">="}],
                    "Affinities": [
                      {"LTarget": "${device.model}", "RTarget": "^a100", "Operand": "regexp", "Weight": 75}]},
                   {"Name": "fpga", "Count": null}]}}]},
              {"Name": "h", "NodePool": "arm", "Constraints": [
                 {"LTarget": "${meta.tags}", "RTarget": "a,b", "Operand": "set_contains_all"},
                 {"LTarget": "${meta.old}", "RTarget": "yes", "Operand": "not"},
                 {"LTarget": "${attr.cpu.arch}", "RTarget": "arm64", "Operand": "is"}],
               "Tasks": [{"Name": "t", "Driver": "raw_exec"}]}]}
            """
        #expect(try JobDocument(json: text).job() == Fixture.file("placement").job())
    }

    @Test func theSameCanBeStatedInSwift() throws {
        let job = Job("placed") {
            Constraint("${attr.os.version}", .version, ">= 7, < 10")
            Constraint("${meta.rack}", .distinctProperty, "2")
            Affinity("${node.datacenter}", .equal, "dc1")
            Spread("${node.datacenter}", targets: [SpreadTarget("dc1", percent: 70), SpreadTarget("dc2", percent: 30)])
            Group("g", count: 4, nodePools: ["gpu", "default"]) {
                Constraint("${attr.cpu.modelname}", .regexp, "^(AMD|Intel)")
                Constraint("${meta.release}", .semver, ">= 1.2.0")
                Affinity("${meta.tags}", .setContainsAny, "fast,new", weight: -20)
                Spread("${meta.rack}", weight: 100)
                VolumeRequest(name: "repo", source: "alidist", readOnly: true)
                VolumeRequest(name: "cache", source: "ccache")
                TaskSpec("t") {
                    Affinity("${attr.kernel.version}", .version, "~> 5.10", weight: 100)
                    DeviceRequest(
                        name: "nvidia/gpu", count: 2,
                        constraints: [Constraint("${device.attr.memory}", .greaterOrEqual, "16 GiB")],
                        affinities: [Affinity("${device.model}", .regexp, "^a100", weight: 75)])
                    TaskResources(
                        cores: 2, memoryMiB: 256, memoryMaxMiB: 1024, devices: [DeviceRequest(name: "fpga")])
                }
            }
            Group("h", nodePools: ["arm"]) {
                Constraint("${meta.tags}", .setContains, "a,b")
                Constraint("${meta.old}", .notEqual, "yes")
                Constraint("${attr.cpu.arch}", .equal, "arm64")
                TaskSpec("t")
            }
        }
        #expect(try job.validated() == Fixture.file("placement").job())
    }

    @Test(arguments: [
        ("1", ""), ("2", "2"),
    ])
    func oneIsWhatPropertiesAreLimitedToAnyway(stated: String, kept: String) {
        var job = plainJob()
        job.constraints = [Constraint("${meta.rack}", .distinctProperty, stated)]
        #expect(job.canonical().constraints == [Constraint("${meta.rack}", .distinctProperty, kept)])
    }

    /// What stands in a group, and where and how the file is refused.
    @Test(arguments: [
        ("node_pool = \"a\"\nnode_pools = [\"b\"]", "j.hcl:4,14", "put all of them into node_pools"),
        ("volume \"v\" {\ntype = \"csi\"\nsource = \"x\"\n}", "j.hcl:4,8", "volumes of type \"csi\" are not supported"),
        ("volume \"v\" {\nsource = \"x\"\n}", "j.hcl:3,1", "must say what the volume is: \"host\""),
        (
            "volume \"v\" {\ntype = \"host\"\nsource = \"x\"\nmount_options {}\n}", "j.hcl:6,1",
            "\"mount_options\" blocks are not supported"
        ),
        (
            "constraint {\nattribute = \"${attr.a}\"\nregexp = \"x\"\nversion = \"> 1\"\n}", "j.hcl:5,10",
            "a constraint has one operator"
        ),
        (
            "constraint {\nattribute = \"${attr.a}\"\noperator = \"like\"\nvalue = \"x\"\n}", "j.hcl:5,12",
            "use one of ="
        ),
        ("constraint {\ndistinct_property = \"${meta.a}\"\nvalue = \"some\"\n}", "j.hcl:5,9", "a whole number from 1"),
        ("affinity {\nattribute = \"${meta.a}\"\nvalue = \"x\"\nweight = 0\n}", "j.hcl:6,10", "must not be 0"),
        ("affinity {\nattribute = \"${meta.a}\"\nweight = 101\n}", "j.hcl:5,10", "at most 100, is 101"),
        ("affinity {\nattribute = \"${meta.a}\"\nweight = \"x\"\n}", "j.hcl:5,10", "must be a whole number"),
        ("affinity {\ndistinct_hosts = true\n}", "j.hcl:3,1", "distinct_hosts cannot be wished for"),
        (
            "spread {\nattribute = \"${meta.a}\"\ntarget \"b\" {\npercent = 101\n}\n}", "j.hcl:6,11",
            "at most 100, is 101"
        ),
        ("spread {\nattribute = \"${meta.a}\"\ntarget {}\n}", "j.hcl:5,1", "\"target\" needs 1 label"),
        ("spread {\nweight = 10\n}", "j.hcl:3,1", "must say what tells places apart"),
    ])
    func mistakesAreToldWhereTheyStand(inner: String, place: String, message: String) {
        let text = "job \"j\" {\ngroup \"g\" {\n\(inner)\ntask \"t\" { driver = \"x\" }\n}\n}"
        let found = JobFile(text: text, file: "j.hcl").read().diagnostics.map(\.description)
        #expect(found.contains { $0.hasPrefix("\(place): error: ") && $0.contains(message) }, "\(found)")
    }

    @Test(arguments: ["spread", "target \"x\"", "volume \"v\"", "node_pool"])
    func whatIsOfGroupsIsUnknownInTasks(type: String) {
        let block = type == "node_pool" ? "node_pool = \"x\"" : "\(type) {}"
        let text = "job \"j\" {\ngroup \"g\" {\ntask \"t\" {\ndriver = \"x\"\n\(block)\n}\n}\n}"
        let found = JobFile(text: text, file: "j.hcl").read().diagnostics.map(\.description)
        #expect(found.count == 1 && found[0].contains("unknown"), "\(found)")
    }
}
