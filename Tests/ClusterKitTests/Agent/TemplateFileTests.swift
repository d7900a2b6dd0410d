import Foundation
import Testing

@testable import ClusterKit

/// Files of templates go into the task's folder and nowhere else.
@Suite struct TemplateFileTests {
    private let scratch: ScratchFolder
    private let folders: AllocationFolders
    private let id = AllocationID(high: 1, low: 2)

    init() throws {
        scratch = try ScratchFolder()
        folders = try AllocationFolders(dataFolder: scratch.path, secrets: .folder)
        try folders.prepare(id, tasks: ["main"])
        try scratch.write(Array("canary".utf8), to: "canary")
    }

    private var place: TaskFolders { folders.folders(id, task: "main") }

    private func destination(_ text: String) throws -> TemplateDestination {
        let environment = [
            "NOMAD_SECRETS_DIR": place.secrets, "NOMAD_TASK_DIR": place.local, "NOMAD_ALLOC_DIR": place.shared,
            "UP": "../..", "ROOT": "/", "ABOVE": "\(place.task)/../x", "NEAR": "\(place.task)x/y",
        ]
        return try TemplateDestination(
            text, interpolation: Interpolation(node: .sample, environment: environment), folders: place)
    }

    @Test(arguments: [
        ("local/app.conf", "local/app.conf"), ("secrets/db.env", "secrets/db.env"), ("app.conf", "app.conf"),
        ("${NOMAD_SECRETS_DIR}/x", "secrets/x"), ("${NOMAD_TASK_DIR}/a/b", "local/a/b"), ("./local//x", "local/x"),
        ("${node.unique.name}/x", "node-a/x"), ("local/.hidden", "local/.hidden"), ("local/a b", "local/a b"),
    ])
    func destinationsInTheTasksFolderAreTaken(text: String, path: String) throws {
        let destination = try destination(text)
        #expect(destination.steps.joined(separator: "/") == path)
        try folders.write(Array("x".utf8), to: destination, mode: 0o640, of: id, task: "main")
        let name = "alloc/\(id)/main/\(path)"
        #expect(try scratch.read(name) == Array("x".utf8) && scratch.mode(name) == 0o640)
        #expect(folders.read(destination, of: id, task: "main") == Array("x".utf8))
    }

    @Test(arguments: [
        "", "/", ".", "..", "./", "../x", "../../x", "local/../x", "local/../../x", "local/..", "local/", "local",
        "secrets",
        "tmp", "local/.", "/etc/passwd", "/tmp/x", "//etc/passwd", "///x", "/proc/self/mem", "${NOMAD_ALLOC_DIR}/x",
        "${NOMAD_ALLOC_DIR}/../../canary", "${NOMAD_SECRETS_DIR}/../../x", "${NOMAD_SECRETS_DIR}/..",
        "${NOMAD_SECRETS_DIR}",
        "${NOMAD_TASK_DIR}/../../other/local/x", "${UP}/x", "local/${UP}/${UP}/canary", "${ROOT}etc/passwd", "${ROOT}",
        "${ABOVE}",
        "${NEAR}", "${HOME}/x", "${unknown}", "${NOMAD_TASK_DIR", "local/\0x", "\0",
        "local/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
        "/../x", "a/b/../../../x", "./../x", "local//..//..//x", "local/...//../x",
    ])
    func otherDestinationsAreRefused(text: String) throws {
        let error = #expect(throws: ClusterError.self) { try destination(text) }
        #expect(error?.code == .invalid && error?.message.contains("a template's destination") == true, "\(text)")
        #expect(throws: ClusterError.self) { try destination("local/" + String(repeating: "x", count: 300)) }
    }

    /// What a task does to its folder while the agent writes leads nowhere else.
    @Test func linksOnTheWayAreRefusedAndLinksAtTheEndReplaced() throws {
        let manager = FileManager.default
        let task = place.task
        try manager.createSymbolicLink(atPath: "\(task)/out", withDestinationPath: scratch.path)
        #expect(throws: (any Error).self) {
            try folders.write([1], to: destination("out/canary"), mode: 0o644, of: id, task: "main")
        }
        try manager.createSymbolicLink(atPath: "\(task)/local/file", withDestinationPath: "\(scratch.path)/canary")
        #expect(folders.read(try destination("local/file"), of: id, task: "main") == nil)
        try folders.write([1], to: destination("local/file"), mode: 0o644, of: id, task: "main")
        try manager.createSymbolicLink(atPath: "\(task)/local/.f.new", withDestinationPath: "\(scratch.path)/canary")
        try folders.write([2], to: destination("local/f"), mode: 0o644, of: id, task: "main")
        #expect(try scratch.read("canary") == Array("canary".utf8))
        #expect(
            try scratch.read("alloc/\(id)/main/local/file") == [1] && scratch.read("alloc/\(id)/main/local/f") == [2])

        try manager.removeItem(atPath: "\(task)/secrets")
        try manager.createSymbolicLink(atPath: "\(task)/secrets", withDestinationPath: scratch.path)
        #expect(throws: (any Error).self) {
            try folders.write([1], to: destination("secrets/canary"), mode: 0o644, of: id, task: "main")
        }
        try manager.removeItem(atPath: task)
        try manager.createSymbolicLink(atPath: task, withDestinationPath: scratch.path)
        #expect(throws: (any Error).self) {
            try folders.write([1], to: destination("canary"), mode: 0o644, of: id, task: "main")
        }
        #expect(try scratch.read("canary") == Array("canary".utf8))
        #expect(try scratch.names().filter { $0.contains("new") } == [])
    }

    @Test func aPipeInPlaceOfTheFileIsNotWaitedFor() throws {
        mkfifo("\(place.local)/pipe", 0o600)
        #expect(folders.read(try destination("local/pipe"), of: id, task: "main") == nil)
        try folders.write([7], to: destination("local/pipe"), mode: 0o600, of: id, task: "main")
        #expect(folders.read(try destination("local/pipe"), of: id, task: "main") == [7])
    }
}

@Suite struct EnvironmentFileTests {
    @Test func linesAreRead() throws {
        let text = """
            # a comment
            A=1
              export B = two words   # a remark
            C='as $HOME \\n is'
            D="line\\nnext \\"q\\" \\$x"
            E=
            F="two
            lines"

            G=a#b
            H=#
            """
        #expect(
            try EnvironmentFile.variables(in: text) == [
                "A": "1", "B": "two words", "C": "as $HOME \\n is", "D": "line\nnext \"q\" $x", "E": "",
                "F": "two\nlines", "G": "a#b", "H": "",
            ])
        #expect(try EnvironmentFile.variables(in: "A=1\r\nB=2\r\n") == ["A": "1", "B": "2"])
        #expect(try EnvironmentFile.variables(in: "") == [:])
    }

    @Test(arguments: [
        "hidden", "\n\nhidden value", "A=1\n=hidden", "1A=hidden", "A='hidden", "A=\"hidden\" hidden", "A B=hidden",
    ])
    func mistakesNameTheLineAndNeverTheValue(text: String) {
        let error = #expect(throws: ClusterError.self) { try EnvironmentFile.variables(in: text) }
        #expect(error?.message.hasPrefix("line ") == true && error?.message.contains("hidden") == false, "\(text)")
    }
}
