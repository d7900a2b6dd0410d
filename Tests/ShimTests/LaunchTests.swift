import ClusterShimCore
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct LaunchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A script that ends with code 7, open for writing.
    private func openScript() throws -> (path: String, file: Int32) {
        let path = folder.path + "/script"
        try "#!/bin/sh\nexit 7\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let file = open(path, O_WRONLY | O_CLOEXEC)
        try #require(file >= 0)
        return (path, file)
    }

    private func start(_ path: String) throws -> Launch.Outcome {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        try #require(null >= 0)
        defer { close(null) }
        return Launch(path: path, arguments: [path], input: null, output: null, error: null).start()
    }

    /// As it is for a moment while an agent starts other tasks.
    @Test func aProgramThatWasJustWrittenIsStarted() throws {
        let (path, file) = try openScript()
        Thread.detachNewThread {
            usleep(50_000)
            close(file)
        }
        guard case .started(let pid) = try start(path) else {
            Issue.record("it was not started")
            return
        }
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid && status >> 8 == 7)
    }

    #if os(Linux)
        @Test func aProgramThatStaysOpenForWritingIsNot() throws {
            let (path, file) = try openScript()
            defer { close(file) }
            guard case .failed(let failure) = try start(path) else {
                Issue.record("it was started")
                return
            }
            #expect(failure == LaunchFailure(step: .execute, code: ETXTBSY))
        }
    #endif
}
