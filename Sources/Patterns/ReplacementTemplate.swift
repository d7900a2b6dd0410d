/// What stands in place of a match, read once: `$1`, `${1}`, `$name` and `${name}` are what a group took, `$$` is a
/// dollar sign. The rules are those of `Expand` in Go's regexp: a name goes on as long as there are letters, digits and
/// `_`, so that `$1x` is the group named `1x`; a group that is not there is empty; and a `$` before anything else is
/// itself.
struct ReplacementTemplate {
    enum Part: Equatable {
        case text(String)
        case group(Int)
    }

    private(set) var parts: [Part] = []

    init(_ template: String, groupNames: [String?]) {
        var rest = template.unicodeScalars[...]
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                text.append(scalar)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                text.append("$")
            } else if let name = Self.readName(&rest) {
                if !text.isEmpty { parts.append(.text(String(text))) }
                text = String.UnicodeScalarView()
                if let group = Self.group(name, groupNames) { parts.append(.group(group)) }
            } else {
                text.append("$")
            }
        }
        if !text.isEmpty { parts.append(.text(String(text))) }
    }

    private static func readName(_ rest: inout Substring.UnicodeScalarView) -> String? {
        let isBraced = rest.first == "{"
        let body = isBraced ? rest.dropFirst() : rest
        let name = body.prefix { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType == .decimal }
        let behind = body[name.endIndex...]
        if name.isEmpty || isBraced && behind.first != "}" { return nil }
        rest = isBraced ? behind.dropFirst() : behind
        return String(name)
    }

    private static func group(_ name: String, _ groupNames: [String?]) -> Int? {
        let isNumber = name.utf8.allSatisfy { (0x30...0x39).contains($0) } && (name == "0" || name.utf8.first != 0x30)
        if isNumber, let number = Int(name) { return number <= groupNames.count ? number : nil }
        return groupNames.firstIndex(of: name).map { $0 + 1 }
    }

    /// Adds what stands in place of a match to bytes of UTF-8; false, some way behind the limit, if there are more.
    func append(_ match: [Int], of text: [UInt8], to result: inout [UInt8], limit: Int) -> Bool {
        for part in parts {
            switch part {
            case .text(let text): result += text.utf8
            case .group(let group):
                let (start, end) = (match[2 * group], match[2 * group + 1])
                if start >= 0, end >= start { result += text[start..<end] }
            }
            if result.count > limit { return false }
        }
        return true
    }
}
