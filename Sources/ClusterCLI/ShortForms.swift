import ArgumentParser

/// A command that does what another one does, under a shorter name.
protocol ShortForm: AsyncParsableCommand {
    associatedtype Whole: AsyncParsableCommand & Sendable
    static var shortName: String { get }
    /// What stands behind the name and the flags.
    static var words: String { get }
    var whole: Whole { get }
}

extension ShortForm {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: shortName, abstract: Whole.configuration.abstract,
            usage: "cluster \(shortName) [<options>] \(words)", discussion: Whole.configuration.discussion)
    }

    func run() async throws {
        var whole = whole
        try await whole.run()
    }
}

/// What the parser says of short forms.
enum ShortFormText {
    /// The text without the name of the whole command behind the short one, which is the same: the parser takes the
    /// one for a subcommand of the other.
    static func plain(_ text: String) -> String {
        let names = [
            ShortRun.shortName, ShortPlan.shortName, ShortStatus.shortName, ShortStop.shortName,
            ShortValidate.shortName, ShortInspect.shortName, ShortLogs.shortName,
        ]
        return names.reduce(text) { $0.replacing("cluster \($1) \($1) ", with: "cluster \($1) ") }
    }
}

/// `cluster run`
struct ShortRun: ShortForm {
    static let shortName = "run"
    static let words = "<file>"
    @OptionGroup var whole: JobRun
}

/// `cluster plan`
struct ShortPlan: ShortForm {
    static let shortName = "plan"
    static let words = "<file>"
    @OptionGroup var whole: JobPlanCommand
}

/// `cluster status`
struct ShortStatus: ShortForm {
    static let shortName = "status"
    static let words = "[<job>]"
    @OptionGroup var whole: JobStatus
}

/// `cluster stop`
struct ShortStop: ShortForm {
    static let shortName = "stop"
    static let words = "<job>"
    @OptionGroup var whole: JobStop
}

/// `cluster validate`
struct ShortValidate: ShortForm {
    static let shortName = "validate"
    static let words = "<file>"
    @OptionGroup var whole: JobValidate
}

/// `cluster inspect`
struct ShortInspect: ShortForm {
    static let shortName = "inspect"
    static let words = "<job>"
    @OptionGroup var whole: JobInspect
}

/// `cluster logs`
struct ShortLogs: ShortForm {
    static let shortName = "logs"
    static let words = "<allocation> [<task>]"
    @OptionGroup var whole: AllocLogs
}
