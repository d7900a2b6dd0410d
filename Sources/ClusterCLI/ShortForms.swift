import ArgumentParser

/// A command that does what another one does, under a shorter name.
protocol ShortForm: AsyncParsableCommand {
    associatedtype Whole: AsyncParsableCommand & Sendable
    static var shortName: String { get }
    var whole: Whole { get }
}

extension ShortForm {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: shortName, abstract: Whole.configuration.abstract)
    }

    func run() async throws {
        var whole = whole
        try await whole.run()
    }
}

/// `cluster run`
struct ShortRun: ShortForm {
    static let shortName = "run"
    @OptionGroup var whole: JobRun
}

/// `cluster status`
struct ShortStatus: ShortForm {
    static let shortName = "status"
    @OptionGroup var whole: JobStatus
}

/// `cluster stop`
struct ShortStop: ShortForm {
    static let shortName = "stop"
    @OptionGroup var whole: JobStop
}

/// `cluster validate`
struct ShortValidate: ShortForm {
    static let shortName = "validate"
    @OptionGroup var whole: JobValidate
}

/// `cluster inspect`
struct ShortInspect: ShortForm {
    static let shortName = "inspect"
    @OptionGroup var whole: JobInspect
}

/// `cluster logs`
struct ShortLogs: ShortForm {
    static let shortName = "logs"
    @OptionGroup var whole: AllocLogs
}
