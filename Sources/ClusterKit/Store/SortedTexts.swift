/// Different texts in the order of their bytes: a list in pieces, of which a change copies one, while copies of the
/// whole share the others.
struct SortedTexts: Sendable {
    /// None is empty.
    private var pieces: [[String]] = []
    private static let most = 256

    /// Those that begin with `prefix`, byte for byte.
    func beginning(with prefix: String) -> [String] {
        let bytes = Array(prefix.utf8)
        var found: [String] = []
        var (piece, place) = self.place(of: prefix)
        while piece < pieces.count {
            for text in pieces[piece][place...] {
                guard text.utf8.starts(with: bytes) else { return found }
                found.append(text)
            }
            (piece, place) = (piece + 1, 0)
        }
        return found
    }

    mutating func insert(_ text: String) {
        guard !pieces.isEmpty else { return pieces.append([text]) }
        var (piece, place) = place(of: text)
        // Behind the last of all.
        if piece == pieces.count { (piece, place) = (piece - 1, pieces[piece - 1].count) }
        if place < pieces[piece].count, Self.areSame(pieces[piece][place], text) { return }
        pieces[piece].insert(text, at: place)
        guard pieces[piece].count > Self.most else { return }
        let half = pieces[piece].count / 2
        pieces.insert(Array(pieces[piece][half...]), at: piece + 1)
        pieces[piece].removeSubrange(half...)
    }

    mutating func remove(_ text: String) {
        let (piece, place) = place(of: text)
        guard piece < pieces.count, Self.areSame(pieces[piece][place], text) else { return }
        pieces[piece].remove(at: place)
        if pieces[piece].isEmpty { pieces.remove(at: piece) }
    }

    /// The first that does not come before `text`; the end when all do.
    private func place(of text: String) -> (piece: Int, place: Int) {
        let piece = Self.first(pieces.count) { number in
            pieces[number].last.map { !Self.precedes($0, text) } ?? true
        }
        guard piece < pieces.count else { return (piece, 0) }
        return (piece, Self.first(pieces[piece].count) { !Self.precedes(pieces[piece][$0], text) })
    }

    /// The first number below `count` from which on `holds` does.
    private static func first(_ count: Int, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // Swift orders texts by what they mean, in which those with one beginning need not stand together.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func areSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
