import ArgumentParser
import ClusterKit
import FoundationEssentials
import Testing

@testable import ClusterCLI

/// Values for the variables of job files.
@Suite struct VariableFlagTests {
    private static let job = """
        variable "image" { type = string }
        variable "copies" { type = number }
        variable "zones" { type = list(string) }
        job "web" {
          datacenters = var.zones
          group "g" {
            count = var.copies
            task "t" {
              driver = "raw_exec"
              config { command = var.image }
            }
          }
        }
        """

    /// Runs `body` with the paths of files that hold `texts`, by name.
    private func withFiles(_ texts: [String: String], _ body: ([String: String]) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "variables-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var paths: [String: String] = [:]
        for (name, text) in texts {
            let path = folder.appending(path: name).path
            try Data(text.utf8).write(to: URL(filePath: path))
            paths[name] = path
        }
        try body(paths)
    }

    private func flags(_ arguments: [String]) throws -> VariableFlags {
        try VariableFlags.parse(SingleDash.rewritten(arguments))
    }

    @Test func filesGiveValuesAndFlagsWin() throws {
        let texts = [
            "job.hcl": Self.job, "a.hcl": "image = \"old\"\ncopies = 1 + 1\nzones = [\"dc1\"]\n",
            "b.vars.json": #"{"image": "new", "zones": ["dc2", "dc3"]}"#,
        ]
        try withFiles(texts) { paths in
            let file = try #require(paths["job.hcl"])
            let (first, second) = (try #require(paths["a.hcl"]), try #require(paths["b.vars.json"]))
            let one = try JobInput.read(file, variables: flags(["-var-file", first])).job
            #expect(one.groups[0].tasks[0].config["command"] == "old" && one.groups[0].count == 2)
            #expect(one.datacenters == ["dc1"])
            let flags = try flags(["-var", "copies=3", "-var-file", first, "-var-file=\(second)"])
            let two = try JobInput.read(file, variables: flags).job
            #expect(two.groups[0].tasks[0].config["command"] == "new" && two.groups[0].count == 3)
            #expect(two.datacenters == ["dc2", "dc3"])
            #expect(flags.words == "-var-file='\(first)' -var-file='\(second)' -var 'copies=3' ")
        }
    }

    @Test(arguments: [
        ("v.hcl", "image = ", "v.hcl:1"), ("v.hcl", "image {}", "not blocks"), ("v.json", "{", "v.json is no JSON"),
        ("v.json", "[1]", "must hold an object"),
    ])
    func mistakesInAFileAreShown(name: String, text: String, words: String) throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try VariableFlags.values(of: text, name: name) })
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try flags(["-var-file", "/none/such.hcl"]).values() })
        #expect(error.message.contains("/none/such.hcl"))
    }
}
