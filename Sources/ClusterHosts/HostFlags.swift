public import ArgumentParser
public import Logging

/// The flags that all programs that serve have.
public struct HostFlags: ParsableArguments {
    @Option(help: "The folder for everything that is kept (default: clusterkit in your folder of state).")
    public var dataDir: String?

    @Option(help: "A file with these settings in HCL, with underscores; flags win over it.")
    public var config: String?

    @Option(help: "How much is logged: trace, debug, info, notice, warning, error.", transform: Arguments.level)
    public var logLevel: Logger.Level?

    public init() {}
}
