import ClusterClient
import ClusterKit
import Foundation
import Testing

/// A disk that fills up, and one that lies.
@Suite(.serialized, .timeLimit(.minutes(10))) struct DiskTests {
    private static let canMount = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/bin/mount")

    @Test(.enabled(if: canMount, "skipped: needs root, for a small file system"))
    func aFullDiskRefusesWritesAndNothingElse() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/small"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        #expect(try await Self.shell("mount -t tmpfs -o size=24m small '\(data)'"))
        let server = try await RunningServer(arguments: [], data: data)
        let agent = try RunningAgent("one", server: server.address, scratch: scratch)
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        _ = try await client.register(Jobs.shell("steady", script: "while :; do echo on; sleep 0.2; done"))
        var id = ""
        #expect(
            try await eventually {
                id = try await client.allocations(of: "steady").value.first { $0.clientStatus == "running" }?.id ?? ""
                return !id.isEmpty
            })
        #expect(try await Self.shell("! dd if=/dev/zero of='\(data)/ballast' bs=4k 2>/dev/null"))
        var refusal: ClusterError?
        for number in 0..<200 where refusal == nil {
            do {
                _ = try await client.register(Jobs.unplaceable("more-\(number)"))
            } catch let error as ClusterError {
                refusal = error
            }
        }
        #expect(refusal?.message.contains("cannot take writes") == true, "\(String(describing: refusal))")
        #expect(try await client.jobs().value.contains { $0.id == "steady" })
        let written = try await client.logs(of: id, task: "main").count
        let grows = try await eventually { try await client.logs(of: id, task: "main").count > written }
        #expect(grows, "the task stands still")
        try FileManager.default.removeItem(atPath: data + "/ballast")
        #expect(await eventually { (try? await client.register(Jobs.unplaceable("after"))) != nil })
        #expect(try await client.jobs().value.contains { $0.id == "after" })
        _ = try await client.stop("steady", purge: true)
        #expect(await eventually { agent.tasks.isEmpty })
        await client.close()
        #expect(try await server.end() == 0)
        #expect(try await Self.shell("umount -l '\(data)'"))
    }

    @Test(arguments: ["garbled", "cut off", "emptied"])
    func aDamagedStoreIsRefusedAndLeftAlone(damage: String) async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let server = try await RunningServer(arguments: [], data: data)
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        for number in 0..<50 { _ = try await client.register(Jobs.unplaceable("job-\(number)")) }
        await client.close()
        #expect(try await server.end() == 0)
        let file = URL(fileURLWithPath: data + "/store/store.db")
        var bytes = try Data(contentsOf: file)
        switch damage {
        case "garbled": for place in stride(from: 5000, to: bytes.count, by: 97) { bytes[place] ^= 0x5A }
        case "cut off": bytes.removeLast(bytes.count / 2)
        default: bytes = Data()
        }
        try bytes.write(to: file)
        let refused = try await Executables.run("cluster-server", ["--data-dir", data, "--http-port", "0"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains(data) && refused.errors.contains("backup"), "\(refused.errors)")
        #expect(!refused.output.contains("ready"))
        #expect(try Data(contentsOf: file) == bytes)
    }

    private static func shell(_ command: String) async throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
