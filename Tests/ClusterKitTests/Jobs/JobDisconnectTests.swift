import ClusterKit
import HCL
import Testing

/// What job files say of instances whose node falls silent.
@Suite struct JobDisconnectTests {
    private func job(_ words: String, kind: String = "service", inTask: String = "") throws -> Job {
        let text = """
            job "j" {
              type = "\(kind)"
              group "g" {
                \(words)
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                  \(inTask)
                }
              }
            }
            """
        return try JobFile(text: text).job()
    }

    private func mistakes(_ words: String, kind: String = "service") -> String {
        do {
            _ = try job(words, kind: kind).validated()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func theFieldsThatAllVersionsOfNomadKnow() throws {
        let away = try job("max_client_disconnect = \"1h\"").groups[0].disconnect
        #expect(away == DisconnectPolicy(lostAfter: .seconds(3600)))
        let stops = try job("stop_after_client_disconnect = \"5m\"").groups[0].disconnect
        #expect(stops == DisconnectPolicy(stopOnClientAfter: .seconds(300)))
        #expect(try job("").groups[0].disconnect == nil)
    }

    @Test func theBlockSaysMore() throws {
        let policy = try job(
            "disconnect {\n lost_after = \"6h\"\n replace = false\n reconcile = \"longest_running\"\n}"
        ).groups[0].disconnect
        #expect(
            policy == DisconnectPolicy(lostAfter: .seconds(21_600), replaces: false, choice: .longestRunning))
        let plain = try job("disconnect {\n stop_on_client_after = \"90s\"\n}").groups[0].disconnect
        #expect(plain == DisconnectPolicy(stopOnClientAfter: .seconds(90)))
    }

    @Test func aBlockThatSaysNothingIsNone() throws {
        #expect(try job("disconnect {}").canonical().groups[0].disconnect == nil)
    }

    @Test(arguments: [
        DisconnectPolicy(lostAfter: .seconds(60)), DisconnectPolicy(stopOnClientAfter: .seconds(60)),
        DisconnectPolicy(lostAfter: .seconds(60), replaces: false, choice: .keepReplacement),
        DisconnectPolicy(stopOnClientAfter: .seconds(60), replaces: false),
    ])
    func documentsSayTheSame(policy: DisconnectPolicy) throws {
        var job = try job("at_most_one = true")
        job.groups[0].disconnect = policy
        let read = try JobDocument(json: JobDocument(job).json).statement
        #expect(read.groups[0].disconnect == policy && read.groups[0].atMostOne)
    }

    @Test func documentsUseNomadsNames() throws {
        let plain = String(decoding: JobDocument(try job("max_client_disconnect = \"1h\"")).json, as: UTF8.self)
        #expect(plain.contains("\"MaxClientDisconnect\":3600000000000") && !plain.contains("\"Disconnect\""))
        let stops = String(decoding: JobDocument(try job("stop_after_client_disconnect = \"1m\"")).json, as: UTF8.self)
        #expect(stops.contains("\"StopAfterClientDisconnect\":60000000000"))
        let none = String(decoding: JobDocument(try job("")).json, as: UTF8.self)
        #expect(none.contains("\"StopAfterClientDisconnect\":null") && !none.contains("MaxClientDisconnect"))
        #expect(!none.contains("AtMostOne"))
    }

    @Test(arguments: [
        ("max_client_disconnect = \"1h\"\n stop_after_client_disconnect = \"1h\"", "remove one of them"),
        ("disconnect {\n lost_after = \"1h\"\n stop_on_client_after = \"1h\"\n}", "remove one of them"),
        ("max_client_disconnect = \"1h\"\n disconnect {\n lost_after = \"1h\"\n}", "keep one of them"),
        ("max_client_disconnect = \"0s\"", "at least 1s"), ("disconnect {\n reconcile = \"best\"\n}", "best_score"),
        ("prevent_reschedule_on_lost = true", "replace = false"),
        ("at_most_one = true\n max_client_disconnect = \"1h\"", "end by themselves"),
        ("at_most_one = true\n update {\n canary = 1\n}", "beside the instance"),
        ("at_most_one = true\n gang {}", "those of a gang together"),
    ])
    func whatExcludesEachOtherIsRefused(words: String, reason: String) {
        let found = mistakes(words)
        #expect(found.contains(reason), "\(found)")
    }

    @Test func jobsThatRunEverywhereHaveNoUseForIt() {
        #expect(mistakes("stop_after_client_disconnect = \"1m\"", kind: "system").contains("no other node"))
        #expect(mistakes("at_most_one = true", kind: "system").contains("belong to their nodes"))
        #expect(mistakes("max_client_disconnect = \"1m\"", kind: "system") == "")
    }

    @Test func aChangeIsNamedAndRestartsOnlyForTheLease() throws {
        let old = try job("")
        let away = try job("max_client_disconnect = \"1h\"")
        #expect(JobChange.changedFields(from: old, to: away) == ["group \"g\" > disconnect"])
        #expect(!JobChange.needsReplacement(group: "g", from: old, to: away))
        let fenced = try job("at_most_one = true")
        #expect(JobChange.changedFields(from: old, to: fenced) == ["group \"g\" > at_most_one"])
        #expect(JobChange.replacingFields(group: "g", from: old, to: fenced) == ["at_most_one"])
    }

    @Test func isStatedInSwift() {
        let job = Job("j") {
            Group("g", atMostOne: true) { TaskSpec("t", command: "/bin/true") }
            Group("h") {
                DisconnectPolicy(lostAfter: .seconds(60))
                TaskSpec("t", command: "/bin/true")
            }
        }
        #expect(job.groups.map(\.atMostOne) == [true, false])
        #expect(job.groups.map(\.disconnect) == [nil, DisconnectPolicy(lostAfter: .seconds(60))])
    }
}
