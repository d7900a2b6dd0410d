import ClusterKit
import Testing

@Suite struct TaskEnvironmentTests {
    private let folders = TaskFolders(task: "/d/a/web", shared: "/d/a/alloc")

    private func assignment(_ task: TaskSpec) -> Assignment {
        var assignment = Assignment.sample(tasks: [task])
        assignment.job.groups[0].meta = ["owner": "group", "build-id": "17"]
        assignment.allocation.resources.cores = [task.name: [7, 0, 2, 1]]
        assignment.allocation.resources.ports = [
            PortMapping(label: "http", value: 21_361, hostIP: "10.0.0.7"),
            PortMapping(label: "db-main", value: 5000, to: 5432, hostIP: "fe80::1"),
        ]
        return assignment
    }

    @Test func everyVariableIsThereAndNoOther() {
        let task = TaskSpec(
            name: "web", environment: ["GREETING": "on ${node.unique.name} at ${NOMAD_ADDR_http}", "PATH": "/bin"],
            resources: TaskResources(cpuMHz: 0, cores: 4, memoryMiB: 256, memoryMaxMiB: 512),
            meta: ["tier": "${attr.cpu.arch}"])
        let environment = TaskEnvironment(of: task, in: assignment(task), on: .sample, folders: folders)
        let lines = environment.variables.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n")
        #expect(
            lines == """
                GREETING=on node-a at 10.0.0.7:21361
                HOME=/d/a/web/local
                NOMAD_ADDR_db_main=[fe80::1]:5000
                NOMAD_ADDR_http=10.0.0.7:21361
                NOMAD_ALLOC_DIR=/d/a/alloc
                NOMAD_ALLOC_ID=00000000-0000-abcd-0000-000000000001
                NOMAD_ALLOC_INDEX=1
                NOMAD_ALLOC_NAME=site.web[1]
                NOMAD_ALLOC_PORT_db_main=5432
                NOMAD_ALLOC_PORT_http=21361
                NOMAD_CPU_CORES=0-2,7
                NOMAD_CPU_LIMIT=8000
                NOMAD_DC=dc1
                NOMAD_GROUP_NAME=web
                NOMAD_HOST_ADDR_db_main=[fe80::1]:5000
                NOMAD_HOST_ADDR_http=10.0.0.7:21361
                NOMAD_HOST_IP_db_main=fe80::1
                NOMAD_HOST_IP_http=10.0.0.7
                NOMAD_HOST_PORT_db_main=5000
                NOMAD_HOST_PORT_http=21361
                NOMAD_IP_db_main=fe80::1
                NOMAD_IP_http=10.0.0.7
                NOMAD_JOB_ID=site
                NOMAD_JOB_NAME=site
                NOMAD_MEMORY_LIMIT=256
                NOMAD_MEMORY_MAX_LIMIT=512
                NOMAD_META_BUILD_ID=17
                NOMAD_META_OWNER=group
                NOMAD_META_TIER=amd64
                NOMAD_META_build_id=17
                NOMAD_META_owner=group
                NOMAD_META_tier=amd64
                NOMAD_NAMESPACE=default
                NOMAD_PORT_db_main=5432
                NOMAD_PORT_http=21361
                NOMAD_REGION=global
                NOMAD_SECRETS_DIR=/d/a/web/secrets
                NOMAD_SHORT_ALLOC_ID=00000000
                NOMAD_TASK_DIR=/d/a/web/local
                NOMAD_TASK_NAME=web
                NOMAD_WORK_FILE=/d/a/web/local/work.json
                PATH=/bin
                TMPDIR=/d/a/web/tmp
                """)
    }

    @Test func devicesAreNamedToTheTaskThatHoldsThem() {
        let task = TaskSpec(name: "web")
        var placed = assignment(task)
        func device(_ task: String, _ vendor: String, _ model: String, _ ids: String...) -> AllocatedDevice {
            AllocatedDevice(task: task, name: DeviceName(vendor: vendor, kind: "gpu", model: model), instances: ids)
        }
        placed.allocation.resources.devices = [
            device("web", "nvidia", "a100", "g0", "g1"), device("web", "amd-x", "mi250", "m0"),
            device("other", "nvidia", "a100", "g2"), device("web", "nvidia", "t4", "g7"),
        ]
        let variables = TaskEnvironment(of: task, in: placed, on: .sample, folders: folders).variables
        #expect(variables["CLUSTER_DEVICES_nvidia_gpu"] == "g0,g1,g7")
        #expect(variables["NVIDIA_VISIBLE_DEVICES"] == "g0,g1,g7")
        #expect(variables["CLUSTER_DEVICES_amd_x_gpu"] == "m0")
        #expect(variables.keys.count { $0.contains("DEVICES") } == 3)
    }

    @Test func configurationIsResolvedHoweverDeep() throws {
        let task = TaskSpec(
            name: "web",
            config: [
                "command": "/bin/${meta.rack}", "args": ["-p", "${NOMAD_PORT_http}", .int(3)],
                "nested": .object(["a": .list([.object(["${x}": "${env[\"NOMAD_TASK_NAME\"]}"])])]),
            ])
        let run = TaskRun(AllocationID(high: 0xABCD, low: 1), "web", attempt: 2)
        let placed = assignment(task)
        let request = try #require(TaskRequest(run, of: placed, on: .sample, folders: folders))
        #expect(
            request.config == [
                "command": "/bin/r7", "args": ["-p", "21361", .int(3)],
                "nested": .object(["a": .list([.object(["${x}": "web"])])]),
            ])
        #expect(request.attempt == 2 && request.cores == [7, 0, 2, 1])
        let unknown = TaskRun(run.allocation, "none")
        #expect(TaskRequest(unknown, of: placed, on: .sample, folders: folders) == nil)
    }

    @Test(arguments: [
        ("plain", "plain"), ("${node.datacenter}", "dc1"), ("${node.class}-x", "build-x"),
        ("${ node.pool }", "default"),
        ("${node.unique.id}", "00000000-0000-0001-0000-000000000002"), ("${attr.kernel.name}", "linux"),
        ("${unknown}", "${unknown}"),
        ("${HOME}/x", "${HOME}/x"), ("$${node.datacenter}", "${node.datacenter}"),
        ("$$x $ ${", "$$x $ ${"), ("a$", "a$"), ("${A}${A}", "1${x}1${x}"), ("${env[\"A\"]}", "1${x}"),
        ("${env[\"B\"]}", "${env[\"B\"]}"), ("${}", "${}"), ("é${A}ü", "é1${x}ü"), ("${env[\"]}", "${env[\"]}"),
    ])
    func textsAreResolvedOnce(text: String, result: String) {
        #expect(Interpolation(node: .sample, environment: ["A": "1${x}", "x": "no"]).resolve(text) == result)
    }
}
