import ClusterKit
import Foundation
import Testing

@Suite struct AllocationFoldersTests {
    private let id = AllocationID(high: 0xABCD, low: 1)
    private let scratch: ScratchFolder
    private let folders: AllocationFolders

    init() throws {
        scratch = try ScratchFolder()
        folders = try AllocationFolders(dataFolder: scratch.path, secrets: .folder)
    }

    @Test func theLayoutIsNomads() throws {
        try folders.prepare(id, tasks: ["web", "db"])
        #expect(try scratch.names("alloc/\(id)") == ["alloc", "db", "web"])
        #expect(try scratch.names("alloc/\(id)/alloc") == ["data", "logs", "tmp"])
        #expect(try scratch.names("alloc/\(id)/web") == ["local", "secrets", "tmp"])
        #expect(try scratch.mode("alloc/\(id)/web/secrets") == 0o700)
        #expect(try scratch.mode("alloc/\(id)") == 0o711)
        #expect(try scratch.mode("alloc/\(id)/alloc/logs") == 0o755)
        let place = folders.folders(id, task: "web")
        #expect(place.secrets == "\(scratch.path)/alloc/\(id)/web/secrets")
    }

    @Test func preparingAgainKeepsWhatIsThere() throws {
        try folders.prepare(id, tasks: ["web"])
        try scratch.write([1], to: "alloc/\(id)/web/local/kept")
        try folders.prepare(id, tasks: ["web"])
        #expect(scratch.exists("alloc/\(id)/web/local/kept"))
    }

    @Test(arguments: [
        "", ".", "..", "../x", "a/b", "/etc", "a\0b", "alloc", "ALLOC", String(repeating: "x", count: 256),
    ])
    func namesThatLeadElsewhereAreRefused(name: String) throws {
        #expect(throws: ClusterError.self) { try folders.prepare(id, tasks: [name]) }
    }

    @Test func aLinkInThePlaceOfAFolderIsNotFollowed() throws {
        let outside = try ScratchFolder()
        try folders.prepare(id, tasks: [])
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/alloc/\(id)/web", withDestinationPath: outside.path)
        #expect(throws: (any Error).self) { try folders.prepare(id, tasks: ["web"]) }
        #expect(try outside.names().isEmpty)
    }

    @Test func removalTakesEverythingButFollowsNoLink() throws {
        let outside = try ScratchFolder()
        try outside.write([1], to: "canary")
        try FileManager.default.createDirectory(atPath: outside.path + "/deep", withIntermediateDirectories: true)
        try outside.write([1], to: "deep/canary")
        try folders.prepare(id, tasks: ["web"])
        let local = "\(scratch.path)/alloc/\(id)/web/local"
        let links = [
            ("file", outside.path + "/canary"), ("folder", outside.path), ("gone", "/none"), ("up", "../../../.."),
        ]
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(atPath: "\(local)/\(name)", withDestinationPath: target)
        }
        try scratch.write([1], to: "alloc/\(id)/web/local/line\nbreak")
        try folders.remove(id)
        #expect(try scratch.names("alloc").isEmpty)
        #expect(outside.exists("canary") && outside.exists("deep/canary"))
        try folders.remove(id)
    }

    @Test func removalOfALinkInThePlaceOfTheAllocationRemovesTheLink() throws {
        let outside = try ScratchFolder()
        try outside.write([1], to: "canary")
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/alloc/\(id)", withDestinationPath: outside.path)
        try folders.remove(id)
        #expect(outside.exists("canary") && !scratch.exists("alloc/\(id)"))
    }

    @Test func foldersNestedDeeperThanDescriptorsGoAreRemoved() throws {
        try folders.prepare(id, tasks: ["web"])
        let start = FileManager.default.currentDirectoryPath
        // Paths of this depth cannot be named in one piece, so they are made in parts, as a hostile task would.
        var parts = "\(scratch.path)/alloc/\(id)/web/local"
        for _ in 0..<12 {
            parts += "/" + Array(repeating: "d", count: 100).joined(separator: "/")
            try FileManager.default.createDirectory(atPath: parts, withIntermediateDirectories: true)
        }
        try folders.remove(id)
        #expect(try scratch.names("alloc").isEmpty)
        #expect(FileManager.default.currentDirectoryPath == start)
    }

    @Test func aRemovalThatWasInterruptedIsFinishedByTheNext() throws {
        try folders.prepare(id, tasks: ["web"])
        let deep = "\(scratch.path)/alloc/\(id)/web/local/" + Array(repeating: "d", count: 100).joined(separator: "/")
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        // What was moved up before the interruption.
        for left in ["0/inner", "1", "7/inner/more"] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/alloc/.\(id).\(left)", withIntermediateDirectories: true)
        }
        try scratch.write([1], to: "alloc/.\(id).2")
        try scratch.write([1], to: "alloc/.other.0")
        try folders.remove(id)
        #expect(try scratch.names("alloc") == [".other.0"])
    }

    @Test func aFolderThatItsOwnerClosedIsRemoved() throws {
        try folders.prepare(id, tasks: ["web"])
        let closed = "\(scratch.path)/alloc/\(id)/web/local/closed"
        try FileManager.default.createDirectory(atPath: closed + "/inner", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: closed)
        try folders.remove(id)
        #expect(!scratch.exists("alloc/\(id)"))
    }

    #if os(Linux)
        @Test(.enabled(if: geteuid() == 0, "only root may mount"))
        func secretsAreInMemoryAndGoWithTheAllocation() throws {
            let folders = try AllocationFolders(dataFolder: scratch.path, secrets: .memory)
            try folders.prepare(id, tasks: ["web"])
            try folders.prepare(id, tasks: ["web"])
            let place = "\(scratch.path)/alloc/\(id)/web/secrets"
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            let mine = mounts.filter { $0.contains(place) }
            // A container may keep the right to mount from us; then the plain folder stands.
            if !mine.isEmpty {
                #expect(mine.count == 1 && mine[0].contains("noexec") && mine[0].contains("nodev"))
                #expect(mine[0].contains("size=1024k"))
            }
            #expect(try scratch.mode("alloc/\(id)/web/secrets") == 0o700)
            try scratch.write([1], to: "alloc/\(id)/web/secrets/token")
            try folders.remove(id)
            let after = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
            #expect(!after.contains(place) && !scratch.exists("alloc/\(id)"))
        }

        @Test(.enabled(if: geteuid() == 0, "only root may mount"))
        func secretsCanBeDroppedAlone() throws {
            let folders = try AllocationFolders(dataFolder: scratch.path, secrets: .memory)
            try folders.prepare(id, tasks: ["web", "db"])
            try scratch.write([1], to: "alloc/\(id)/web/local/kept")
            try FileManager.default.createSymbolicLink(
                atPath: "\(scratch.path)/alloc/\(id)/link", withDestinationPath: "/proc")
            for _ in 0..<2 {
                try folders.dropSecrets(id)
                for task in ["web", "db"] {
                    let place = "\(scratch.path)/alloc/\(id)/\(task)"
                    let devices = try ["", "/secrets"].map {
                        try FileManager.default.attributesOfItem(atPath: place + $0)[.systemNumber] as? Int
                    }
                    #expect(devices[0] == devices[1])
                }
            }
            #expect(scratch.exists("alloc/\(id)/web/local/kept") && scratch.exists("alloc/\(id)/web/secrets"))
            try folders.remove(id)
            try folders.dropSecrets(id)
        }
    #endif
}
