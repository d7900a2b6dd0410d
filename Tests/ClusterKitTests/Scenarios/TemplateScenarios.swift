import ClusterKit
import ClusterTesting
import Testing

/// What is made of templates, and what a change of it does, second by second.
@Suite struct TemplateScenarios {
    private func template(_ data: String, _ file: String, _ words: String = "") -> String {
        """
        template {
          data = <<-EOT
        \(data)
          EOT
          destination = "local/\(file)"
          \(words)
        }
        """
    }

    /// The task waits until all that its files need is there. Then a change of what a file says does what the template
    /// states: nothing, a signal, or a restart within five seconds, which counts as no failure, though none is allowed
    /// here. What `noop` changed in the environment is seen after that restart.
    @Test func eachChangeDoesWhatTheTemplateStates() throws {
        let templates = [
            template("{{ key \"main\" }}", "main"),
            template(
                "{{ key \"loud\" }}", "loud", "change_mode = \"signal\"\n change_signal = \"SIGHUP\"\n perms = \"0600\""
            ),
            template("STILL={{ key \"still\" }}", "still", "change_mode = \"noop\"\n env = true\n splay = \"1h\""),
        ]
        let job = try Job.stated(
            "web", group: "restart { attempts = 0 }", tasks: ["server": templates.joined(separator: "\n")])
        try Scenario(
            "template-changes", for: .seconds(120), machines: 1,
            [
                .register(job, at: .seconds(5)),
                .setKey("main", to: "one", at: .seconds(10)),
                .setKey("loud", to: "one", at: .seconds(15)),
                .setKey("still", to: "one", at: .seconds(20)),
                .setKey("still", to: "two", at: .seconds(40)),
                .setKey("loud", to: "two", at: .seconds(50)),
                .setKey("main", to: "two", at: .seconds(60)),
                .setKey("main", to: "two", at: .seconds(80)),
            ]
        ).check()
    }

    /// A name that the map does not hold is written as `<no value>`, unless that is stated to be a mistake: then it
    /// fails the start, and the restart policy decides. What is set right meanwhile is right for the next start; what
    /// becomes wrong while the task runs leaves the file as it is.
    @Test func aMissingNameFailsTheStartWhereThatIsStated() throws {
        let data = "port {{ (key \"config\" | parseJSON).port }}"
        func job(_ id: String, _ words: String) throws -> Job {
            try .stated(
                id, group: "restart {\n attempts = 3\n delay = \"20s\"\n}",
                tasks: ["server": template(data, "port", words)])
        }
        try Scenario(
            "template-missing-name", for: .seconds(120), machines: 1,
            [
                .setKey("config", to: "{}", at: .seconds(4)),
                .register(try job("lax", "change_mode = \"noop\""), at: .seconds(5)),
                .register(try job("strict", "error_on_missing_key = true"), at: .seconds(6)),
                .setKey("config", to: #"{"port": 80}"#, at: .seconds(40)),
                .setKey("config", to: "{", at: .seconds(80)),
            ]
        ).check()
    }

    /// Three instances act on one change: the next begins when the one before has been well for ten seconds. In Nomad
    /// all would within their five seconds.
    @Test func instancesActOnAChangeByTurns() throws {
        let job = try Job.stated(
            "web", group: "count = 3", tasks: ["server": template("{{ key \"word\" }}", "word")])
        try Scenario(
            "template-turns", for: .seconds(180),
            [
                .setKey("word", to: "one", at: .seconds(4)),
                .register(job, at: .seconds(5)),
                .setKey("word", to: "two", at: .seconds(100)),
            ]
        ).check()
    }

    /// Two at a time act on a change, and fall ill of it: the other two go on with what they have until the word is
    /// corrected. The two that are ill act on that at once; the others when those are well.
    @Test func aBadValueReachesNoMoreThanAreAllowedAtATime() throws {
        let job = try Job.stated(
            "web", group: "count = 4\n update { max_parallel = 2 }\n \(Job.checkedService)",
            tasks: ["server": template("{{ key \"word\" }}", "word", "splay = \"1s\"")])
        try Scenario(
            "template-bad-value", for: .seconds(240),
            [
                .setKey("word", to: "good", at: .seconds(4)),
                .register(job, at: .seconds(5)),
                .setKey("word", to: "bad", at: .seconds(100)),
                .setKey("word", to: "better", at: .seconds(160)),
            ],
            course: { turn in
                // Who starts with the bad word is never well.
                turn.time > .seconds(100) && turn.time < .seconds(160) ? .warmsUp(for: .seconds(3600)) : .runs
            }
        ).check()
    }
}
