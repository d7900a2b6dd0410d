import ArgumentParser
import ClusterHosts
import ClusterKit
import Logging
import Testing

@testable import ClusterAgent
@testable import ClusterServer

@Suite struct SettingsTests {
    private func server(_ arguments: [String], file: String = "") throws -> ServerSettings {
        try ServerSettings(
            ServerFlags.parse(["--data-dir", "/d"] + arguments), SettingsFile(bytes: Array(file.utf8), name: "s.hcl"))
    }

    private func agent(_ arguments: [String], file: String = "") throws -> AgentSettings {
        try AgentSettings(
            AgentFlags.parse(["--data-dir", "/d"] + arguments), SettingsFile(bytes: Array(file.utf8), name: "s.hcl"))
    }

    @Test func noNodeIsInEveryPool() throws {
        let flag = #expect(throws: ClusterError.self) { try agent(["--server", "a:1", "--node-pool", "all"]) }
        #expect(flag?.message.contains("every pool") == true)
        let file = #expect(throws: ClusterError.self) { try agent(["--server", "a:1"], file: "node_pool = \"all\"") }
        #expect(file?.message.contains("every pool") == true)
        #expect(try agent(["--server", "a:1", "--node-pool", "gpu"]).agent.pool == "gpu")
    }

    @Test func defaultsAreNomads() throws {
        let settings = try server([])
        #expect(settings.ports.http == 4646)
        #expect(settings.ports.bind == "127.0.0.1")
        #expect(settings.server.heartbeatTTL == .seconds(10))
        #expect(settings.server.heartbeatGrace == .seconds(10))
        #expect(!settings.isDev)
    }

    @Test func flagsWinOverTheFile() throws {
        let file = """
            http_port = 1
            heartbeat_ttl = "3s"
            heartbeat_grace = "4s"
            log_level = "debug"
            """
        let settings = try server(["--http-port", "2", "--heartbeat-ttl", "500ms"], file: file)
        #expect(settings.ports.http == 2)
        #expect(settings.server.heartbeatTTL == .milliseconds(500))
        #expect(settings.server.heartbeatGrace == .seconds(4))
        #expect(settings.logLevel == .debug)
        #expect(settings.dataFolder == "/d")
    }

    @Test func mistakesInTheFileAreAllShownWithTheirPlace() throws {
        let error = try #require(
            #expect(throws: ClusterError.self) {
                try server([], file: "http_prt = 1\nheartbeat_ttl = 5\nlog_level = \"inf\"")
            })
        for part in [
            "s.hcl:1,1", "Did you mean \"http_port\"?", "s.hcl:2,", "must be a duration", "^", "Did you mean \"info\"?",
        ] {
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test(arguments: ["0.0.0.0", "192.168.1.5", "::"]) func openAddressesNeedConsent(_ address: String) throws {
        let error = try #require(#expect(throws: ClusterError.self) { try server(["--bind", address]) })
        #expect(error.message.contains("--insecure-allow-open"))
        #expect(try server(["--bind", address, "--insecure-allow-open"]).ports.bind == address)
        #expect(throws: ClusterError.self) { try server(["--dev", "--bind", address, "--insecure-allow-open"]) }
    }

    @Test(arguments: [
        ("127.0.0.1", "everyone on this machine may"), ("::1", "everyone on this machine may"),
        ("192.168.1.5", "everyone who reaches 192.168.1.5 may"), ("::", "everyone who reaches this machine may"),
    ])
    func whoMayDoEverythingIsWhoReachesTheAddress(bind: String, words: String) throws {
        let ports = try server(["--bind", bind, "--insecure-allow-open"]).ports
        #expect(ports.openness.contains(words), "\(ports.openness)")
    }

    @Test(arguments: ["no such", "256.1.1.1", "name.invalid"]) func whatIsNoAddressIsSaidToBeNone(_ bind: String) throws
    {
        let error = try #require(#expect(throws: ClusterError.self) { try server(["--bind", bind]) })
        #expect(error.message.hasPrefix("--bind \(bind) is no address"), "\(error.message)")
    }

    @Test func whoLacksASealKeyIsToldHowToMakeOne() throws {
        let secrets = try #require(Server(store: MemoryStore()).secrets as? SealedSecretStore)
        let error = #expect(throws: ClusterError.self) {
            try secrets.unseal(file: "/none/such.key", dataFolder: "/d", isDev: false)
        }
        #expect(error?.message.contains("openssl rand -hex 32 > /none/such.key") == true)
    }

    @Test(arguments: [
        ["--http-port", "70000"], ["--http-port", "x"], ["--heartbeat-ttl", "5"], ["--heartbeat-ttl", "-1s"],
        ["--log-level", "loud"],
    ])
    func wrongValuesAreRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try server(arguments) }
    }

    @Test func agentsMergeTheirMeta() throws {
        let file = """
            server = ["http://a:1"]
            name = "n"
            meta = { rack = "1", disk = "ssd" }
            """
        let settings = try agent(["--meta", "rack=2", "--meta", "gpu=", "--datacenter", "dc2"], file: file)
        #expect(settings.servers == ["http://a:1"])
        #expect(settings.agent.nodeName == "n")
        #expect(settings.agent.datacenter == "dc2")
        #expect(settings.agent.meta == ["rack": "2", "disk": "ssd", "gpu": ""])
        #expect(try agent(["--server", "http://b:1", "--name", "m"], file: file).servers == ["http://b:1"])
    }

    @Test func agentsSayOfWhichClassTheirNodeIs() throws {
        let file = "server = [\"http://a:1\"]\nnode_class = \"fast\""
        #expect(try agent([], file: file).agent.nodeClass == "fast")
        #expect(try agent(["--node-class", "slow"], file: file).agent.nodeClass == "slow")
    }

    @Test func agentsTakeTheRestFromTheFile() throws {
        let file = """
            server           = ["http://a:1"]
            address          = "10.0.0.7"
            max_kill_timeout = "2m"
            min_dynamic_port = 9000
            max_dynamic_port = 9100
            gc_max_allocs             = 7
            gc_disk_usage_threshold   = 90
            gc_inode_usage_threshold  = 60
            gc_interval               = "5m"
            reserved {
              cpu            = 500
              memory         = 512
              disk           = 1024
              cores          = "8, 0-1"
              reserved_ports = "80, 22,8500-8502,8501"
            }
            """
        let agent = try agent([], file: file).agent
        #expect(agent.address == "10.0.0.7" && agent.maxKillTimeout == .seconds(120))
        #expect(agent.dynamicPorts == 9000...9100)
        #expect(agent.keptAllocations == 7 && agent.surveyInterval == .seconds(300))
        #expect(agent.diskThreshold == 90 && agent.inodeThreshold == 60)
        #expect(agent.reserved == Resources(cpuMHz: 500, memoryMiB: 512, diskMiB: 1024))
        #expect(agent.reservedPorts == [22, 80, 8500, 8501, 8502] && agent.reservedCores == [0, 1, 8])
        let usual = try self.agent(["--server", "http://a:1"]).agent
        #expect(
            usual
                == {
                    var it = AgentConfiguration(dataFolder: "/d"); it.version = Host.version; return it
                }())
    }

    @Test(arguments: [
        ("min_dynamic_port = 40000", "is above"), ("max_dynamic_port = 70000", "from 1 to 65535"),
        ("reserved {\n reserved_ports = \"22,x\"\n}", "reserved_ports"), ("max_kill_timeout = 5", "must be a duration"),
        ("reserved {\n reserved_ports = \"9-5\"\n}", "reserved_ports"), ("reserved {\n cpu = -1\n}", "\"cpu\""),
        ("reserved {\n reserved_ports = \"1-99999999\"\n}", "reserved_ports"), ("adress = \"x\"", "address"),
        ("reserved {\n cores = \"3-1\"\n}", "\"cores\" must be"), ("reserved {\n cores = \"-1\"\n}", "cores"),
        ("gc_disk_usage_threshold = 101", "from 0 to 100"), ("gc_max_allocs = -1", "gc_max_allocs"),
        ("gc_interval = \"0s\"", "\"gc_interval\" must be 1s or longer"), ("gc_interval = \"-1m\"", "gc_interval"),
    ])
    func mistakesInTheAgentsFileAreShown(line: String, words: String) throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try agent(["--server", "http://a:1"], file: line) })
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func agentsOfferFoldersAndDevices() throws {
        let file = """
            server = ["http://a:1"]
            host_volume "tmp" {
              path      = "/tmp"
              read_only = true
            }
            host_volume "root" { path = "/" }
            device "nvidia/gpu/A100 80/x" {
              attributes {
                memory = "80 GiB"
                cores  = 6912
              }
              instance "g1" {}
              instance "g0" { healthy = false }
            }
            """
        let agent = try agent([], file: file).agent
        #expect(
            agent.hostVolumes == ["tmp": HostVolume(path: "/tmp", readOnly: true), "root": HostVolume(path: "/")])
        #expect(
            agent.devices == [
                DeviceGroup(
                    name: DeviceName(vendor: "nvidia", kind: "gpu", model: "A100 80/x"),
                    attributes: ["memory": "80 GiB", "cores": "6912"],
                    instances: [DeviceInstance("g0", healthy: false), DeviceInstance("g1")])
            ])
    }

    @Test(arguments: [
        ("host_volume \"x\" { path = \"/none/such\" }", "there is no folder /none/such"),
        ("host_volume \"x\" { path = \"tmp\" }", "must be absolute"),
        ("host_volume \"x\" {}", "\"path\" is missing"),
        ("host_volume \"x\" { path = \"/etc/hostname\" }", "there is no folder /etc/hostname"),
        ("host_volume \"x\" { path = \"/\" }\nhost_volume \"x\" { path = \"/\" }", "is there already"),
        ("device \"gpu\" { instance \"0\" {} }", "named by vendor, type and model"),
        ("device \"a/b/c\" {}", "needs an instance"), ("device \"a/b/c\" { instanc \"0\" {} }", "instance"),
    ])
    func mistakesInWhatAgentsOfferAreShown(text: String, words: String) throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try agent(["--server", "http://a:1"], file: text) })
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func anAgentNeedsAServer() throws {
        let error = try #require(#expect(throws: ClusterError.self) { try agent([]) })
        #expect(error.message.contains("--server"))
    }

    @Test func dataLiesInTheUsersFolderOfState() throws {
        #expect(
            try Folders.data(nil, name: "dev", environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"], current: "/c")
                == "/s/clusterkit/dev")
        #expect(
            try Folders.data(nil, name: "dev", environment: ["XDG_STATE_HOME": "s", "HOME": "/h"], current: "/c")
                == "/h/.local/state/clusterkit/dev")
        #expect(try Folders.data("a/b", name: "dev", environment: [:], current: "/c") == "/c/a/b")
        #expect(throws: ClusterError.self) { try Folders.data(nil, name: "dev", environment: [:], current: "/c") }
    }
}
