/// What was read and may come again: a million allocations name the same few jobs.
///
/// It only saves memory. Values that are not found to be equal, for want of room or because of a made-up collision,
/// stand by themselves.
struct RecordPool: Sendable {
    /// Forgotten at once beyond it, so that a stream of ever new values does not stay.
    private static let mostKept = 65_536

    private var texts: [UInt64: String] = [:]
    private var places: [Int: any Sendable] = [:]
    /// The newest places, the last first: records that stand together are mostly alike.
    private var recent: [any AnyObject & Sendable] = []
    private static let mostRecent = 4

    /// The text that `bytes` are, if it was added.
    func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let known = texts[Self.hash(bytes)], known.utf8.elementsEqual(bytes) else { return nil }
        return known
    }

    mutating func add(_ text: String, for bytes: ArraySlice<UInt8>) {
        if texts.count >= Self.mostKept { texts.removeAll() }
        texts[Self.hash(bytes)] = text
    }

    /// The place of an equal value, or a new one.
    mutating func place<Value: Hashable & Sendable>(of value: Value) -> Shared<Value> {
        for case let known as Shared<Value>.Place in recent where known.value == value { return Shared(at: known) }
        let place = keep(value)
        if recent.count == Self.mostRecent { recent.removeLast() }
        recent.insert(place.place, at: 0)
        return place
    }

    private mutating func keep<Value: Hashable & Sendable>(_ value: Value) -> Shared<Value> {
        let hash = value.hashValue
        if let known = places[hash] as? Shared<Value>, known.value == value { return known }
        let place = Shared(value)
        if places.count >= Self.mostKept { places.removeAll() }
        places[hash] = place
        return place
    }

    /// FNV-1a.
    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
