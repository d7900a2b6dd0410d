import Testing

@testable import ClusterKit

/// How schedules and dispatches are stated, and what is refused of them.
@Suite struct JobScheduleTests {
    private func file(_ block: String, type: String = "batch", task: String = "") -> String {
        """
        job "tidy" {
          type = "\(type)"
          \(block)
          group "g" {
            task "t" {
              driver = "raw_exec"
              \(task)
            }
          }
        }
        """
    }

    private func mistake(_ block: String, type: String = "batch", task: String = "") -> String {
        do {
            _ = try JobFile(text: file(block, type: type, task: task)).job().validated()
            return "none"
        } catch {
            return (error as? ClusterError)?.message ?? "\(error)"
        }
    }

    @Test func aFileAndADocumentSayTheSame() throws {
        let block = """
            periodic {
              crons            = ["0 4 * * *", "@weekly"]
              time_zone        = "Europe/Zurich"
              prohibit_overlap = true
              enabled          = false
            }
            """
        let job = try JobFile(text: file(block)).job().validated()
        #expect(
            job.periodic
                == PeriodicSpec(
                    ["0 4 * * *", "@weekly"], timeZone: "Europe/Zurich", prohibitsOverlap: true, isEnabled: false))
        let text = String(decoding: JobDocument(job).json, as: UTF8.self)
        #expect(text.contains(#""Spec":"","SpecType":"cron","Specs":["0 4 * * *","@weekly"]"#))
        #expect(try JobDocument(json: text).job().validated() == job)
        let one = try JobFile(text: file("periodic { cron = \"0 4 * * *\" }")).job().validated()
        #expect(one.periodic == PeriodicSpec(["0 4 * * *"]), "Nomad's defaults")
        let document = String(decoding: JobDocument(one).json, as: UTF8.self)
        #expect(document.contains(#""Spec":"0 4 * * *","SpecType":"cron","Specs":null,"TimeZone":"UTC""#))
        #expect(JobChange.changedFields(from: one, to: job) == ["periodic"])
    }

    @Test func aDispatchIsStatedInBoth() throws {
        let block = """
            parameterized {
              payload       = "required"
              meta_required = ["commit"]
              meta_optional = ["branch"]
            }
            """
        let task = "dispatch_payload { file = \"order.json\" }"
        let job = try JobFile(text: file(block, task: task)).job().validated()
        #expect(
            job.parameterized
                == ParameterizedSpec(payload: .required, requiredMeta: ["commit"], optionalMeta: ["branch"]))
        #expect(job.groups[0].tasks[0].payloadFile == "order.json")
        let document = try JobDocument(json: String(decoding: JobDocument(job).json, as: UTF8.self))
        #expect(try document.job().validated() == job)
        let plain = try JobFile(text: file("parameterized {}")).job().validated()
        #expect(plain.parameterized == ParameterizedSpec())
        #expect(JobChange.replacingFields(group: "g", from: plain, to: job) == ["task \"t\" > dispatch_payload"])
    }

    @Test(arguments: [
        ("periodic {}", "batch", "must state a time"),
        ("periodic { cron = \"0 4 * *\" }", "batch", "has 4 fields"),
        ("periodic { cron = \"0 0 30 2 *\" }", "batch", "it would never begin"),
        ("periodic { crons = [\"0 4 * * *\", \"61 * * * *\"] }", "batch", "names \"61\" as minute"),
        ("periodic {\n cron = \"@daily\"\n crons = [\"@hourly\"]\n}", "batch", "exclude each other"),
        ("periodic { cron = \"@daily\" }", "service", "set type = \"batch\" or \"sysbatch\""),
        ("periodic { cron = \"@daily\" }", "system", "set type = \"batch\" or \"sysbatch\""),
        ("periodic {\n cron = \"@daily\"\n time_zone = \"../x\"\n}", "batch", "name of the zone database"),
        ("parameterized {}", "service", "needs work that ends by itself"),
        ("parameterized { payload = \"maybe\" }", "batch", "must be one of optional, required, forbidden"),
        ("parameterized {\n meta_required = [\"a\"]\n meta_optional = [\"a\"]\n}", "batch", "is required already"),
        ("parameterized { meta_required = [\"\"] }", "batch", "must not be empty"),
        ("parameterized {}\nperiodic { cron = \"@daily\" }", "batch", "is periodic and parameterized"),
    ])
    func mistakesAreNamed(_ block: String, _ type: String, _ reason: String) {
        let found = mistake(block, type: type)
        #expect(found.contains(reason), "\(found)")
    }

    @Test(arguments: ["", "../x", "/etc/x", "a/"]) func payloadsStayInTheirFolder(_ file: String) {
        let found = mistake("parameterized {}", task: "dispatch_payload { file = \"\(file)\" }")
        #expect(found.contains("dispatch_payload"), "\(found)")
    }

    @Test func sysbatchMayBePeriodicToo() {
        #expect(mistake("periodic { cron = \"@daily\" }", type: "sysbatch") == "none")
        #expect(mistake("parameterized {}", type: "sysbatch") == "none")
    }
}
