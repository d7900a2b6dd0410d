import ArgumentParser

/// `cluster version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() {
        Terminal.say(json ? "{\"Version\": \"\(Self.number)\"}" : "cluster \(Self.number)")
    }

    /// The version of this program.
    static let number = "0.1.0"
}
