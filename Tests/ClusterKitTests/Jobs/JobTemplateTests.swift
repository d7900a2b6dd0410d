import ClusterKit
import HCL
import Testing

@Suite("Templates in jobs") struct JobTemplateTests {
    private func file(_ template: String) -> JobFile {
        JobFile(
            text: """
                job "j" {
                  group "g" {
                    task "t" {
                      driver = "raw_exec"
                      template {
                \(template)
                      }
                    }
                  }
                }
                """, file: "j.hcl")
    }

    private let full = """
        data = "[[ key \\"a\\" ]]"
        destination = "${NOMAD_SECRETS_DIR}/x"
        change_mode = "signal"
        change_signal = "SIGHUP"
        splay = "1s"
        perms = "0600"
        left_delimiter = "[["
        right_delimiter = "]]"
        error_on_missing_key = true
        """

    @Test func everyFieldIsReadAndWritten() throws {
        let job = try file(full).job()
        let template = try #require(job.groups.first?.tasks.first?.templates.first)
        #expect(
            template
                == TemplateSpec(
                    data: "[[ key \"a\" ]]", destination: "${NOMAD_SECRETS_DIR}/x", changeMode: .signal,
                    changeSignal: "SIGHUP", splay: .seconds(1), permissions: "0600", leftDelimiter: "[[",
                    rightDelimiter: "]]", failsOnMissingKey: true))
        #expect(try JobDocument(json: JobDocument(job).json).job() == job)
        let text = String(decoding: JobDocument(job).json, as: UTF8.self)
        #expect(text.contains(#""DestPath":"${NOMAD_SECRETS_DIR}/x""#) && text.contains(#""ErrMissingKey":true"#))
    }

    @Test func whatIsLeftOutHasNomadsDefaults() throws {
        let job = try file("data = \"x\"\ndestination = \"local/x\"").job()
        #expect(job.groups[0].tasks[0].templates == [TemplateSpec(data: "x", destination: "local/x")])
    }

    @Test func aChangedTemplateReplacesTheInstance() throws {
        let old = try file("data = \"x\"\ndestination = \"local/x\"").job()
        let new = try file("data = \"y\"\ndestination = \"local/x\"").job()
        #expect(JobChange.replacingFields(group: "g", from: old, to: new) == ["task \"t\" > template"])
        #expect(JobChange.changedFields(from: old, to: new) == ["group \"g\" > task \"t\" > template"])
        #expect(!JobChange.needsReplacement(group: "g", from: old, to: old))
    }

    @Test(arguments: [
        (
            "data = \"{{ if }}\"\ndestination = \"local/x\"", "j.hcl:6,8: error:",
            "line 1, column 1: a value or a function"
        ),
        ("data = \"{{ plugin 1 }}\"\ndestination = \"local/x\"", "j.hcl:6,8:", "\"plugin\" is refused"),
        ("data = \"x\"", "j.hcl:5,", "must say where the file goes"),
        ("data = \"\"\ndestination = \"local/x\"", "j.hcl:6,", "must hold the text"),
        ("data = \"x\"\ndestination = \"../x\"", "j.hcl:7,15:", "remove \"..\""),
        ("data = \"x\"\ndestination = \"/etc/passwd\"", "j.hcl:7,15:", "must lie in the task's folder"),
        ("data = \"x\"\ndestination = \"local/\"", "j.hcl:7,", "must name a file"),
        ("data = \"x\"\ndestination = \"local/x\"\nperms = \"0888\"", "j.hcl:8,", "must be octal"),
        ("data = \"x\"\ndestination = \"local/x\"\nperms = \"4755\"", "j.hcl:8,", "must be octal"),
        ("data = \"x\"\ndestination = \"local/x\"\nchange_mode = \"script\"", "j.hcl:8,", "scripts are not run"),
        (
            "data = \"x\"\ndestination = \"local/x\"\nchange_mode = \"often\"", "j.hcl:8,",
            "one of restart, signal, noop"
        ),
        ("data = \"x\"\ndestination = \"local/x\"\nchange_mode = \"signal\"", "j.hcl:5,", "must name the signal"),
        ("data = \"x\"\ndestination = \"local/x\"\nchange_signal = \"SIGHUP\"", "j.hcl:8,", "only when change_mode"),
        ("data = \"x\"\ndestination = \"local/x\"\nsource = \"y\"", "j.hcl:8,", "\"source\" is not supported"),
        ("data = \"x\"\ndestination = \"local/x\"\nwait {\n}", "j.hcl:8,", "\"wait\" blocks are not supported"),
        ("data = \"x\"\ndestination = \"local/x\"\nchange_script {\n}", "j.hcl:8,", "\"change_script\" blocks"),
    ])
    func mistakesAreToldWhereTheyStand(template: String, place: String, words: String) {
        let found = file(template).read().diagnostics.map(\.description)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix(place) == true && found.first?.contains(words) == true, "\(found)")
    }

    @Test func twoTemplatesOfOneFileAreRefused() {
        let task = TaskSpec(
            name: "t",
            templates: [
                TemplateSpec(data: "a", destination: "local/x"), TemplateSpec(data: "b", destination: "local/x"),
            ])
        let job = Job(id: JobID("j"), groups: [TaskGroup(name: "g", tasks: [task])])
        #expect(JobValidation.validate(job).contains { $0.description.contains("writes the same file") })
    }

    @Test func theBuilderTakesTemplates() {
        let task = TaskSpec("t", command: "/bin/true") { TemplateSpec(data: "x", destination: "local/x") }
        #expect(task.templates.count == 1)
    }

    @Test(arguments: ["SourcePath", "ChangeScript", "Uid"])
    func documentsAreRefusedByName(field: String) throws {
        let value = field == "SourcePath" ? "\"/etc/passwd\"" : field == "Uid" ? "7" : "{\"Command\":\"x\"}"
        let json = """
            {"ID":"j","TaskGroups":[{"Name":"g","Tasks":[{"Name":"t","Driver":"raw_exec","Templates":[
            {"EmbeddedTmpl":"x","DestPath":"local/x","\(field)":\(value)}]}]}]}
            """
        let error = #expect(throws: ClusterError.self) { try JobDocument(json: json).job() }
        #expect(error?.message.contains("Templates[0].\(field)") == true)
    }
}
