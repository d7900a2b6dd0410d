/// A row of nodes as the placement index holds it: node number and place in the row are the same, so that ties go to
/// the first name.
struct NodeField: Sendable {
    private(set) var index: PlacementIndex
    private(set) var classes: NodeClasses
    /// By place.
    private(set) var kinds: [Int32] = []
    /// By place; what is free there is stated when they are restored.
    private var isWithheld: [Bool] = []

    /// The nodes of `rooms`, among them those whose class is known already: to say what a node is like costs more than
    /// all else.
    init(_ rooms: [NodeRoom], _ known: [Int32?] = [], _ classes: NodeClasses = NodeClasses()) {
        index = PlacementIndex(expecting: rooms.count)
        self.classes = classes
        kinds.reserveCapacity(rooms.count)
        isWithheld = Array(repeating: false, count: rooms.count)
        for (place, room) in rooms.enumerated() {
            let kind = known.indices.contains(place) ? known[place] : nil
            kinds.append(kind ?? self.classes.number(of: room))
            insert(place, room)
        }
    }

    private mutating func insert(_ place: Int, _ room: NodeRoom) {
        index.insert(
            Int32(truncatingIfNeeded: place),
            capacity: PlacementIndex.Amounts(cpu: room.cpu, memory: room.memory, disk: room.disk),
            class: kinds[place], free: room.free)
    }

    /// Takes in a node whose description has changed.
    mutating func replace(_ place: Int, _ room: NodeRoom) {
        index.remove(Int32(truncatingIfNeeded: place))
        kinds[place] = classes.number(of: room)
        insert(place, room)
    }

    /// Takes in what is free now.
    mutating func update(_ place: Int, free: PlacementIndex.Amounts) {
        if !isWithheld[place] { index.update(Int32(truncatingIfNeeded: place), free: free) }
    }

    /// Keeps a node out of searches.
    mutating func withhold(_ place: Int) {
        isWithheld[place] = true
        index.withhold(Int32(truncatingIfNeeded: place))
    }

    /// Ends `withhold`.
    mutating func restore(_ place: Int, free: PlacementIndex.Amounts) {
        isWithheld[place] = false
        index.restore(Int32(truncatingIfNeeded: place), free: free)
    }

    /// Whether there are no nodes: the index is made when it is first asked.
    var isEmpty: Bool { kinds.isEmpty }

    /// Whether so many descriptions were met that most of them must be of the past.
    var isCluttered: Bool { classes.count > 2 * kinds.count + 1024 }
}

extension NodeRoom {
    /// What nobody holds, as the index counts it.
    var free: PlacementIndex.Amounts { PlacementIndex.Amounts(cpu: freeCPU, memory: freeMemory, disk: freeDisk) }
}
