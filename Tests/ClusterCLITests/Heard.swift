import ArgumentParser
import ClusterKit
import Synchronization

@testable import ClusterCLI

/// What a command wrote, and how it ended.
struct Heard {
    let bytes: [UInt8]
    let ending: Ending

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Runs `command` to its end.
    static func listening(to command: any AsyncParsableCommand) async throws -> Heard {
        var command = command
        let heard = Mutex<[UInt8]>([])
        let ending = try await Terminal.$listener.withValue({ bytes in heard.withLock { $0 += bytes } }) {
            () async throws -> Ending in
            do {
                try await command.run()
                return .success
            } catch let ending as Ending {
                return ending
            }
        }
        return Heard(bytes: heard.withLock(\.self), ending: ending)
    }
}
