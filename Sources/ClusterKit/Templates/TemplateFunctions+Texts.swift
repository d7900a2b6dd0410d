extension TemplateFunctions {
    static let texts: [String: Entry] = [
        "toLower": Entry(1...1) { arguments throws(TemplateFault) in .text(try arguments.text(0).lowercased()) },
        "toUpper": Entry(1...1) { arguments throws(TemplateFault) in .text(try arguments.text(0).uppercased()) },
        "toTitle": Entry(1...1, title),
        "trim": Entry(2...2) { arguments throws(TemplateFault) in
            let cut = Set(try arguments.text(0).unicodeScalars)
            return .text(try arguments.text(1).trimming { cut.contains($0) })
        },
        "trimSpace": Entry(1...1) { arguments throws(TemplateFault) in
            .text(try arguments.text(0).trimming { $0.properties.isWhitespace })
        },
        "trimPrefix": Entry(2...2) { arguments throws(TemplateFault) in
            let (prefix, text) = (try arguments.text(0).utf8, try arguments.text(1).utf8)
            guard text.starts(with: prefix) else { return .text(String(text)) }
            return .text(String(decoding: text.dropFirst(prefix.count), as: UTF8.self))
        },
        "trimSuffix": Entry(2...2) { arguments throws(TemplateFault) in
            let (suffix, text) = (try arguments.text(0).utf8, try arguments.text(1).utf8)
            guard text.reversed().starts(with: suffix.reversed()) else { return .text(String(text)) }
            return .text(String(decoding: text.dropLast(suffix.count), as: UTF8.self))
        },
        "split": Entry(2...2, split),
        "join": Entry(2...2, join),
        "replaceAll": Entry(3...3, replaceAll),
        "indent": Entry(2...2, indent),
        "print": Entry(0...most, print),
        "println": Entry(0...most, println),
        "printf": Entry(1...most) { arguments throws(TemplateFault) in
            .text(
                try TemplateFormat.text(
                    try arguments.text(0), isLiteral: arguments.isLiteral(0), Array(arguments.values.dropFirst())))
        },
    ]

    private static func title(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var result = ""
        var isStart = true
        for character in try arguments.text(0) {
            result += isStart ? String(character).uppercased() : String(character)
            isStart = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return .text(result)
    }

    private static func split(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let (separator, text) = (Array(try arguments.text(0).utf8), try arguments.text(1))
        if text.isEmpty { return .list([]) }
        guard !separator.isEmpty else { return .list(text.map { .text(String($0)) }) }
        let bytes = Array(text.utf8)
        var parts: [TemplateDatum] = []
        var start = 0
        for place in ByteSearch(separator).places(in: bytes) {
            parts.append(.text(String(decoding: bytes[start..<place], as: UTF8.self)))
            start = place + separator.count
        }
        return .list(parts + [.text(String(decoding: bytes[start...], as: UTF8.self))])
    }

    private static func join(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let separator = try arguments.text(0)
        var output = TemplateOutput()
        for (index, text) in try arguments.texts(1).enumerated() {
            if index > 0 { try output.append(separator) }
            try output.append(text)
        }
        return .text(output.text)
    }

    private static func replaceAll(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let (old, new) = (Array(try arguments.text(0).utf8), Array(try arguments.text(1).utf8))
        let bytes = Array(try arguments.text(2).utf8)
        guard !old.isEmpty else { throw TemplateFault("argument 1 must not be empty") }
        var output = TemplateOutput()
        var start = 0
        for place in ByteSearch(old).places(in: bytes) {
            try output.append(bytes: bytes[start..<place])
            try output.append(bytes: new)
            start = place + old.count
        }
        try output.append(bytes: bytes[start...])
        return .text(output.text)
    }

    private static func indent(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let width = try arguments.integer(0)
        guard 0...1000 ~= width else { throw TemplateFault("argument 1 must be from 0 to 1000") }
        let blanks = [UInt8](repeating: 0x20, count: width)
        var output = TemplateOutput()
        var isStart = true
        for byte in try arguments.text(1).utf8 {
            // Empty lines stay empty, as in consul-template.
            if isStart, byte != 0x0A { try output.append(bytes: blanks) }
            try output.append(bytes: CollectionOfOne(byte))
            isStart = byte == 0x0A
        }
        return .text(output.text)
    }

    /// A blank stands between two values of which neither is a text, as in Go.
    private static func print(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var output = TemplateOutput()
        for (index, value) in arguments.values.enumerated() {
            if index > 0, !value.isText, !arguments[index - 1].isText { try output.append(" ") }
            try output.print(value)
        }
        return .text(output.text)
    }

    private static func println(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        var output = TemplateOutput()
        for (index, value) in arguments.values.enumerated() {
            if index > 0 { try output.append(" ") }
            try output.print(value)
        }
        try output.append("\n")
        return .text(output.text)
    }
}

extension TemplateDatum {
    var isText: Bool { if case .text = self { true } else { false } }
}

extension String {
    fileprivate func trimming(_ isCut: (Unicode.Scalar) -> Bool) -> String {
        var view = unicodeScalars[...]
        while let first = view.first, isCut(first) { view.removeFirst() }
        while let last = view.last, isCut(last) { view.removeLast() }
        return String(view)
    }
}

/// Finds a pattern in time that grows with the text alone, whatever both are: Knuth, Morris and Pratt's way.
struct ByteSearch {
    private let pattern: [UInt8]
    /// For each length of a match, the longest shorter one that may go on from there.
    private var fallback: [Int]

    init(_ pattern: [UInt8]) {
        self.pattern = pattern
        fallback = [Int](repeating: 0, count: pattern.count + 1)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = fallback[length] }
            if pattern[index] == pattern[length] { length += 1 }
            fallback[index + 1] = length
        }
    }

    /// Where the pattern stands, from the left, without overlaps.
    func places(in text: [UInt8]) -> [Int] {
        guard !pattern.isEmpty else { return [] }
        var places: [Int] = []
        var length = 0
        for index in text.indices {
            while length > 0, text[index] != pattern[length] { length = fallback[length] }
            if text[index] == pattern[length] { length += 1 }
            if length == pattern.count {
                places.append(index + 1 - length)
                length = 0
            }
        }
        return places
    }
}
