package import ArgumentParser
package import Logging

/// The flags that all programs that serve have.
package struct HostFlags: ParsableArguments {
    /// The folder for everything that is kept.
    @Option(help: "The folder for everything that is kept (default: clusterkit in your folder of state).")
    package var dataDir: String?

    /// The path of the file of settings.
    @Option(help: "A file with these settings in HCL, with underscores; flags win over it.")
    package var config: String?

    /// How much is logged.
    @Option(
        help: "How much is logged: trace, debug, info, notice, warning, error, critical.", transform: Arguments.level)
    package var logLevel: Logger.Level?

    /// Has no flags set; the parser fills them in.
    package init() {}
}
