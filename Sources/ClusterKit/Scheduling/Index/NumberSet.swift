/// The nodes of one cohort, by number, in the order of their numbers. What it consists of lies in `NumberSets`.
struct NumberSet: BitwiseCopyable {
    /// Stands for a node that is not there; above every number, so that the smaller of two is right without a test.
    static let none = Int32.max

    /// How the numbers are kept: what is quickest for two, for dozens and for thousands differs.
    enum Form: UInt8, BitwiseCopyable {
        /// At most two: in `first` and `place`.
        case pair
        /// A sorted run in a pool, from `place` on, the largest first: nodes are mostly taken from the other end.
        case run
        /// A `BitTree`; `place` is its number.
        case tree
    }

    fileprivate(set) var count: Int32 = 0
    /// The smallest number, or `none`. Comparing cohorts looks no further.
    fileprivate(set) var first = NumberSet.none
    fileprivate var place = NumberSet.none
    fileprivate(set) var form = Form.pair
    /// The binary logarithm of the length of the run.
    fileprivate var room: UInt8 = 0
}

/// The memory of all sets of one index: runs of powers of two from one pool, trees of one size from another.
///
/// A tree costs an eighth of a byte for each node of the index, so only a set with more than one of 256 nodes gets one:
/// all trees together cost about 32 bytes for each node at most, and mostly far less. A run never grows longer than
/// that either, which keeps moving its elements cheap.
struct NumberSets: BitwiseCopyable {
    private var runs = Column<Int32>()
    /// By binary logarithm of length: the first unused run, which holds the place of the next one.
    private var unusedRuns = Column(repeating: NumberSet.none, count: 32)
    private var trees = Column<UInt64>()
    private var unusedTree = NumberSet.none
    private var shape = BitTree.Shape(0)
    /// The longest run: a power of two, as all are.
    private var longest: Int32 = 0

    /// For numbers below `numbers`.
    init(numbers: Int) {
        shape = BitTree.Shape(numbers)
        longest = 1 << Int32(Int32.bitWidth - Int32(truncatingIfNeeded: max(32, numbers >> 8) - 1).leadingZeroBitCount)
    }

    func deallocate() {
        runs.deallocate()
        unusedRuns.deallocate()
        trees.deallocate()
    }

    func copy() -> NumberSets {
        var copy = self
        copy.runs = runs.copy()
        copy.unusedRuns = unusedRuns.copy()
        copy.trees = trees.copy()
        return copy
    }

    var byteCount: Int { runs.capacity * 4 + trees.capacity * 8 }

    // MARK: Members

    /// Adds `number`, which is not in the set.
    @inline(__always)
    mutating func insert(_ number: Int32, into set: inout NumberSet) {
        switch set.form {
        case .tree: tree(set).insert(number)
        case .run: insertIntoRun(number, &set)
        case .pair:
            if set.count == 0 {
                set.first = number
            } else if set.count == 1 {
                set.place = max(set.first, number)
            } else {
                becomeRun(&set)
                insertIntoRun(number, &set)
            }
        }
        set.count &+= 1
        set.first = min(set.first, number)
    }

    /// Removes `number`, which is in the set.
    @inline(__always)
    mutating func remove(_ number: Int32, from set: inout NumberSet) {
        set.count &-= 1
        switch set.form {
        case .pair:
            if number == set.first { set.first = set.place }
            set.place = NumberSet.none
        case .run: removeFromRun(number, &set)
        case .tree:
            let tree = tree(set)
            tree.remove(number)
            if number == set.first { set.first = tree.next(after: number) }
            if set.count < longest >> 1 { becomeRun(&set) }
        }
    }

    /// The smallest member above `number`, or `none`; `number` need not be a member.
    func next(after number: Int32, in set: NumberSet) -> Int32 {
        switch set.form {
        case .pair: return number < set.first ? set.first : number < set.place ? set.place : NumberSet.none
        case .tree: return tree(set).next(after: number)
        case .run:
            let above = position(of: number, in: set)
            return above > 0 ? runs[set.place &+ above &- 1] : NumberSet.none
        }
    }

    /// A member, and where the run is at it: who goes through a set need not search for each of them.
    struct Cursor: BitwiseCopyable {
        fileprivate(set) var number: Int32
        fileprivate var position: Int32
    }

    /// Stands at `number`, which is a member.
    func cursor(at number: Int32, in set: NumberSet) -> Cursor {
        Cursor(number: number, position: set.form == .run ? position(of: number, in: set) : 0)
    }

    /// Goes on to the next member, or to `none`.
    @inline(__always)
    func advance(_ cursor: inout Cursor, in set: NumberSet) {
        guard set.form == .run else {
            cursor.number = next(after: cursor.number, in: set)
            return
        }
        cursor.position &-= 1
        cursor.number = cursor.position >= 0 ? runs[set.place &+ cursor.position] : NumberSet.none
    }

    /// Gives back what an empty set holds.
    mutating func discard(_ set: inout NumberSet) {
        switch set.form {
        case .pair: break
        case .run: discardRun(at: set.place, room: set.room)
        case .tree: discardTree(set.place)
        }
        set = NumberSet()
    }

    // MARK: Runs

    /// How many elements of the run are larger than `number`. Halving without a branch: a guess would be wrong half of
    /// the time.
    @inline(__always)
    private func position(of number: Int32, in set: NumberSet) -> Int32 {
        var low = set.place
        var rest = set.count
        while rest > 0 {
            let half = rest >> 1
            let isLarger = runs[low &+ half] > number
            low = isLarger ? low &+ half &+ 1 : low
            rest = isLarger ? rest &- half &- 1 : half
        }
        return low &- set.place
    }

    private mutating func insertIntoRun(_ number: Int32, _ set: inout NumberSet) {
        if set.count == 1 << Int32(set.room) {
            guard set.count < longest else {
                becomeTree(&set)
                return tree(set).insert(number)
            }
            resizeRun(&set, room: set.room + 1)
        }
        let place = runs.base + Int(set.place)
        let position = Int(position(of: number, in: set))
        (place + position + 1).update(from: place + position, count: Int(set.count) &- position)
        place[position] = number
    }

    /// The count of `set` is already that without `number`.
    private mutating func removeFromRun(_ number: Int32, _ set: inout NumberSet) {
        let place = runs.base + Int(set.place)
        if number == set.first {
            set.first = set.count > 0 ? place[Int(set.count) &- 1] : NumberSet.none
        } else {
            let position = Int(position(of: number, in: set))
            (place + position).update(from: place + position + 1, count: Int(set.count) &- position)
        }
        if set.count == 1 {
            let only = runs[set.place]
            discard(&set)
            (set.count, set.first) = (1, only)
        } else if set.room > 2, set.count < 1 << Int32(set.room - 2) {
            resizeRun(&set, room: set.room - 1)
        }
    }

    private mutating func resizeRun(_ set: inout NumberSet, room: UInt8) {
        let place = newRun(room: room)
        (runs.base + Int(place)).update(from: runs.base + Int(set.place), count: Int(set.count))
        discardRun(at: set.place, room: set.room)
        (set.place, set.room) = (place, room)
    }

    private mutating func newRun(room: UInt8) -> Int32 {
        let unused = unusedRuns[Int(room)]
        if unused != NumberSet.none {
            unusedRuns[Int(room)] = runs[unused]
            return unused
        }
        let place = Int32(truncatingIfNeeded: runs.count)
        runs.extend(by: 1 << Int(room), 0)
        return place
    }

    private mutating func discardRun(at place: Int32, room: UInt8) {
        runs[place] = unusedRuns[Int(room)]
        unusedRuns[Int(room)] = place
    }

    // MARK: Changes of form

    /// From the two of a pair, or from the members of a tree, of which there are few enough.
    private mutating func becomeRun(_ set: inout NumberSet) {
        let old = set
        set.form = .run
        set.room = UInt8(max(2, Int32.bitWidth - old.count.leadingZeroBitCount))
        set.place = newRun(room: set.room)
        var number = old.first
        for position in stride(from: set.place + old.count - 1, through: set.place, by: -1) {
            runs[position] = number
            number = next(after: number, in: old)
        }
        if old.form == .tree { discardTree(old.place) }
    }

    private mutating func becomeTree(_ set: inout NumberSet) {
        let old = set
        set.form = .tree
        set.place = newTree()
        let tree = tree(set)
        for position in old.place..<old.place + old.count { tree.insert(runs[position]) }
        discardRun(at: old.place, room: old.room)
    }

    // MARK: Trees

    @inline(__always)
    private func tree(_ set: NumberSet) -> BitTree {
        BitTree(words: trees.base + Int(set.place) &* shape.wordCount, shape: shape)
    }

    private mutating func newTree() -> Int32 {
        if unusedTree != NumberSet.none {
            let tree = unusedTree
            let words = trees.base + Int(tree) &* shape.wordCount
            unusedTree = Int32(truncatingIfNeeded: words[0])
            words[0] = 0
            return tree
        }
        let tree = Int32(truncatingIfNeeded: trees.count / shape.wordCount)
        trees.extend(by: shape.wordCount, 0)
        return tree
    }

    /// Clears it, for a set that becomes a run leaves its members behind. The first word then names the next unused
    /// tree.
    private mutating func discardTree(_ tree: Int32) {
        let words = trees.base + Int(tree) &* shape.wordCount
        words.update(repeating: 0, count: shape.wordCount)
        words[0] = UInt64(UInt32(bitPattern: unusedTree))
        unusedTree = tree
    }
}
