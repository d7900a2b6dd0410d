/// One tag of the form `traefik.….…=value`, cut into its parts.
struct TagLabel {
    /// The longest value that is read, in bytes.
    static let longestValue = RouteRule.longestText
    /// The longest key that is read, in bytes.
    private static let longestKey = 512

    /// The tag, wholly; the middle of a very long one is left out.
    let tag: String
    /// What stands before the `=`, as it was written.
    let key: String
    /// The parts of the key between its dots, in lower case.
    let parts: [String]
    /// What stands behind the `=`; `nil` where there is none.
    private let text: String?
    /// The parts as they were written.
    private let spelling: [Substring]

    /// Cuts a tag; `nil` for one that is not meant for routes.
    init?(_ tag: String) {
        guard tag.utf8.prefix(8).map(RuleMatcher.lower).elementsEqual("traefik.".utf8) else { return nil }
        let halves = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self.tag = Self.shortened(tag)
        let stated = Self.trimmed(halves[0])
        let isLong = stated.utf8.count > Self.longestKey
        key = isLong ? Self.shortened(String(stated.prefix(Self.longestKey))) : String(stated)
        spelling = isLong ? [] : stated.split(separator: ".", omittingEmptySubsequences: false)
        parts = spelling.map { $0.lowercased() }
        text = halves.count == 2 ? String(halves[1]) : nil
    }

    /// The value, as it was written; empty for none.
    var value: String { text ?? "" }

    /// Whether the tag states a value, if only an empty one.
    var statesValue: Bool { text != nil }

    /// The name in the fourth place, as it was written.
    var name: String { spelling.count > 3 ? String(spelling[3]) : "" }

    /// The key of the option: what stands behind the name, in lower case.
    var option: String { parts.dropFirst(4).joined(separator: ".") }

    // MARK: - Values

    /// A switch as Go reads one.
    func isOn() throws(TagRefusal) -> Bool {
        switch Self.trimmed(value) {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw TagRefusal("\"\(Self.shortened(value))\" is neither true nor false")
        }
    }

    /// A whole number.
    func number() throws(TagRefusal) -> Int {
        guard let number = Int(Self.trimmed(value)) else {
            throw TagRefusal("\"\(Self.shortened(value))\" is no whole number")
        }
        return number
    }

    /// Words between commas. None at all is refused: a route whose list came out empty would be served without what
    /// the list was to add.
    func list() throws(TagRefusal) -> [String] {
        let words = value.split(separator: ",", omittingEmptySubsequences: false).map { String(Self.trimmed($0)) }
        if words.contains("") { throw TagRefusal("its list has an empty place") }
        return words
    }

    /// The name of another router, service or middleware, in lower case and without the provider.
    static func reference(_ text: String) throws(TagRefusal) -> String {
        let parts = trimmed(text[...]).split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw TagRefusal("it names nothing") }
        if parts.count == 2, !["consulcatalog", "nomad"].contains(parts[1].lowercased()) {
            throw TagRefusal(
                "`@\(parts[1])` is no provider here; name what tags state, without `@` or with @consulcatalog")
        }
        return name.lowercased()
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }

    /// A text as messages show it.
    static func shortened(_ text: String) -> String {
        let length = text.utf8.count
        guard length > 1024 else { return text }
        return String(decoding: text.utf8.prefix(960), as: UTF8.self) + "… (\(length) bytes)"
    }
}
