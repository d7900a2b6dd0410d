import HCL
import Testing

@Suite struct ReaderTests {
    /// Reads a text with the top-level reader; returns the diagnostics as `line,column: summary`.
    private func read(_ text: String, _ body: (BodyReader) -> Void) -> [String] {
        let file = ConfigurationFile.parse(text, file: "t")
        let session = EvaluationSession(diagnostics: file.diagnostics)
        let reader = BodyReader(file.body, in: .sample, session)
        body(reader)
        reader.finish()
        return session.diagnostics.map { "\($0.range?.line ?? 0),\($0.range?.column ?? 0): \($0.summary)" }
    }

    @Test func valuesOfAllTypes() {
        let text = """
            name = "x"
            port = "80"
            on   = true
            rate = 1.5
            wait = "1h30m0.5s"
            tags = ["a", 1]
            env  = { A = 1, B = "b" }
            none = null
            meta { C = n }
            config {
              image = "i"
              mount { a = 1 }
              mount { a = 2 }
              volume "v" { b = 3 }
            }
            """
        let errors = read(text) { reader in
            #expect(reader.string("name", .required) == "x")
            #expect(reader.integer("port", in: 1...65535) == 80)
            #expect(reader.bool("on") == true)
            #expect(reader.double("rate") == 1.5)
            #expect(reader.duration("wait") == .milliseconds(5_400_500))
            #expect(reader.strings("tags") == ["a", "1"])
            #expect(reader.stringMap("env") == ["A": "1", "B": "b"])
            #expect(reader.string("none") == nil)
            #expect(reader.string("absent") == nil)
            #expect(reader.stringMap("meta") == ["C": "3"])
            #expect(
                Value.object(reader.object("config") ?? ObjectValue()) == [
                    "image": "i", "mount": [["a": 1], ["a": 2]], "volume": [["v": ["b": 3]]],
                ])
            #expect(reader.range(of: "port").text == "\"80\"")
        }
        #expect(errors.isEmpty)
    }

    @Test func mistakesArePointedAt() {
        let text = """
            port = 99999
            wait = 30
            late = "5 minutes"
            name = ["x"]
            tags = "a"
            gone = 1
            coutn = 2
            group = { }
            count { }
            task { }
            task "a" {
              drivr = "x"
            }
            update { }
            update { }
            """
        let errors = read(text) { reader in
            _ = reader.integer("port", in: 1...65535)
            _ = reader.duration("wait")
            _ = reader.duration("late")
            _ = reader.string("name")
            _ = reader.strings("tags")
            _ = reader.integer("count")
            reader.refuse("gone", because: "It was removed.")
            _ = reader.string("needed", .required)
            _ = reader.blocks("group") { $0 }
            _ = reader.blocks("task", labels: ["name"]) { $0.string("driver", .required) }
            _ = reader.block("update") { $0.labels.count }
        }
        #expect(
            errors == [
                "1,8: \"port\" must be from 1 to 65535, not 99999",
                "2,8: \"wait\" must be a duration such as \"30s\", not 30",
                "3,8: \"late\" must be a duration such as \"30s\", not \"5 minutes\"",
                "4,8: \"name\" must be a string, not a list",
                "5,8: \"tags\" must be a list of strings, not \"a\"", "6,1: \"gone\" is refused",
                "1,1: \"needed\" is missing",
                "10,1: \"task\" needs 1 label, not 0", "11,1: \"driver\" is missing",
                "12,3: unknown attribute \"drivr\"",
                "15,1: there can only be one \"update\" block", "7,1: unknown attribute \"coutn\"",
                "8,1: \"group\" is a block",
                "9,1: \"count\" is an attribute",
            ])
    }

    @Test func unknownNamesComeWithASuggestion() {
        let file = ConfigurationFile.parse("resorces {}", file: "t")
        let session = EvaluationSession()
        let reader = BodyReader(file.body, in: .sample, session)
        _ = reader.block("resources") { $0.labels.count }
        reader.finish()
        #expect(session.diagnostics.first?.suggestion == "\"resources\"")
    }

    @Test func dynamicBlocksAreExpandedInPlace() {
        let text = """
            port { to = 0 }
            dynamic "port" {
              for_each = [10, 20]
              content {
                to = port.value + port.key
                dynamic "tag" {
                  for_each = { a = 1 }
                  iterator = t
                  content { name = "${t.key}${t.value}${port.value}" }
                }
              }
            }
            dynamic "named" {
              for_each = { x = 1 }
              labels   = [named.key]
              content {}
            }
            """
        let errors = read(text) { reader in
            let ports = reader.blocks("port") { port -> String? in
                let tags = port.blocks("tag") { $0.string("name") }
                return "\(port.integer("to") ?? -1)" + tags.joined()
            }
            #expect(ports == ["0", "10a110", "21a120"])
            #expect(reader.blocks("named", labels: ["name"]) { $0.label(0) } == ["x"])
        }
        #expect(errors.isEmpty)
        #expect(
            read("dynamic \"a\" {\n for_each = 5\n content {}\n}") { _ = $0.blocks("a") { $0 } } == [
                "2,13: \"for_each\" needs a list or an object, not a number"
            ])
        #expect(read("dynamic \"b\" {\n for_each = []\n content {}\n}") { _ in } == ["1,9: unknown block \"b\""])
    }

    @Test(arguments: [
        ("30s", 30_000_000_000), ("1h", 3_600_000_000_000), ("1.5ms", 1_500_000), ("2us3ns", 2003), ("0", 0),
        ("-5s", -5_000_000_000),
        ("1µs", 1000), ("0.000000001s", 1), (".5s", 500_000_000),
    ])
    func durations(_ text: String, _ nanoseconds: Int) {
        #expect(DurationText.parse(text) == .nanoseconds(nanoseconds))
    }

    @Test(arguments: [
        "", "5", "s", "5 s", "1d", "1e3s", "99999999999h", "9223372036854775807h", "1s-", ".", "1.2.3s", "--1s",
    ])
    func textsThatAreNoDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
        #expect(DurationText.isTooLong(text) == ["99999999999h", "9223372036854775807h"].contains(text))
    }

    @Test func whatIsTooLongHasNoWrongUnit() throws {
        #expect(DurationText.isTooLong("1h99999999999999999999.5h"))
        #expect(!DurationText.isTooLong("1h"))
        #expect(!DurationText.isTooLong("99999999999999999999"))
        #expect(!DurationText.isTooLong("99999999999999999999d"))
    }
}
