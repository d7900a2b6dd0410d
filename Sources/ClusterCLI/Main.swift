import ArgumentParser
import ClusterKit

/// The entrance: takes the arguments as users of Nomad write them, runs a command, and ends with Nomad's exit codes.
@main enum Main {
    static func main() async {
        do {
            var command = try ClusterCommand.parseAsRoot(SingleDash.rewritten(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(after: error)
        }
    }

    private static func end(after error: any Error) -> Never {
        switch error {
        case let exit as ExitStatus: exit.end()
        case let mistakes as JobMistakes:
            Terminal.complain(mistakes.description)
            ExitStatus.failure.end()
        case let error as ClusterError:
            Terminal.complain("Error: \(error.message)")
            ExitStatus.failure.end()
        default:
            let text = ClusterCommand.fullMessage(for: error)
            // Help that was asked for is an answer; everything else is a mistake.
            if ClusterCommand.exitCode(for: error) == .success {
                Terminal.say(text)
                ExitStatus.success.end()
            }
            Terminal.complain(text.isEmpty ? "Error: \(error)" : text)
            ExitStatus.failure.end()
        }
    }
}
