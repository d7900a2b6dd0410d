import ClusterKit

/// Nomad's flags have one dash before their long names (`-json`, `-address=…`); ours have two. Both are taken.
enum SingleDash {
    /// Flags whose next argument is their value and stays as it is.
    static let taking: Set = [
        "address", "token", "namespace", "region", "check-index", "var", "task", "n", "c", "s", "vault-address", "cas",
        "field", "group", "reason", "batch-size", "name", "description", "version", "versions", "scheduler-algorithm",
        "memory-oversubscription", "preempt-batch-scheduler",
        "preempt-service-scheduler", "preempt-sysbatch-scheduler", "preempt-system-scheduler",
        "id", "priority", "attr", "max-attempts", "delay", "retention", "worker", "alloc", "lease", "wait",
        "retry-delay",
        "deadline", "m", "message", "tidying-moves-per-hour",
        "hours", "tidy", "seed", "add", "remove", "drain", "stop", "replay",
        "idempotency-token", "id-prefix-template", "meta", "var-file", "timeout",
    ]

    /// Flags without a value, which may be turned on and off as in `-json=false`.
    static let switches: Set = [
        "all", "detach", "diff", "disable", "enable", "f", "force", "force-reschedule", "h", "help", "ignore-system",
        "json", "keep-ineligible", "latest", "loop", "monitor", "no-color", "no-deadline", "no-diff", "output", "p",
        "purge", "reschedule", "self", "stderr", "tail", "unset", "verbose", "y", "yes",
    ]

    /// Those that are on unless they are turned off.
    private static let onByItself: Set = ["diff"]

    /// The arguments with two dashes before long names. What follows `--`, and values of flags, stay as they are.
    static func rewritten(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var isValue = false
        for (index, argument) in arguments.enumerated() {
            if isValue {
                isValue = false
                // A negative number would be taken for a flag.
                if argument.hasPrefix("-"), argument.dropFirst().first?.isNumber == true, let flag = result.popLast() {
                    result.append("\(flag)=\(argument)")
                } else {
                    result.append(argument)
                }
                continue
            }
            if argument == "--" { return result + arguments[index...] }
            guard let flag = Flag(argument) else {
                result.append(argument)
                continue
            }
            isValue = flag.value == nil && taking.contains(flag.name)
            if let text = flag.text { result.append(text) }
        }
        return result
    }

    /// Refuses numbers below zero that no flag takes: the parser would take them for flags and say nothing of numbers.
    static func refuseNegative(_ arguments: [String]) throws(ClusterError) {
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.first == "-" {
            guard let number = Double(argument), number < 0, argument.dropFirst().first?.isNumber == true else {
                continue
            }
            guard !arguments.starts(with: ["queue", "progress"]) else {
                throw ClusterError(.invalid, "\(argument) is below zero; what is done of an item goes from 0 to 1.")
            }
            guard !argument.contains(".") else { continue }
            throw ClusterError(.invalid, "\(argument) is below zero; a count or a version is 0 or more.")
        }
    }

    /// One argument that begins with a dash and a letter.
    private struct Flag {
        var name: String
        var value: String?

        init?(_ argument: String) {
            let body = argument.drop { $0 == "-" }
            guard (1...2).contains(argument.count - body.count), body.first?.isLetter == true else { return nil }
            let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            name = String(parts[0])
            value = parts.count > 1 ? String(parts[1]) : nil
            // `-n5` is a short name with its value.
            let isShort = argument.count - body.count == 1 && name.dropFirst().first?.isNumber == true
            if isShort {
                value = String(name.dropFirst())
                name = String(name.prefix(1))
            }
        }

        /// How our parser takes it; `nil` for a switch that is turned off, as in `-json=false`, and off by itself.
        var text: String? {
            let dashes = name.count == 1 ? "-" : "--"
            guard let value else { return dashes + name }
            if switches.contains(name), ["true", "1", "t"].contains(value.lowercased()) { return dashes + name }
            if switches.contains(name), ["false", "0", "f"].contains(value.lowercased()) {
                return onByItself.contains(name) ? "\(dashes)no-\(name)" : nil
            }
            return "\(dashes)\(name)=\(value)"
        }
    }
}
