/// Numbers that are taken, each perhaps more than once: ports or processor cores of one node.
///
/// Two holders of one number are a mistake made elsewhere; counting both keeps the number taken until both end.
struct BitSet: Sendable {
    private var words: [UInt64] = []
    private var repeats: [Int: Int] = [:]
    /// Numbers outside are ignored, so that a hostile record cannot ask for memory.
    private let range: Range<Int>

    /// For numbers in `range`.
    init(_ range: Range<Int>) { self.range = range }

    func contains(_ number: Int) -> Bool {
        guard range.contains(number), number >> 6 < words.count else { return false }
        return words[number >> 6] & (1 << UInt64(number & 63)) != 0
    }

    /// Takes `number`. Returns whether it was free before.
    @discardableResult
    mutating func insert(_ number: Int) -> Bool {
        guard range.contains(number) else { return false }
        if contains(number) {
            repeats[number, default: 0] += 1
            return false
        }
        while words.count <= number >> 6 { words.append(0) }
        words[number >> 6] |= 1 << UInt64(number & 63)
        return true
    }

    /// Gives `number` back once. Returns whether it is free now.
    @discardableResult
    mutating func remove(_ number: Int) -> Bool {
        guard contains(number) else { return false }
        if let more = repeats[number] {
            repeats[number] = more > 1 ? more - 1 : nil
            return false
        }
        words[number >> 6] &= ~(1 << UInt64(number & 63))
        return true
    }
}
