import ArgumentParser
import HCL
package import Logging

/// Readers for the values of flags.
package enum Arguments {
    /// A length of time such as `10s`.
    package static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw ValidationError("\"\(text)\" is no length of time; write one such as 10s, 500ms or 1m30s")
        }
        return duration
    }

    /// A port; 0 means any free one.
    package static func port(_ text: String) throws -> Int {
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw ValidationError("\"\(text)\" is no port; write a number from 0 (any free one) to 65535")
        }
        return port
    }

    /// How much is logged.
    package static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is no log level; write one of \(names)")
        }
        return level
    }

    /// A name and a value, `name=value`.
    package static func pair(_ text: String) throws -> (name: String, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("\"\(text)\" is no pair; write name=value")
        }
        return (String(parts[0]), String(parts[1]))
    }
}
