import ArgumentParser
import ClusterKit
import HCL

/// `cluster job validate`
struct JobValidate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Says what is wrong with a job file, without a server.",
        discussion: "Ends with 0 when the job can be registered, 1 when not.")

    @Argument(help: "The job file, HCL or JSON; - reads the standard input.", completion: .file())
    var file: String

    @OptionGroup var variables: VariableFlags

    @OptionGroup var connection: Connection

    func run() async throws {
        do {
            let input = try JobInput.read(file, variables: variables)
            if connection.json { return printJSON(errors: [], warnings: input.warnings.map(\.description)) }
            for warning in input.warnings { Terminal.complain("\(warning)\n") }
            Terminal.say("Job validation successful")
        } catch let mistakes as JobMistakes where connection.json {
            let errors = mistakes.diagnostics.filter { $0.severity == .error }
            let warnings = mistakes.diagnostics.filter { $0.severity == .warning }
            printJSON(errors: errors.map(\.description), warnings: warnings.map(\.description))
            throw Ending.failure
        } catch let error as ClusterError where connection.json {
            // A job in JSON has no places to point at, and a file need not be there.
            printJSON(errors: [error.message], warnings: [])
            throw Ending.failure
        }
    }

    private func printJSON(errors: [String], warnings: [String]) {
        func list(_ texts: [String]) -> [UInt8] { JSONText.list(texts.map { JSONText.string($0) }) }
        Terminal.write(
            JSONText.indented(
                JSONText.object([("ValidationErrors", list(errors)), ("Warnings", list(warnings))])))
    }
}
