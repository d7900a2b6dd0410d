import Foundation
import Testing

@testable import ClusterKit

@Suite struct FolderWalkTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func make(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/" + folder, withIntermediateDirectories: true)
    }

    private func walkAll() throws -> FolderWalk {
        guard let walk = FolderWalk.begin(at: scratch.path) else {
            throw ClusterError(.internal, "the folder cannot be opened")
        }
        return walk
    }

    /// What the system's own program says.
    private func du() throws -> UInt64 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/du")
        process.arguments = ["-sk", scratch.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return try #require(UInt64(text.prefix { $0.isNumber })) * 1024
    }

    @Test func itFindsWhatDuFinds() throws {
        try make("a/b/c")
        for number in 0..<300 { try scratch.write([1, 2, 3], to: "a/b/f\(number)") }
        try scratch.write([UInt8](repeating: 7, count: 1_000_000), to: "a/big")
        try FileManager.default.linkItem(atPath: scratch.path + "/a/big", toPath: scratch.path + "/a/b/again")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path + "/a/out", withDestinationPath: "/usr")
        var walk = try walkAll()
        let isOver = walk.advance()
        #expect(isOver)
        // du counts the folder itself too, the second name of a file is not a second file.
        var top = stat()
        #expect(lstat(scratch.path, &top) == 0)
        let (bytes, files) = (walk.bytes + UInt64(top.st_blocks) * 512, walk.files)
        #expect(bytes == (try du()))
        #expect(files == 3 + 300 + 1 + 1)
    }

    @Test func itCanBeDoneInSmallSteps() throws {
        try make("x/y")
        for number in 0..<50 { try scratch.write([1], to: "x/y/\(number)") }
        var whole = try walkAll()
        let isOver = whole.advance()
        #expect(isOver)
        var walk = try walkAll()
        var steps = 1
        while !walk.advance(limit: 5) { steps += 1 }
        #expect(steps >= 10)
        let (found, expected) = ([walk.bytes, UInt64(walk.files)], [whole.bytes, UInt64(whole.files)])
        #expect(found == expected)
    }

    @Test func whatChangesMeanwhileDoesNoHarm() throws {
        try make("x/y/z")
        for number in 0..<100 { try scratch.write([1], to: "x/y/\(number)") }
        var walk = try walkAll()
        let isOver = walk.advance(limit: 20)
        #expect(!isOver)
        try FileManager.default.removeItem(atPath: scratch.path + "/x")
        let isOverNow = walk.advance()
        #expect(isOverNow)
    }

    @Test func foldersWithoutEndAreLeftAtSomeDepth() throws {
        try make((0..<100).map { _ in "d" }.joined(separator: "/"))
        var walk = try walkAll()
        let isOver = walk.advance()
        let files = walk.files
        #expect(isOver && files == 64)
    }

    @Test func aSurveyFindsAllAndSaysWhen() async throws {
        let ids = [AllocationID(high: 1, low: 1), AllocationID(high: 1, low: 2)]
        for id in ids {
            try make(id.description)
            try scratch.write([UInt8](repeating: 1, count: 5000), to: "\(id)/f")
        }
        let survey = DiskSurvey(root: scratch.path, time: SystemTime())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await survey.run(every: .milliseconds(1)) { ids } }
            #expect(await eventually { ids.allSatisfy { survey.finding($0)?.files == 1 } })
            #expect(survey.finding(ids[0])?.bytes == 8192)
            let first = try #require(survey.finding(ids[0])).at
            #expect(await eventually { survey.finding(ids[0]).map { $0.at > first } == true })
            group.cancelAll()
        }
    }
}
