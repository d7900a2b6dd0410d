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
            if connection.json { return printJSON(errors: [], warnings: input.warnings) }
            for warning in input.warnings { Terminal.complain("\(warning)\n") }
            Terminal.say("Job validation successful")
        } catch let mistakes as JobMistakes where connection.json {
            printJSON(
                errors: mistakes.diagnostics.filter { $0.severity == .error },
                warnings: mistakes.diagnostics.filter { $0.severity == .warning })
            throw Ending.failure
        }
    }

    private func printJSON(errors: [Diagnostic], warnings: [Diagnostic]) {
        func list(_ diagnostics: [Diagnostic]) -> [UInt8] {
            JSONText.list(diagnostics.map { JSONText.string($0.description) })
        }
        Terminal.write(
            JSONText.indented(
                JSONText.object([("ValidationErrors", list(errors)), ("Warnings", list(warnings))])))
    }
}
