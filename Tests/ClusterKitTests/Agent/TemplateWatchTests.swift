import Testing

@testable import ClusterKit

/// What an agent that was restarted knows of the environment of tasks that went on.
@Suite struct TemplateWatchTests {
    private let scratch: ScratchFolder
    private let watch: TemplateWatch
    private let assignment: Assignment

    private var run: TaskRun { TaskRun(assignment.allocation.id, "main", attempt: 0) }
    private var folder: String { "alloc/\(assignment.allocation.id)/main/local" }

    init() throws {
        scratch = try ScratchFolder()
        let folders = try AllocationFolders(dataFolder: scratch.path, secrets: .folder)
        watch = TemplateWatch(link: FakeServers(), node: .sample, folders: folders) { _ in }
        let text = #"{{ key "a" }}"#
        let task = TaskSpec(
            name: "main",
            templates: [
                TemplateSpec(data: text, destination: "local/file"),
                TemplateSpec(data: text, destination: "local/env", isEnvironment: true),
                TemplateSpec(data: text, destination: "local/more", isEnvironment: true),
            ])
        assignment = .sample(tasks: [task, TaskSpec(name: "plain")])
        try folders.prepare(assignment.allocation.id, tasks: ["main", "plain"])
    }

    @Test func theFilesSayIt() throws {
        #expect(try watch.variables(ofRunning: run, assignment) == [:], "what is missing says nothing")
        try scratch.write(Array("NOT=1\n".utf8), to: "\(folder)/file")
        try scratch.write(Array("A=1\nB=2\n".utf8), to: "\(folder)/env")
        #expect(try watch.variables(ofRunning: run, assignment) == ["A": "1", "B": "2"])
        try scratch.write(Array("B=3\n".utf8), to: "\(folder)/more")
        #expect(try watch.variables(ofRunning: run, assignment) == ["A": "1", "B": "3"])
        #expect(watch.variables(for: run) == [:], "a new start takes nothing from old files")
    }

    @Test func whatTheTaskBrokeIsSaidWithoutItsText() throws {
        try scratch.write(Array("A=1\nhidden\n".utf8), to: "\(folder)/env")
        let error = #expect(throws: ClusterError.self) { try watch.variables(ofRunning: run, assignment) }
        #expect(error?.message.contains("line 2") == true && error?.message.contains("hidden") == false)
    }

    @Test func aTaskWithoutTemplatesHasNone() throws {
        let plain = TaskRun(assignment.allocation.id, "plain", attempt: 0)
        #expect(try watch.variables(ofRunning: plain, assignment) == [:])
    }
}
