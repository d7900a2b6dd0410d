/// What the records of a table are told apart by.
public protocol TableKey: Hashable, Comparable, Sendable {
    /// Where the key stands in the trees of a snapshot: keys whose lower bits are equal stand together. Equal keys have
    /// equal places.
    var treePlace: Int { get }
}

extension TableKey {
    /// Anywhere.
    public var treePlace: Int { hashValue }
}

extension JobID: TableKey {}
extension JobVersion: TableKey {}
extension String: TableKey {}
extension SecretPath: TableKey {}
extension SecretVersionID: TableKey {}

extension Identifier: TableKey {
    /// An allocation stands beside the others that `Entropy.identifiers` named with it: a plan's thousand allocations
    /// change one corner of the trees and not a thousand, each of which would have to be copied from the snapshot
    /// before. Others stand anywhere: nodes name themselves, and must not choose their places.
    public var treePlace: Int { Subject.self == Allocation.self ? familyPlace : hashValue }

    private var familyPlace: Int {
        let family = ((low >> Self.memberBits) &* 0x9E37_79B9_7F4A_7C15) >> (64 - Self.familyBits)
        let member = (low & (Self.familySize - 1)) << Self.familyBits
        let shared = Self.familyBits + Self.memberBits
        // The other half tells apart what someone gave equal lower halves.
        let rest = ((high &* 0xD6E8_FEB8_6659_FD93) >> shared) << shared
        return Int(bitPattern: UInt(family | member | rest))
    }

    /// Five levels of a tree that branches 32 times.
    private static var familyBits: UInt64 { 25 }
    /// The lowest bits of an identifier: they number what was named together.
    private static var memberBits: UInt64 { 10 }
    /// How many are named together at most.
    static var familySize: UInt64 { 1 << memberBits }

    /// In this order those that stand together come one after the other.
    var treeOrder: TreeOrder { TreeOrder(low: low, high: high) }
}

/// Orders identifiers by their second halves.
struct TreeOrder: Comparable {
    let low: UInt64
    let high: UInt64

    static func < (left: Self, right: Self) -> Bool { (left.low, left.high) < (right.low, right.high) }
}

/// A key as the trees see it.
struct PlacedKey<Key: TableKey>: Hashable, Sendable {
    let key: Key

    init(_ key: Key) { self.key = key }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    // What the trees of swift-collections take their branches from; `hash(into:)` would scatter what belongs together.
    func _rawHashValue(seed: Int) -> Int { key.treePlace }
}
