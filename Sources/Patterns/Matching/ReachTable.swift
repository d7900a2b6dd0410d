/// For each place of a text, the instructions from which a match can still come to its end.
///
/// It is made from the end of the text backwards. With it, matches are found from the front without ever following a
/// way that fails: see Frisch and Cardelli, "Greedy regular expression matching", 2004. That makes finding all matches
/// linear, where running a search from each match to the next one is quadratic at worst.
///
/// Long texts are kept in blocks: only the sets at their ends are remembered, and those within are made again, once,
/// when the search comes there. So the memory grows with the square root of the text.
struct ReachTable {
    /// About how many words the open block and its sets may take.
    private static let mostWords = 1 << 17

    private let program: Program
    private let text: [UInt8]
    private let blockLength: Int
    private var sets: ReachSets
    /// The sets at the places of the block that is open.
    private var open: [ReachSets.Number]
    private var openBlock = -1
    /// For each block, the first place behind it where a character begins, and what is reached there; nil for the end
    /// of the text.
    private var seams: [(place: Int, set: PlaceSet)?]

    /// How many characters and instructions may still be looked at. Below zero, nothing is reached any more.
    var budget: Int

    /// Goes through the text once.
    init(_ program: Program, _ text: [UInt8], budget: Int) {
        self.budget = budget
        self.program = program
        self.text = text
        sets = ReachSets(program)
        let length = text.count + 1
        // Otherwise blocks are about as long as there are blocks.
        let root = 1 << ((Int.bitWidth - length.leadingZeroBitCount) / 2)
        blockLength = length <= Self.mostWords / sets.wordsEach ? length : max(256, root)
        open = Array(repeating: 0, count: blockLength)
        seams = Array(repeating: nil, count: (length + blockLength - 1) / blockLength)
        for block in seams.indices.reversed() { fill(block) }
    }

    /// Whether a match can come to its end from an instruction at a place.
    mutating func reaches(_ instruction: Int, at place: Int) -> Bool {
        let block = place / blockLength
        if block != openBlock, budget >= 0 { fill(block) }
        return budget >= 0 && sets.contains(instruction, in: open[place - block * blockLength])
    }

    /// Makes the sets of a block from what is reached behind it.
    private mutating func fill(_ block: Int) {
        if sets.words > Self.mostWords { sets.removeAll() }
        let first = block * blockLength
        var place = text.count
        var number: ReachSets.Number
        if let seam = seams[block] {
            place = seam.place
            number = sets.number(of: seam.set)
        } else {
            number = sets.atEnd(behind: place > 0 ? Neighbor(text[place - 1]) : .none)
            open[place - first] = number
        }
        while place > first, budget >= 0 {
            let start = UTF8Text.start(before: place, in: text)
            if start < first { break }
            let scalar = text.withUnsafeBufferPointer { UTF8Text.decode($0, at: start).scalar }
            number = sets.number(before: scalar, from: number, behind: start > 0 ? Neighbor(text[start - 1]) : .none)
            open[start - first] = number
            place = start
            budget -= 1 + sets.takeSteps()
        }
        if block > 0 { seams[block - 1] = (place, sets[number]) }
        openBlock = block
    }
}
