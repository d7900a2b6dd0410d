/// A regular expression, tried out in all ways: a small part of the syntax that `regexp` reads, as much as clusters
/// drawn from a seed use. It takes exponential time, so it is for short texts.
///
/// Known are characters, `\` before one that means something, `.`, `[a-c]`, `[^a-c]`, `( )`, `|`, `*`, `+`, `?`, `^`
/// and `$`.
package struct ReferenceExpression {
    /// Goes on after a part that ends at a place; says whether the rest was found.
    private typealias Rest = (Int) -> Bool
    /// Tries a part at a place of a text.
    private typealias Part = ([Character], Int, Rest) -> Bool

    private let whole: Part

    /// Reads an expression; `nil` when it is none, or uses more than this knows.
    package init?(_ text: String) {
        var reader = Reader(rest: Array(text)[...])
        guard let whole = reader.choice(), reader.rest.isEmpty else { return nil }
        self.whole = whole
    }

    /// Whether it matches somewhere in `text`.
    package func isFound(in text: String) -> Bool {
        let text = Array(text)
        return (0...text.count).contains { whole(text, $0) { _ in true } }
    }

    private struct Reader {
        var rest: ArraySlice<Character>

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        mutating func choice() -> Part? {
            guard var whole = sequence() else { return nil }
            while take("|") {
                guard let other = sequence() else { return nil }
                let first = whole
                whole = { first($0, $1, $2) || other($0, $1, $2) }
            }
            return whole
        }

        private mutating func sequence() -> Part? {
            var whole: Part = { _, place, rest in rest(place) }
            while let next = rest.first, next != "|", next != ")" {
                guard let part = repeated() else { return nil }
                let first = whole
                whole = { text, place, rest in first(text, place) { part(text, $0, rest) } }
            }
            return whole
        }

        private mutating func repeated() -> Part? {
            guard let part = single() else { return nil }
            if take("*") { return many(part, least: 0, most: .max) }
            if take("+") { return many(part, least: 1, most: .max) }
            return take("?") ? many(part, least: 0, most: 1) : part
        }

        private func many(_ part: @escaping Part, least: Int, most: Int) -> Part {
            { text, place, rest in
                func further(_ count: Int, _ place: Int) -> Bool {
                    // A round beyond the least that takes nothing would go on for ever.
                    func again(_ end: Int) -> Bool { (end > place || count < least) && further(count + 1, end) }
                    return count < most && part(text, place, again) || count >= least && rest(place)
                }
                return further(0, place)
            }
        }

        private mutating func single() -> Part? {
            guard let first = rest.popFirst() else { return nil }
            switch first {
            case "(":
                let inner = choice()
                return take(")") ? inner : nil
            case "[": return list()
            case "^": return { _, place, rest in place == 0 && rest(place) }
            case "$": return { text, place, rest in place == text.count && rest(place) }
            case ".": return one { $0 != "\n" }
            case "\\":
                guard let meant = rest.popFirst(), !meant.isLetter, !meant.isNumber else { return nil }
                return one { $0 == meant }
            case "*", "+", "?", "{", ")": return nil
            default: return one { $0 == first }
            }
        }

        private mutating func list() -> Part? {
            let isInverted = take("^")
            var ranges: [ClosedRange<Character>] = []
            while let low = rest.popFirst(), low != "]" {
                guard low != "[", low != "\\" else { return nil }
                guard rest.first == "-", let high = rest.dropFirst().first, high != "]" else {
                    ranges.append(low...low)
                    continue
                }
                guard low <= high else { return nil }
                rest.removeFirst(2)
                ranges.append(low...high)
            }
            guard !ranges.isEmpty else { return nil }
            return one { character in ranges.contains { $0.contains(character) } != isInverted }
        }

        private func one(_ admits: @escaping (Character) -> Bool) -> Part {
            { text, place, rest in place < text.count && admits(text[place]) && rest(place + 1) }
        }
    }
}
