import ClusterShimCore
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct SupervisorTests {
    private func run(_ script: String, in folder: TemporaryFolder, files: Int, size: Int) async throws -> ExitRecord {
        for name in ["state", "logs"] { #expect(mkdir(folder.path + "/" + name, 0o700) == 0) }
        let order = TaskOrder(
            state: folder.path + "/state", program: "/bin/sh", arguments: ["sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin"], logs: folder.path + "/logs", task: "web", logFiles: files,
            logFileSize: size)
        Supervisor.startThread(for: order) { answer in
            guard case .running = answer else {
                Issue.record("\(answer)")
                return
            }
        }
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            if let record = ExitRecord.read(in: order.state) { return record }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw POSIXError(.ETIMEDOUT)
    }

    private func logs(of folder: TemporaryFolder) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/logs")
        return try names.reduce(into: [:]) {
            $0[$1] = try String(contentsOfFile: folder.path + "/logs/" + $1, encoding: .utf8)
        }
    }

    @Test func rotatesWithoutLosingAByte() async throws {
        let folder = try TemporaryFolder()
        let script = "i=100000; while [ $i -lt 101000 ]; do echo $i; i=$((i+1)); done; exit 3"
        let record = try await run(script, in: folder, files: 4, size: 1000)
        #expect(record.code == 3 && record.signal == 0 && record.dropped == 0)
        let logs = try logs(of: folder)
        let written = (100_000..<101_000).map { "\($0)\n" }.joined()
        let kept = ["web.stdout.3", "web.stdout.4", "web.stdout.5", "web.stdout.6"]
        #expect(logs.keys.filter { $0.contains("stdout") }.sorted() == kept)
        #expect(kept.compactMap { logs[$0] }.joined() == String(written.dropFirst(3000)))
        #expect(kept.dropLast().allSatisfy { logs[$0]?.utf8.count == 1000 })
        #expect(logs["web.stderr.0"] == "")
    }

    @Test func doesNotWaitForWhoKeepsThePipeOpen() async throws {
        let folder = try TemporaryFolder()
        let script =
            "(setsid sh -c 'echo $$; exec sleep 1000' &); while [ ! -s logs/web.stdout.0 ]; do sleep 0.05; done; exit 2"
        let record = try await run("cd \(folder.path); " + script, in: folder, files: 2, size: 1000)
        #expect(record.code == 2)
        let pid = try #require(Int32((try logs(of: folder)["web.stdout.0"] ?? "").dropLast()))
        // A thread has no hold on what left the session; the test cleans up after it.
        #expect(kill(pid, SIGKILL) == 0)
    }
}
