import ArgumentParser
import ClusterKit
import HCL

/// The entrance: takes the arguments as users of Nomad write them, runs a command, and ends with Nomad's exit codes.
@main enum Main {
    static func main() async {
        do {
            let arguments = SingleDash.rewritten(Array(CommandLine.arguments.dropFirst()))
            if ["--version", "-v"].contains(arguments.first), arguments.count == 1 { return VersionCommand.say() }
            try UnknownCommand.refuse(arguments, in: ClusterCommand.self)
            try SingleDash.refuseNegative(arguments)
            var command = try ClusterCommand.parseAsRoot(arguments)
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
        case let exit as Ending: exit.end()
        // A command that ran another ends as that did.
        case let code as ExitCode: Ending.end(with: code.rawValue)
        case let mistakes as JobMistakes:
            Terminal.complain(mistakes.description)
            Ending.failure.end()
        case let error as ClusterError:
            Terminal.complain("Error: \(error.message)")
            Ending.failure.end()
        default:
            let text = Suggestion.nearOnly(ClusterCommand.fullMessage(for: error))
            // Help that was asked for is an answer; everything else is a mistake.
            if ClusterCommand.exitCode(for: error) == .success {
                Terminal.say(text)
                Ending.success.end()
            }
            Terminal.complain(text.isEmpty ? "Error: \(error)" : text)
            Ending.failure.end()
        }
    }
}
