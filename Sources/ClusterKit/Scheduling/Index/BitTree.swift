/// A set of numbers as bits, with a bit above each word that says whether it is empty, and so on: 64 numbers to a word,
/// 64 words to a word of the next level. Three levels find the next member among 16 million numbers in a few steps.
///
/// The words belong to the caller; this is only the order in which they are read.
struct BitTree {
    let words: UnsafeMutablePointer<UInt64>
    let shape: Shape

    /// Where the levels of a tree for a given number of numbers begin.
    struct Shape {
        let middle: Int
        let top: Int
        let wordCount: Int

        init(_ numbers: Int) {
            middle = (numbers + 63) >> 6
            top = middle + (numbers + 4095) >> 12
            wordCount = top + (numbers + 262_143) >> 18
        }
    }

    @inline(__always)
    func insert(_ number: Int32) {
        let number = Int(number)
        let before = words[number >> 6]
        words[number >> 6] = before | bit(number)
        guard before == 0 else { return }
        words[shape.middle &+ number >> 12] |= bit(number >> 6)
        words[shape.top &+ number >> 18] |= bit(number >> 12)
    }

    @inline(__always)
    func remove(_ number: Int32) {
        let number = Int(number)
        words[number >> 6] &= ~bit(number)
        guard words[number >> 6] == 0 else { return }
        words[shape.middle &+ number >> 12] &= ~bit(number >> 6)
        guard words[shape.middle &+ number >> 12] == 0 else { return }
        words[shape.top &+ number >> 18] &= ~bit(number >> 12)
    }

    /// The smallest member above `number`, or `NumberSet.none`.
    @inline(__always)
    func next(after number: Int32) -> Int32 {
        let number = Int(number)
        let rest = words[number >> 6] & above(number)
        return rest != 0 ? Int32(truncatingIfNeeded: number & ~63 | rest.trailingZeroBitCount) : leap(from: number)
    }

    /// The smallest member of a later word than that of `number`.
    private func leap(from number: Int) -> Int32 {
        var word = number >> 6
        let middle = words[shape.middle &+ word >> 6] & above(word)
        if middle != 0 {
            word = word & ~63 | middle.trailingZeroBitCount
        } else {
            var part = word >> 6
            var index = part >> 6
            var top = words[shape.top &+ index] & above(part)
            while top == 0 {
                index &+= 1
                guard shape.top &+ index < shape.wordCount else { return NumberSet.none }
                top = words[shape.top &+ index]
            }
            part = index << 6 | top.trailingZeroBitCount
            word = part << 6 | words[shape.middle &+ part].trailingZeroBitCount
        }
        return Int32(truncatingIfNeeded: word << 6 | words[word].trailingZeroBitCount)
    }

    @inline(__always)
    private func bit(_ number: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: number) }

    /// The bits above the one of `number`.
    @inline(__always)
    private func above(_ number: Int) -> UInt64 { ~1 &<< UInt64(truncatingIfNeeded: number) }
}
