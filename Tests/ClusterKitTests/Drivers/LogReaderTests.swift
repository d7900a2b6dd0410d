import ClusterKit
import Foundation
import Testing

@Suite struct LogReaderTests {
    private let workshop: Workshop
    private let folder: String
    private let reader: LogReader

    init() throws {
        workshop = try Workshop()
        folder = workshop.folder + "/logs"
        reader = LogReader(folder: folder, fileSize: 10)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func put(_ text: String, _ name: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
    }

    private func read(
        _ offset: Int = 0, fromEnd: Bool = false, limit: Int = 1000, isOver: Bool = false
    ) throws -> (text: String, offset: Int, file: String, isEnd: Bool) {
        let request = LogRequest(task: "web", stream: .stdout, offset: offset, fromEnd: fromEnd, limit: limit)
        let chunk = try reader.read(request, isOver: isOver)
        return (String(decoding: chunk.data, as: UTF8.self), chunk.offset, chunk.file, chunk.isEnd)
    }

    @Test func readsAcrossFiles() throws {
        try put("0123456789", "web.stdout.0")
        try put("abcdefghij", "web.stdout.1")
        try put("xyz", "web.stdout.2")
        try put("other", "web.stderr.0")
        try put("other", "webb.stdout.0")
        #expect(try read() == ("0123456789abcdefghijxyz", 0, "web.stdout.0", false))
        #expect(try read(isOver: true) == ("0123456789abcdefghijxyz", 0, "web.stdout.0", true))
        #expect(try read(8, limit: 4) == ("89ab", 8, "web.stdout.0", false))
        #expect(try read(10, limit: 4, isOver: true) == ("abcd", 10, "web.stdout.1", false))
        #expect(try read(5, fromEnd: true) == ("ijxyz", 18, "web.stdout.1", false))
        #expect(try read(500, fromEnd: true).offset == 0)
        #expect(try read(23, isOver: true) == ("", 23, "web.stdout.2", true))
        #expect(try read(.max).offset == 23)
        #expect(try read(.min).offset == 0)
    }

    @Test func skipsWhatRotationDeleted() throws {
        try put("abcdefghij", "web.stdout.10")
        try put("xyz", "web.stdout.11")
        #expect(try read(5) == ("abcdefghijxyz", 100, "web.stdout.10", false))
        #expect(try read(1000, fromEnd: true) == ("abcdefghijxyz", 100, "web.stdout.10", false))
        #expect(try read(108, limit: 3) == ("ijx", 108, "web.stdout.10", false))
    }

    @Test func readsNothingThatATaskMayHavePlanted() throws {
        try put("secret", "../secret")
        try FileManager.default.createSymbolicLink(atPath: folder + "/web.stdout.0", withDestinationPath: "/etc/passwd")
        try FileManager.default.createSymbolicLink(atPath: folder + "/web.stdout.1", withDestinationPath: "../secret")
        try FileManager.default.linkItem(atPath: workshop.folder + "/secret", toPath: folder + "/web.stdout.2")
        try FileManager.default.createDirectory(atPath: folder + "/web.stdout.3", withIntermediateDirectories: true)
        #expect(mkfifo(folder + "/web.stdout.4", 0o600) == 0)
        try put("huge", "web.stdout.999999999999999")
        try put("odd", "web.stdout.01")
        try put("odd", "web.stdout.1x")
        #expect(try read(isOver: true).text == "huge" || read(isOver: true).text.isEmpty)
        try put("mine", "web.stdout.5")
        try FileManager.default.removeItem(atPath: folder + "/web.stdout.999999999999999")
        #expect(try read() == ("mine", 50, "web.stdout.5", false))
    }

    @Test func refusesNamesThatLeadOut() throws {
        for name in ["", "../x", "a/b", "a\0b"] {
            #expect(throws: ClusterError.self) {
                try reader.read(LogRequest(task: name, stream: .stdout), isOver: false)
            }
        }
        try FileManager.default.createDirectory(atPath: workshop.folder + "/real", withIntermediateDirectories: true)
        try "x".write(toFile: workshop.folder + "/real/web.stdout.0", atomically: false, encoding: .utf8)
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: workshop.folder + "/real")
        let failure = #expect(throws: ClusterError.self) { try read() }
        #expect(failure?.code == .notFound)
    }

    @Test func waitsForTheFirstByte() async throws {
        let request = LogRequest(task: "web", stream: .stdout, wait: .seconds(60))
        async let chunk = reader.chunk(for: request, isOver: { false })
        try put("hello", "web.stdout.0")
        let early = try await chunk
        #expect("hello".hasPrefix(String(decoding: early.data, as: UTF8.self)) && !early.data.isEmpty)
        let over = try await reader.chunk(
            for: LogRequest(task: "web", stream: .stderr, wait: .seconds(60)), isOver: { true })
        #expect(over.data.isEmpty && over.isEnd)
    }
}
