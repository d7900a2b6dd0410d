/// The scalars sorted into classes that no set of a program tells apart, so that tables have few columns.
struct ScalarClasses: Sendable {
    /// Where each stretch of scalars of one class begins; the first is 0.
    private let starts: [UInt32]
    /// The class of each stretch.
    private let numbers: [Int32]
    /// The class of each ASCII character.
    let ascii: [Int32]
    /// One scalar of each class.
    let samples: [UInt32]

    var count: Int { samples.count }

    /// In time that grows with the number of sets times the number of their ranges, both of which are limited.
    init(_ sets: [ScalarSet]) {
        var starts: Set<UInt32> = [0]
        for range in sets.lazy.flatMap(\.ranges) {
            starts.insert(range.lowerBound)
            if range.upperBound < ScalarSet.largest { starts.insert(range.upperBound + 1) }
        }
        let sorted = starts.sorted()
        var numbers = [Int32](repeating: 0, count: sorted.count)
        var count: Int32 = 1
        for set in sets {
            // What lies in the set becomes a class of its own, one for each class that it was part of.
            var split: [Int32: Int32] = [:]
            let inverted = set.inverted
            for range in set.ranges.count <= inverted.ranges.count ? set.ranges : inverted.ranges {
                var index = sorted.firstIndex(fromWhich: { $0 >= range.lowerBound })
                while index < sorted.count, sorted[index] <= range.upperBound {
                    let old = numbers[index]
                    if let new = split[old] {
                        numbers[index] = new
                    } else {
                        split[old] = count
                        numbers[index] = count
                        count += 1
                    }
                    index += 1
                }
            }
        }
        // Classes of which nothing is left are forgotten.
        var renumbered: [Int32: Int32] = [:]
        var samples: [UInt32] = []
        for index in sorted.indices {
            if renumbered[numbers[index]] == nil {
                renumbered[numbers[index]] = Int32(samples.count)
                samples.append(sorted[index])
            }
            numbers[index] = renumbered[numbers[index]] ?? 0
        }
        self.starts = sorted
        self.numbers = numbers
        self.samples = samples
        ascii = (0..<128).map { scalar in numbers[sorted.firstIndex(fromWhich: { $0 > scalar }) - 1] }
    }

    func number(of scalar: UInt32) -> Int {
        if scalar < 128 { return Int(ascii[Int(scalar)]) }
        return Int(numbers[starts.firstIndex(fromWhich: { $0 > scalar }) - 1])
    }
}
