import ClusterKit
import Foundation
import Testing

@Suite("Jobs in JSON")
struct JobDocumentTests {
    /// A tree of a document, for comparing two that differ in the order of keys.
    private func tree(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func bytes(_ tree: [String: Any]) throws -> [UInt8] {
        [UInt8](try JSONSerialization.data(withJSONObject: tree))
    }

    /// The one task of a recorded job, changed.
    private func changingTask(of job: [String: Any], _ change: (inout [String: Any]) -> Void) throws -> [String: Any] {
        var job = job
        var groups = try #require(job["TaskGroups"] as? [[String: Any]])
        var tasks = try #require(groups[0]["Tasks"] as? [[String: Any]])
        change(&tasks[0])
        groups[0]["Tasks"] = tasks
        job["TaskGroups"] = groups
        return job
    }

    /// Nomad's own answer without its template, whose fields have changed since.
    private func recordedJob() throws -> [String: Any] {
        try changingTask(of: tree(Fixture.bytes("nomad-job.json"))) { $0["Templates"] = NSNull() }
    }

    @Test func recordedDocumentsStateTheSameJobAsTheFile() throws {
        let job = try JobFile(text: try Fixture.text("nomad-sample.nomad.hcl")).job()
        #expect(job.groups[0].tasks[0].templates.map(\.destination) == ["local/x.txt"])
        #expect(job.groups[0].count == 2 && job.groups[0].restart.attempts == 1 && job.meta == ["owner": "peer"])

        for name in ["nomad-job.json", "nomad-post_jobs.request.json", "nomad-jobs_parse.json"] {
            #expect(try JobDocument(json: Fixture.bytes(name)).job() == job)
        }
    }

    /// The answer equals the recorded one but for fields that are newer, and the group's rules in the job's `Update`.
    @Test func answerHasTheShapeOfNomads() throws {
        let recorded = try recordedJob()
        var record = JobRecord(
            job: try JobDocument(json: bytes(recorded)).job(),
            submitTime: WallTime(nanoseconds: 1_795_351_290_611_955_480))
        record.createRevision = Revision(9)
        record.jobModifyRevision = Revision(9)
        record.modifyRevision = Revision(10)
        var answer = try tree(JobDocument(record, status: "running").json)
        #expect(Set(answer.keys).subtracting(recorded.keys) == ["NodePool", "VersionTag"])
        answer["NodePool"] = nil
        answer["VersionTag"] = nil
        var expected = recorded
        let groups = try #require(recorded["TaskGroups"] as? [[String: Any]])
        expected["Update"] = groups[0]["Update"]
        answer = try changingTask(of: answer) { task in
            guard var resources = task["Resources"] as? [String: Any] else { return }
            resources["Cores"] = nil
            resources["MemoryMaxMB"] = nil
            task["Resources"] = resources
        }
        #expect(answer as NSDictionary == expected as NSDictionary)
    }

    @Test func standingSurvives() throws {
        var record = JobRecord(job: plainJob(), version: 3, stopped: true, submitTime: WallTime(nanoseconds: 5))
        record.modifyRevision = Revision(7)
        record.isStable = true
        record.tag = VersionTag(name: "golden", description: "as of May", time: WallTime(nanoseconds: 6))
        let written = JobDocument(record, status: "dead", statusDescription: "stopped")
        let text = String(decoding: written.json, as: UTF8.self)
        #expect(text.contains(#""Stable":true"#))
        #expect(text.hasSuffix(#""VersionTag":{"Description":"as of May","Name":"golden","TaggedTime":6}}"#), "\(text)")
        #expect(try JobDocument(json: written.json) == written)
        let coded = try JSONDecoder().decode(JobDocument.self, from: try JSONEncoder().encode(written))
        #expect(coded == written)
    }

    /// What servers gave may have been scaled since somebody wrote it.
    @Test func onlyAStoredJobMayHaveFewerInstancesThanCanaries() throws {
        var job = plainJob()
        job.groups[0].count = 2
        job.groups[0].update = UpdateStrategy(canary: 3)
        let error = #expect(throws: ClusterError.self) { try JobDocument(json: JobDocument(job).json).job() }
        #expect(error?.message.contains("is 3, but the group has 2 instances") == true, "\(error?.message ?? "")")
        var record = JobRecord(job: job, submitTime: WallTime(nanoseconds: 5))
        record.jobModifyRevision = Revision(7)
        let document = try JobDocument(json: JobDocument(record, status: "running").json)
        #expect(try document.job() == job.canonical())
    }

    @Test func anyJobSurvives() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = RandomJob(seed: seed)
            let job = random.next().canonical()
            #expect(JobValidation.validate(job) == [], "seed \(seed)")
            #expect(try JobDocument(json: JobDocument(job).json).job() == job, "seed \(seed)")
        }
    }

    @Test func numbersAreAlsoTimeSpansInWords() throws {
        let text = """
            {"ID": "j", "Unknown": [1, {"x": null}], "Priority": null, "Name": "", "TaskGroups": [{"Name": "g",
             "RestartPolicy": {"Delay": "20s", "Attempts": 4.0}, "ReschedulePolicy": {"Unlimited": true},
             "Tasks": [{"Name": "t", "Driver": "raw_exec", "KillTimeout": 3000000000}]}]}
            """
        let job = try JobDocument(json: text).job()
        let group = try #require(job.groups.first)
        #expect(group.restart == RestartPolicy(attempts: 4, interval: .seconds(1800), delay: .seconds(20)))
        #expect(group.tasks.first?.killTimeout == .seconds(3) && job.priority == 50 && job.name == "j")
    }

    @Test(arguments: [
        (#"{"ID": 5}"#, "Job.ID: must be a text, is 5"),
        (#"{"ID": "j", "Priority": 1.5}"#, "Job.Priority: must be a whole number, is 1.5"),
        (#"{"ID": "j", "Priority": "high"}"#, "Job.Priority: must be a whole number, is \"high\""),
        (
            #"{"ID": "j", "Priority": 99999999999999999999}"#,
            "Job.Priority: is too large: 1e+20 is beyond 9223372036854775807"
        ),
        (#"{"ID": "j", "Priority": 1e400}"#, "expected a number of at most 1.8e308 at line 1, column 25"),
        (#"{"ID": "j", "Meta": {"a": 1}}"#, "Job.Meta[\"a\"]: must be a text, is 1"),
        (#"{"ID": "j", "TaskGroups": {}}"#, "Job.TaskGroups: must be a list, is an object"),
        (#"{"ID": "j", "TaskGroups": [1]}"#, "Job.TaskGroups[0]: must be an object, is 1"),
        (#"{"TaskGroups": [{"Tasks": [{}, {"Env": []}]}]}"#, "Job.TaskGroups[0].Tasks[1].Env: must be an object"),
        (
            #"{"TaskGroups": [{"RestartPolicy": {"Delay": "x"}}]}"#,
            "Job.TaskGroups[0].RestartPolicy.Delay: must be nano"
        ),
        (#"{"Job": []}"#, "Job: must be an object, is a list"), ("[]", "a job must be an object, is a list"),
        ("", "expected a value at line 1, column 1"), ("{", "expected a name in quotes"), ("{}x", "expected the end"),
        (#"{"a": "\q"}"#, "expected one of the escapes"), ("{\"a\": \"\u{1}\"}", "expected no control character"),
        ("{\"a\":\n tru}", "expected a value at line 2, column 2"),
    ])
    func wrongTypesAreNamedByTheirPath(text: String, message: String) {
        let error = #expect(throws: ClusterError.self) { try JobDocument(json: text) }
        #expect(error?.code == .invalid && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func depthIsBounded() {
        for open in ["[", "{\"a\":"] {
            let error = #expect(throws: ClusterError.self) {
                try JobDocument(json: String(repeating: open, count: 1_000_000))
            }
            #expect(error?.message.contains("at most 64 levels") == true)
        }
    }

    @Test(arguments: [
        ("AllAtOnce", "true"), ("Multiregion", "{\"Regions\": [1]}"),
    ])
    func whatIsNotSupportedIsNamed(key: String, value: String) throws {
        let text = """
            {"ID": "j", "\(key)": \(value),
             "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "raw_exec"}]}]}
            """
        let document = try JobDocument(json: text)
        let error = #expect(throws: ClusterError.self) { try document.job() }
        #expect(error?.message.hasPrefix("Job.\(key): ") == true && error?.message.contains("not supported") == true)
        #expect(error?.message.contains("\n") == false)
    }

    @Test(arguments: [("Sticky", "sticky"), ("Migrate", "migrate")])
    func aDiskThatOutlivesItsInstanceIsRefused(key: String, name: String) throws {
        let text = """
            {"ID": "j", "TaskGroups": [{"Name": "g", "EphemeralDisk": {"\(key)": true},
             "Tasks": [{"Name": "t", "Driver": "raw_exec"}]}]}
            """
        let document = try JobDocument(json: text)
        let error = #expect(throws: ClusterError.self) { try document.job() }
        let words = "Job.TaskGroups[0].EphemeralDisk.\(key): \"\(name)\" is not supported. Remove it: "
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    private static let small = """
        {"ID": "j", "Meta": {"a": "\\u00e9"}, "Spreads": null, "TaskGroups": [{"Name": "g", "Count": 2,
        "RestartPolicy": {"Delay": "20s"}, "Networks": [{"DynamicPorts": [{"Label": "p"}]}],
        "Tasks": [{"Name": "t", "Driver": "d", "Config": {"x": [1.5e3, true]}, "KillTimeout": 3000000000}]}]}
        """

    @Test(arguments: [(9000, false), (1000, true)])
    func bytesThatAreChangedByChanceNeverTrap(count: Int, isRecorded: Bool) throws {
        let original = isRecorded ? try Fixture.bytes("nomad-job.json") : Array(Self.small.utf8)
        var entropy = Entropy(seed: 7)
        var outcomes: Set<Bool> = []
        for _ in 0..<count {
            do {
                _ = try JobDocument(json: mutated(original, &entropy)).job()
                outcomes.insert(true)
            } catch {
                outcomes.insert(false)
                #expect((error as? ClusterError)?.code == .invalid)
            }
        }
        #expect(outcomes == [true, false])
    }

    private func mutated(_ original: [UInt8], _ entropy: inout Entropy) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &entropy) {
            let place = Int.random(in: 0..<bytes.count, using: &entropy)
            switch Int.random(in: 0..<4, using: &entropy) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &entropy)
            case 1: bytes.remove(at: place)
            case 2: bytes[place] = Array("0123456789-eE.\"\\{}[],:nt".utf8).randomElement(using: &entropy) ?? 0
            default: bytes.insert(contentsOf: Array("999999999999".utf8), at: place)
            }
        }
        return bytes
    }

    @Test func halvesOfPairsAndControlCharactersAreTexts() throws {
        let text = #"{"ID": "j", "Meta": {"a": "\ud83d\ude00\u00e9\u0001", "b": "\ud83d x", "c": "\udc00\n"}}"#
        let meta = try JobDocument(json: text).statement.meta
        #expect(meta == ["a": "😀é\u{1}", "b": "\u{FFFD} x", "c": "\u{FFFD}\n"])
        let document = JobDocument(Job(id: JobID("j"), meta: meta))
        #expect(try JobDocument(json: document.json).statement.meta == meta)
    }
}
