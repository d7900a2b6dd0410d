import ClusterShimCore
import Foundation
import Testing

@Suite struct RotatingLogTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, files: Int = 3, size: Int = 10, pieces: Int = 7) throws -> Int {
        guard let opened = Descriptor.openFolder(folder.path) else { throw POSIXError(.ENOENT) }
        var log = RotatingLog(in: opened, name: LogName(task: "web", stream: "stdout"), files: files, size: size)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            rest.prefix(pieces).withUnsafeBytes { log.write($0) }
            rest = rest.dropFirst(pieces)
        }
        return log.dropped
    }

    @Test func cutsAtTheExactSize() throws {
        #expect(try write("0123456789abcdefghijxyz") == 0)
        #expect(folder.files == ["web.stdout.0": "0123456789", "web.stdout.1": "abcdefghij", "web.stdout.2": "xyz"])
    }

    @Test(arguments: [1, 3, 100]) func deletesTheOldest(pieces: Int) throws {
        let text = String((0..<95).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
        #expect(try write(text, pieces: pieces) == 0)
        #expect(folder.files.keys.sorted() == ["web.stdout.7", "web.stdout.8", "web.stdout.9"])
        let kept = ["web.stdout.7", "web.stdout.8", "web.stdout.9"].compactMap { folder.files[$0] }.joined()
        #expect(kept == String(text.dropFirst(70)))
    }

    @Test func goesOnWhereAnEarlierStartEnded() throws {
        _ = try write("0123456")
        _ = try write("789abc")
        _ = try write("defghij")
        _ = try write("x")
        #expect(folder.files == ["web.stdout.0": "0123456789", "web.stdout.1": "abcdefghij", "web.stdout.2": "x"])
    }

    @Test func followsNoLinkAndNoPipe() throws {
        try "host".write(toFile: folder.path + "/host", atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/web.stdout.0", withDestinationPath: folder.path + "/host")
        _ = try write("task")
        #expect(folder.files["host"] == "host" && folder.files["web.stdout.0"] == "task")

        try FileManager.default.removeItem(atPath: folder.path + "/web.stdout.0")
        try FileManager.default.linkItem(atPath: folder.path + "/host", toPath: folder.path + "/web.stdout.0")
        _ = try write("task")
        #expect(folder.files["host"] == "host" && folder.files["web.stdout.0"] == "task")

        try FileManager.default.removeItem(atPath: folder.path + "/web.stdout.0")
        #expect(mkfifo(folder.path + "/web.stdout.0", 0o600) == 0)
        _ = try write("task")
        #expect(folder.files["web.stdout.0"] == "task")

        try FileManager.default.createDirectory(
            atPath: folder.path + "/web.stdout.1", withIntermediateDirectories: true)
        _ = try write("task")
        #expect(folder.files["web.stdout.2"] == "task")
    }

    @Test func countsWhatItCannotWrite() throws {
        guard let opened = Descriptor.openFolder(folder.path) else { throw POSIXError(.ENOENT) }
        var log = RotatingLog(in: opened, name: LogName(task: "web", stream: "stdout"), files: 2, size: 4)
        Array("abcd".utf8).withUnsafeBytes { log.write($0) }
        try FileManager.default.removeItem(atPath: folder.path)
        Array("efg".utf8).withUnsafeBytes { log.write($0) }
        #expect(log.dropped == 3)
    }

    @Test(
        arguments: [
            ("web.stdout.0", [0]), ("web.stdout.10", [10]), ("web.stdout.", []), ("web.stdout.01", []),
            ("web.stdout.1x", []), ("web.stdout.-1", []), ("web.stderr.0", []), ("xweb.stdout.0", []),
            ("web.stdout.9999999999999999", []),
        ] as [(String, [Int])])
    func readsNumbersFromNames(name: String, indices: [Int]) {
        #expect(LogName(task: "web", stream: "stdout").indices(in: [name]) == indices)
    }
}

/// A folder that goes when the test does.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "clusterkit-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The plain files and what is in them.
    var files: [String: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(into: [:]) { $0[$1] = try? String(contentsOfFile: path + "/" + $1, encoding: .utf8) }
    }
}
