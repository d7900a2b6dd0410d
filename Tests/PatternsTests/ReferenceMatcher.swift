/// What a pattern means, said as plainly as possible: all ways are tried in order of preference, by going back. It
/// takes exponential time.
indirect enum ReferencePattern {
    case scalar(Character)
    case any
    case oneOf([Character], isInverted: Bool)
    case textStart
    case textEnd
    case lineStart
    case wordEdge
    case sequence([ReferencePattern])
    case choice([ReferencePattern])
    case group(Int, ReferencePattern)
    case repeated(ReferencePattern, least: Int, most: Int?, isLazy: Bool)

    /// As it is written.
    var text: String {
        switch self {
        case .scalar(let scalar): String(scalar)
        case .any: "."
        case .oneOf(let list, let isInverted): "[\(isInverted ? "^" : "")\(String(list))]"
        case .textStart: "^"
        case .textEnd: "$"
        case .lineStart: "(?m:^)"
        case .wordEdge: #"\b"#
        case .sequence(let parts): parts.map(\.text).joined()
        case .choice(let parts): "(?:\(parts.map(\.text).joined(separator: "|")))"
        case .group(_, let part): "(\(part.text))"
        case .repeated(let part, let least, let most, let isLazy):
            "(?:\(part.text)){\(least),\(most.map { "\($0)" } ?? "")}\(isLazy ? "?" : "")"
        }
    }

    /// Whether it can match without taking anything.
    var isNullable: Bool {
        switch self {
        case .scalar, .any, .oneOf: false
        case .textStart, .textEnd, .lineStart, .wordEdge: true
        case .sequence(let parts): parts.allSatisfy(\.isNullable)
        case .choice(let parts): parts.contains(where: \.isNullable)
        case .group(_, let part): part.isNullable
        case .repeated(let part, let least, _, _): least == 0 || part.isNullable
        }
    }
}

/// What a pattern means, said as plainly as possible: ways are tried in order of preference, by going back. A part that
/// was tried at a place is not tried there again; that it failed is why we came back, and it keeps empty rounds from
/// going on for ever. RE2 and Go have this rule too.
final class ReferenceMatcher {
    /// Where groups begin and end, the whole match first.
    typealias Bounds = [Int: Range<Int>]
    typealias Continuation = (Int, Bounds) -> Bounds?

    private struct Trial: Hashable {
        var part: [Int]
        var place: Int
    }

    private let text: [Character]
    private var tried: Set<Trial> = []

    init(text: [Character]) { self.text = text }

    /// All matches, as Go's regexp finds them.
    func matches(_ pattern: ReferencePattern) -> [Bounds] {
        var found: [Bounds] = []
        var start = 0
        var lastEnd = -1
        while start <= text.count, let bounds = firstMatch(pattern, from: start), let whole = bounds[0] {
            if !(whole.isEmpty && whole.lowerBound == lastEnd) { found.append(bounds) }
            lastEnd = whole.upperBound
            start = whole.upperBound == start ? start + 1 : whole.upperBound
        }
        return found
    }

    private func firstMatch(_ pattern: ReferencePattern, from start: Int) -> Bounds? {
        for first in start...text.count {
            tried = []
            let bounds = match(pattern, [], first, [:]) { end, bounds in bounds.merging([0: first..<end]) { $1 } }
            if let bounds { return bounds }
        }
        return nil
    }

    private func isNew(_ part: [Int], _ place: Int) -> Bool { tried.insert(Trial(part: part, place: place)).inserted }

    /// The preferred way from a place that goes on to a match. Parts are told apart by where they stand in the pattern.
    private func match(
        _ pattern: ReferencePattern, _ part: [Int], _ place: Int, _ bounds: Bounds, _ next: Continuation
    ) -> Bounds? {
        guard isNew(part, place) else { return nil }
        switch pattern {
        case .scalar(let scalar): return take(place, bounds, next) { $0 == scalar }
        case .any: return take(place, bounds, next) { $0 != "\n" }
        case .oneOf(let list, let isInverted): return take(place, bounds, next) { list.contains($0) != isInverted }
        case .textStart: return place == 0 ? next(place, bounds) : nil
        case .textEnd: return place == text.count ? next(place, bounds) : nil
        case .lineStart: return place == 0 || text[place - 1] == "\n" ? next(place, bounds) : nil
        case .wordEdge: return isWord(place - 1) != isWord(place) ? next(place, bounds) : nil
        case .sequence(let parts): return sequence(parts[...], part, place, bounds, next)
        case .choice(let parts):
            for (index, choice) in parts.enumerated() {
                if let bounds = match(choice, part + [index], place, bounds, next) { return bounds }
            }
            return nil
        case .group(let number, let content):
            return match(content, part + [0], place, bounds) { end, bounds in
                next(end, bounds.merging([number: place..<end]) { $1 })
            }
        case .repeated(let content, let least, let most, let isLazy):
            let repetition = Repetition(content: content, part: part, least: least, most: most, isLazy: isLazy)
            return rounds(repetition, after: 0, place, bounds, next)
        }
    }

    private func take(
        _ place: Int, _ bounds: Bounds, _ next: Continuation, if isWanted: (Character) -> Bool
    ) -> Bounds? {
        place < text.count && isWanted(text[place]) ? next(place + 1, bounds) : nil
    }

    private func isWord(_ place: Int) -> Bool {
        text.indices.contains(place) && text[place].isASCII && (text[place].isLetter || text[place] == "_")
    }

    private func sequence(
        _ parts: ArraySlice<ReferencePattern>, _ part: [Int], _ place: Int, _ bounds: Bounds, _ next: Continuation
    ) -> Bounds? {
        guard let first = parts.first else { return next(place, bounds) }
        return match(first, part + [parts.startIndex], place, bounds) {
            sequence(parts.dropFirst(), part, $0, $1, next)
        }
    }

    private struct Repetition {
        var content: ReferencePattern
        var part: [Int]
        var least: Int
        var most: Int?
        var isLazy: Bool
    }

    /// `x{2,4}` is `xx(x(x)?)?`, `x{2,}` is `xx+`, and `x*` is `(x+)?` if x can match nothing.
    private func rounds(
        _ repetition: Repetition, after count: Int, _ place: Int, _ bounds: Bounds, _ next: Continuation
    ) -> Bounds? {
        if count == repetition.most { return next(place, bounds) }
        if repetition.most == nil, count + 1 >= repetition.least {
            if repetition.least > 0 {
                return round(repetition, count, place, bounds) { again(repetition, count, $0, $1, next) }
            }
            guard repetition.content.isNullable else { return again(repetition, count, place, bounds, next) }
            return choose(repetition, -2, place, bounds, next) {
                round(repetition, count, place, bounds) { again(repetition, count, $0, $1, next) }
            }
        }
        if count < repetition.least {
            return round(repetition, count, place, bounds) { rounds(repetition, after: count + 1, $0, $1, next) }
        }
        return choose(repetition, -3 - count, place, bounds, next) {
            round(repetition, count, place, bounds) { rounds(repetition, after: count + 1, $0, $1, next) }
        }
    }

    private func round(
        _ repetition: Repetition, _ count: Int, _ place: Int, _ bounds: Bounds, _ next: Continuation
    ) -> Bounds? {
        match(repetition.content, repetition.part + [count], place, bounds, next)
    }

    /// One more round, or none.
    private func again(
        _ repetition: Repetition, _ count: Int, _ place: Int, _ bounds: Bounds, _ next: Continuation
    ) -> Bounds? {
        choose(repetition, -1, place, bounds, next) {
            round(repetition, count, place, bounds) { again(repetition, count, $0, $1, next) }
        }
    }

    /// Goes on, or ends here, whichever is preferred and leads to a match.
    private func choose(
        _ repetition: Repetition, _ mark: Int, _ place: Int, _ bounds: Bounds, _ next: Continuation,
        more: () -> Bounds?
    ) -> Bounds? {
        guard isNew(repetition.part + [mark], place) else { return nil }
        return repetition.isLazy ? next(place, bounds) ?? more() : more() ?? next(place, bounds)
    }
}
