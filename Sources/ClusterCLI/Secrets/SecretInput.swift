import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Values of a secret as they are given on the command line.
struct SecretInput {
    /// Where files and the standard input are read; tests make them up.
    var file: (String) throws -> [UInt8] = Self.bytes
    var standardInput: () throws -> [UInt8] = Terminal.standardInput

    /// Reads `key=value`, `key=@file` and `key=-`. A value that begins with `@` itself is written with `\` before it.
    func values(_ pairs: [String]) throws -> [String: ConfigValue] {
        var values: [String: ConfigValue] = [:]
        var isInputUsed = false
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                // What was given may be a secret: it is not repeated.
                throw ClusterError(.invalid, "Give values as key=value, key=@file or key=- (the standard input).")
            }
            let key = String(parts[0])
            guard values[key] == nil else { throw ClusterError(.invalid, "\(key) is given twice.") }
            if parts[1] == "-" {
                guard !isInputUsed else {
                    throw ClusterError(.invalid, "Only one value can come from the standard input; \(key) is a second.")
                }
                isInputUsed = true
                values[key] = .string(try Self.text(try standardInput(), of: key))
            } else if parts[1].first == "@" {
                values[key] = .string(try Self.text(try file(String(parts[1].dropFirst())), of: key))
            } else {
                values[key] = .string(String(parts[1].hasPrefix("\\@") ? parts[1].dropFirst() : parts[1]))
            }
        }
        return values
    }

    /// A text, `@file`, or `-` for the standard input.
    func bytes(_ value: String) throws -> [UInt8] {
        if value == "-" { return try standardInput() }
        return value.first == "@" ? try file(String(value.dropFirst())) : Array(value.utf8)
    }

    private static func text(_ bytes: [UInt8], of key: String) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClusterError(.invalid, "The value of \(key) is no text in UTF-8; encode it first, as base64 does.")
        }
        return text
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw ClusterError(.notFound, "The file \(path) cannot be read; is it there, and may you read it?")
        }
    }
}
