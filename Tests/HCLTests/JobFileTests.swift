import HCL
import Testing

@Suite struct JobFileTests {
    @Test(arguments: Fixtures.all)
    func fixturesAreWellFormed(_ text: String) {
        #expect(ConfigurationFile.parse(text, file: "job.nomad").diagnostics.isEmpty)
    }

    @Test func aJobIsReadThrough() throws {
        let file = ConfigurationFile.parse(Fixtures.web, file: "web.nomad")
        let session = EvaluationSession(diagnostics: file.diagnostics)
        let runtime = RuntimeReferences(names: ["attr", "node", "meta", "env"], prefixes: ["NOMAD_"])
        let context = EvaluationContext(runtimeReferences: runtime)
        let variables = ModuleVariables(file.body, given: ["image_tag": "2.0"], in: context, session)
        let reader = BodyReader(file.body, in: variables.context, session)
        reader.allow(ModuleVariables.blockTypes)
        let job = reader.block("job", labels: ["name"], .required) { $0.contentAsObject().map { Value.object($0) } }
        reader.finish()
        #expect(session.diagnostics.isEmpty)
        guard case .object(let content)? = job else {
            Issue.record("no job")
            return
        }
        #expect(content["priority"] == 60)
        #expect(content["constraint"] == [["attribute": "${attr.kernel.name}", "value": "linux"]])
        let group = try #require(content["group"]?.first?.member("front"))
        #expect(group.member("count") == 3)
        #expect(group.member("network")?.first?.member("port") == [["admin": ["to": 9090]], ["http": ["to": 8080]]])
        let task = try #require(group.member("task")?.first?.member("server"))
        let config = try #require(task.member("config")?.first)
        #expect(config.member("image") == "registry.example/web:2.0")
        #expect(config.member("args") == ["-listen", ":${NOMAD_PORT_http}", "-names", "admin:9090,http:8080"])
        #expect(
            task.member("template")?.first?.member("data")
                == """
                {{ range service "db" }}
                server = {{ .Address }}:{{ .Port }}
                {{ end }}
                self = ${node.unique.name}/${meta["rack"]}

                """)
        #expect(task.member("env")?.first == ["HOME": "${env[\"HOME\"]}", "TITLE": "Hello World"])
    }
}

extension Value {
    fileprivate var first: Value? { if case .list(let list) = self { list.first } else { nil } }

    fileprivate func member(_ name: String) -> Value? {
        if case .object(let object) = self { object[name] } else { nil }
    }
}
