import ArgumentParser

/// `cluster version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() {
        if json { Terminal.say("{\"Version\": \"\(Self.number)\"}") } else { Self.say() }
    }

    /// Prints the version as people read it.
    static func say() { Terminal.say("cluster \(number)") }

    /// The version of this program.
    static let number = "0.1.0"
}
