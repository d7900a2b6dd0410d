import ClusterKit
import HCL
import Testing

@Suite("Places of tasks in jobs") struct JobLifecycleTests {
    private func file(_ tasks: String) -> JobFile {
        JobFile(text: "job \"j\" {\n group \"g\" {\n\(tasks)\n }\n}", file: "j.hcl")
    }

    private let full = """
        task "init" {
          driver = "raw_exec"
          lifecycle {
            hook = "prestart"
          }
        }
        task "proxy" {
          driver = "raw_exec"
          lifecycle {
            hook    = "poststart"
            sidecar = true
          }
        }
        task "main" {
          driver = "raw_exec"
          leader = true
        }
        """

    @Test func everyFieldIsReadAndWritten() throws {
        let job = try file(full).job()
        let tasks = job.groups[0].tasks
        #expect(
            tasks.map(\.lifecycle) == [TaskLifecycle(.prestart), TaskLifecycle(.poststart, isSidecar: true), nil])
        #expect(tasks.map(\.isLeader) == [false, false, true])
        let json = JobDocument(job).json
        #expect(try JobDocument(json: json).job() == job)
        let text = String(decoding: json, as: UTF8.self)
        #expect(text.contains(#""Leader":false,"Lifecycle":{"Hook":"prestart","Sidecar":false}"#))
        #expect(text.contains(#""Leader":false,"Lifecycle":{"Hook":"poststart","Sidecar":true}"#))
        #expect(text.contains(#""Leader":true,"Lifecycle":null"#))
        let same = Job("j") {
            Group("g") {
                TaskSpec("init") { TaskLifecycle(.prestart) }
                TaskSpec("proxy") { TaskLifecycle(.poststart, isSidecar: true) }
                TaskSpec(name: "main", isLeader: true)
            }
        }
        #expect(JobChange.isSame(job, same))
    }

    @Test func anotherPlaceReplacesTheInstanceAndAnotherLeaderDoesNot() throws {
        let old = try file(full).job()
        var new = old
        new.groups[0].tasks[1].lifecycle = TaskLifecycle(.poststart)
        new.groups[0].tasks[2].isLeader = false
        #expect(JobChange.replacingFields(group: "g", from: old, to: new) == ["task \"proxy\" > lifecycle"])
        #expect(
            JobChange.changedFields(from: old, to: new) == [
                "group \"g\" > task \"proxy\" > lifecycle", "group \"g\" > task \"main\" > leader",
            ])
    }

    @Test func whatCannotBeIsRefused() throws {
        func mistakes(_ change: (inout TaskGroup) -> Void) throws -> [String] {
            var job = try file(full).job()
            change(&job.groups[0])
            return JobValidation.validate(job.canonical()).map(\.description)
        }
        #expect(try mistakes { _ in } == [])
        #expect(
            try mistakes { $0.tasks.removeLast() } == [
                "group \"g\": has no main task; remove the lifecycle block of the task that does the work"
            ])
        #expect(
            try mistakes { $0.tasks[0].isLeader = true } == [
                "group \"g\" > task \"init\".leader: only a main task can lead; remove leader or the lifecycle block",
                "group \"g\" > task \"main\".leader: task \"init\" leads this group already; one task may",
            ])
        #expect(
            try mistakes { $0.tasks[1].lifecycle?.hook = .poststop } == [
                "group \"g\" > task \"proxy\" > lifecycle: a poststop task cannot be a sidecar: nothing runs beside "
                    + "it any more; remove sidecar"
            ])
    }
}
