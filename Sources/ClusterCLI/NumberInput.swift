import ArgumentParser

/// Numbers on the command line. Each refusal says what is taken: the parser itself says of a number that is too great,
/// or below zero, no more than that it is invalid.
enum NumberInput {
    /// A whole number that may be below zero, for what says itself which numbers it takes.
    static func whole(_ text: String) throws -> Int {
        guard let number = Int(text) else {
            throw ValidationError(isWhole(text) ? "the number is too great" : "write a whole number")
        }
        return number
    }

    /// The revision that something has.
    static func index(_ text: String) throws -> UInt64 {
        guard let number = UInt64(text) else {
            guard isWhole(text) else { throw ValidationError("write a whole number") }
            throw ValidationError(text.hasPrefix("-") ? "an index is 0 or more" : "the number is too great")
        }
        return number
    }

    private static func isWhole(_ text: String) -> Bool {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
