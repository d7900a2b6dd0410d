import ArgumentParser
import ClusterKit
import HCL

/// The entrance: takes the arguments as users of Nomad write them, runs a command, and ends with Nomad's exit codes.
@main enum Main {
    static func main() async {
        let arguments = SingleDash.rewritten(Array(CommandLine.arguments.dropFirst()))
        do {
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
            end(after: error, mistake: mistake(in: arguments))
        }
    }

    /// How a command ends that was not given what it needs.
    static func mistake(in arguments: [String]) -> Ending {
        let isPlan = arguments.first == "plan" || arguments.starts(with: ["job", "plan"])
        return isPlan ? .planError : .failure
    }

    private static func end(after error: any Error, mistake: Ending) -> Never {
        switch error {
        case let exit as Ending: exit.end()
        // A command that ran another ends as that did.
        case let code as ExitCode: Ending.end(with: code.rawValue)
        case let mistakes as JobMistakes:
            Terminal.complain(mistakes.description)
            mistake.end()
        case let error as ClusterError:
            Terminal.complain("Error: \(error.message)")
            mistake.end()
        default:
            let text = Suggestion.nearOnly(ShortFormText.plain(ClusterCommand.fullMessage(for: error)))
            // Help that was asked for is an answer; everything else is a mistake.
            if ClusterCommand.exitCode(for: error) == .success {
                Terminal.say(text)
                Ending.success.end()
            }
            Terminal.complain(text.isEmpty ? "Error: \(error)" : text)
            mistake.end()
        }
    }
}
