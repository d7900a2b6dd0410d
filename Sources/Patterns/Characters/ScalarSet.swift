/// A set of Unicode scalars: what a character, a class or a dot stands for.
struct ScalarSet: Hashable, Sendable {
    /// In ascending order, with gaps between them.
    let ranges: [ClosedRange<UInt32>]
    /// A bit for each ASCII character, so that most questions are answered at once.
    private let low: UInt64
    private let high: UInt64

    static let largest: UInt32 = 0x10FFFF
    static let all = ScalarSet([0...largest])
    static let newline = ScalarSet([0x0A...0x0A])
    static let allButNewline = newline.inverted

    /// The union of ranges in any order.
    init(_ list: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in list.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.init(ordered: merged)
    }

    private init(ordered: [ClosedRange<UInt32>]) {
        var bits: (low: UInt64, high: UInt64) = (0, 0)
        for range in ordered where range.lowerBound < 128 {
            for scalar in range.lowerBound...min(range.upperBound, 127) {
                if scalar < 64 { bits.low |= 1 << UInt64(scalar) } else { bits.high |= 1 << UInt64(scalar - 64) }
            }
        }
        (ranges, low, high) = (ordered, bits.low, bits.high)
    }

    /// All scalars that are not in the set.
    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.largest { gaps.append(next...Self.largest) }
        return ScalarSet(ordered: gaps)
    }

    /// In time that grows with the logarithm of the number of ranges.
    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 128 { return (scalar < 64 ? low >> UInt64(scalar) : high >> UInt64(scalar - 64)) & 1 == 1 }
        let index = ranges.firstIndex(fromWhich: { $0.upperBound >= scalar })
        return index < ranges.count && ranges[index].lowerBound <= scalar
    }
}

extension Array {
    /// The first place, found by halving, from which on a condition holds; the number of elements if it never does.
    func firstIndex(fromWhich holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
