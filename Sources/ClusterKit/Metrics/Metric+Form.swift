/// Whether names and numbers can be told to Prometheus: one that cannot would make all others unreadable as well.
extension Metric {
    /// Whether the names are such as Prometheus takes, and the limits ascend.
    var isWellFormed: Bool {
        Self.isName(name, mayHoldColon: true) && Set(labels).count == labels.count
            && labels.allSatisfy { Self.isName($0, mayHoldColon: false) && !$0.hasPrefix("__") && !isTaken($0) }
            && zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 } && limits.allSatisfy(\.isFinite)
    }

    /// The label that tells the limits of a histogram apart.
    private func isTaken(_ label: String) -> Bool { kind == .histogram && label == "le" }

    private static func isName(_ text: String, mayHoldColon: Bool) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
                || mayHoldColon && byte == UInt8(ascii: ":")
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// A name that Prometheus takes, made from any: what it does not take becomes `_`.
    static func sanitized(_ text: String, mayHoldColon: Bool = true) -> String {
        var name = ""
        for byte in text.utf8 {
            let isKept = isLetter(byte) || isDigit(byte) || mayHoldColon && byte == UInt8(ascii: ":")
            name.unicodeScalars.append(isKept ? Unicode.Scalar(byte) : "_")
        }
        return name.utf8.first.map(isDigit) == false ? name : "_" + name
    }
}

extension Sample {
    /// Whether labels and reading are such as the metric states them.
    var isWellFormed: Bool {
        guard labels.count == metric.labels.count else { return false }
        switch (metric.kind, reading) {
        case (.gauge, .value): return true
        case (.counter, .total(let number)), (.counter, .increment(let number)): return number >= 0 && number.isFinite
        case (.histogram, .observations(let counts, let sum)):
            return counts.count == metric.limits.count + 1 && sum.isFinite
        default: return false
        }
    }
}
