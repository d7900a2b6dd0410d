import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs a program on the machine and takes its exit code for an answer, as Consul and Nagios do: 0 passes, 1 warns,
/// anything else is critical, and so is a program that does not end in time.
///
/// An agent uses it for scripts that belong to no task, and only when `AgentConfiguration.allowsHostScripts` says so:
/// such a script runs as the agent's user. It gets an empty environment but for `PATH`, an empty standard input, and
/// `/` as its folder; it is killed with its process group when its time is over.
public struct ScriptProber: Prober {
    public let kinds = ["script"]

    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Makes a prober that holds nothing.
    public init() {}

    public func probe(_ request: ProbeRequest) async -> ProbeOutcome {
        let check = request.check
        guard let program = Self.find(check.command) else {
            return ProbeOutcome(.critical, "command not found: \(check.command), along the PATH \(Self.path)")
        }
        let texts = [check.command] + check.arguments
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            return ProbeOutcome(.critical, "the command and its arguments cannot hold zero bytes")
        }
        let command = BoundedCommand(
            program: program, arguments: texts, environment: ["PATH=" + Self.path], timeout: check.timeout,
            outputLimit: ProbeOutcome.longestOutput)
        do {
            let ending = try await command.run()
            return ProbeOutcome(
                code: ending.code, signal: ending.signal, output: String(decoding: ending.output, as: UTF8.self),
                timedOut: ending.timedOut, timeout: check.timeout)
        } catch let failure as LaunchFailure {
            return ProbeOutcome(.critical, "cannot execute \(program): \(reason(failure.code))")
        } catch let error as ClusterError {
            return ProbeOutcome(.critical, error.message)
        } catch {
            return ProbeOutcome(.critical, "the check was given up")
        }
    }

    private static func find(_ command: String) -> String? {
        if command.hasPrefix("/") { return isProgram(command) ? command : nil }
        guard !command.isEmpty, !command.contains("/") else { return nil }
        return path.split(separator: ":").map { "\($0)/\(command)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

extension ProbeOutcome {
    /// What the end of a script means.
    init(code: Int, signal: Int, output: String, timedOut: Bool, timeout: Duration) {
        if timedOut {
            self = .timedOut(after: timeout, output)
        } else if signal != 0 {
            self.init(.critical, output.isEmpty ? "ended by signal \(signal)" : output)
        } else {
            let health: CheckHealth =
                switch code {
                case 0: .passing
                case 1: .warning
                default: .critical
                }
            self.init(health, output.isEmpty && code != 0 ? "exit code \(code)" : output)
        }
    }
}
