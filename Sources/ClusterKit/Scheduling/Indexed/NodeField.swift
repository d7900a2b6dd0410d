/// A row of nodes as the placement index holds it: node number and place in the row are the same, so that ties go to
/// the first name.
struct NodeField: Sendable {
    private(set) var index: PlacementIndex
    private(set) var classes: NodeClasses
    /// By place.
    private(set) var kinds: [Int32] = []
    /// By place, the number under which a node is withheld; -1 where it is not. What is free on it is stated when it is
    /// restored.
    private var withheld: [Int32] = []
    /// The places of those that are withheld and still stand in the index. They leave it when it is searched next;
    /// where they are restored before that, a node moves there once and not twice.
    private var leaving: [Int32] = []

    /// The nodes of `rooms`, among them those whose class is known already: to say what a node is like costs more than
    /// all else.
    init(_ rooms: [NodeRoom], _ known: [Int32?] = [], _ classes: NodeClasses = NodeClasses()) {
        index = PlacementIndex(expecting: rooms.count)
        self.classes = classes
        kinds.reserveCapacity(rooms.count)
        withheld = Array(repeating: -1, count: rooms.count)
        // Part by part, for to copy a room counts references to all that describes the node.
        for place in rooms.indices {
            let kind = known.indices.contains(place) ? known[place] : nil
            kinds.append(kind ?? self.classes.number(of: rooms[place].node, rooms[place].coreShare))
            insert(place, rooms[place].gauge)
        }
    }

    private mutating func insert(_ place: Int, _ gauge: NodeRoom.Gauge) {
        index.insert(
            Int32(truncatingIfNeeded: place),
            capacity: PlacementIndex.Amounts(cpu: gauge.cpu, memory: gauge.memory), class: kinds[place],
            free: PlacementIndex.Amounts(cpu: gauge.freeCPU, memory: gauge.freeMemory, disk: gauge.freeDisk))
    }

    /// Takes in a node whose description has changed.
    mutating func replace(_ place: Int, _ room: NodeRoom) {
        index.remove(Int32(truncatingIfNeeded: place))
        kinds[place] = classes.number(of: room.node, room.coreShare)
        insert(place, room.gauge)
    }

    /// Takes in what is free now.
    mutating func update(_ place: Int, free: PlacementIndex.Amounts) {
        if withheld[place] < 0 { index.update(Int32(truncatingIfNeeded: place), free: free) }
    }

    /// Keeps a node out of searches, under a number that the caller finds it by.
    mutating func withhold(_ place: Int, as number: Int) {
        withheld[place] = Int32(truncatingIfNeeded: number)
        leaving.append(Int32(truncatingIfNeeded: place))
    }

    /// Has the index leave out who is withheld, so that it can be searched.
    mutating func settle() {
        for place in leaving { index.withhold(place) }
        leaving.removeAll(keepingCapacity: true)
    }

    /// The number under which a node is withheld; `nil` when it is not.
    func number(ofWithheld place: Int) -> Int? { withheld[place] < 0 ? nil : Int(withheld[place]) }

    /// Ends `withhold` for `places`, which are all that are withheld.
    mutating func restore(_ places: some Sequence<Int>, _ rooms: [NodeRoom]) {
        leaving.removeAll(keepingCapacity: true)
        for place in places {
            withheld[place] = -1
            index.restore(Int32(truncatingIfNeeded: place), free: rooms[place].free)
        }
    }

    /// Whether there are no nodes: the index is made when it is first asked.
    var isEmpty: Bool { kinds.isEmpty }

    /// Whether so many descriptions were met that most of them must be of the past.
    var isCluttered: Bool { classes.count > 2 * kinds.count + 1024 }
}
