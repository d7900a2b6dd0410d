package import ArgumentParser
import ClusterKit
import HCL
package import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the executables that serve have in common: how they begin, complain and end.
package enum Host {
    /// The version of the programs.
    package static let version = "0.1.0"

    /// Becomes the shim of a task if the program was executed as one; else parses the arguments, runs the command and
    /// ends the program: 0 when all went well, 1 on a failure, 2 when the arguments are wrong. What went wrong is said
    /// on the standard error.
    package static func run<Command: AsyncParsableCommand>(_ command: Command.Type) async -> Never {
        // Without a `cluster-shim`, every task executes this program once more: that run gets no further than here.
        enterShimIfAsked()
        OpenFileLimit.raise()
        let name = command.configuration.commandName ?? "\(command)"
        do {
            // It may also be a command of the parser's own, such as one that prints a completion script.
            var parsed = try command.parseAsRoot()
            if var served = parsed as? Command { try await served.run() } else { try parsed.run() }
            exit(0)
        } catch let error as ClusterError {
            complain("\(name): \(error.message)")
            exit(1)
        } catch {
            let text = Suggestion.nearOnly(command.fullMessage(for: error))
            guard command.exitCode(for: error) != .success else {
                say(text)
                exit(0)
            }
            complain(text)
            exit(2)
        }
    }

    /// Writes a line to the standard error.
    package static func complain(_ text: String) {
        let line = text + "\n"
        // Whether anybody reads it is not for us to say.
        _ = line.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Writes a line to the standard output, at once also when that is a pipe.
    package static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// A logger that writes to the standard error.
    package static func logger(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
