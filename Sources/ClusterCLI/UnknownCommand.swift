import ArgumentParser
import ClusterKit
import HCL

/// A command that does not exist, answered with the one that was probably meant.
enum UnknownCommand {
    /// Throws `.invalid` when the words before the first flag name no command of `root`.
    static func refuse(_ arguments: [String], in root: any ParsableCommand.Type) throws(ClusterError) {
        var (parent, path) = (root, [name(of: root)])
        for word in arguments {
            let known = parent.configuration.subcommands
            guard !known.isEmpty, word.first != "-" else { return }
            // What help is asked for must be there, too.
            if word == "help" { continue }
            guard let next = known.first(where: { name(of: $0) == word }) else {
                let meant = Suggestion.nearest(to: word, among: known.map(name))
                let hint = meant.map { "; did you mean \"\($0)\"?" } ?? "."
                let call = path.joined(separator: " ")
                throw ClusterError(
                    .invalid, "Unknown command \"\(call) \(word)\"\(hint) All commands: \(call) --help")
            }
            parent = next
            path.append(word)
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
