/// Amounts in buckets that grow with the amount: sixteen to each doubling.
///
/// Best fit leaves many nodes with little room and few with much, so equal buckets would crowd most nodes into the
/// lowest ones. Counted in bits, as in an HDR histogram, a bucket is a sixteenth of its amount wide at most. Below some
/// amount nothing is gained any more, for the score of a node hardly changes: the narrowest bucket is a *unit*.
struct LogScale: BitwiseCopyable {
    /// No amount is larger.
    static var largest: Int { NodeRoom.largest }
    /// For amounts of unknown size: the narrowest buckets hold one amount each.
    static let finest = LogScale(unit: 0)

    /// The binary logarithm of the buckets in each doubling.
    private static let bits = 4
    /// The binary logarithm of the narrowest bucket.
    private let unit: Int

    private init(unit: Int) { self.unit = unit }

    /// A scale for nodes of about this capacity: a unit is between a 4096th and a 2048th of it. Finer ones were not
    /// faster.
    init(capacity: Int) { unit = max(0, Int.bitWidth - capacity.leadingZeroBitCount - 12) }

    /// The bucket of an amount from 0 on.
    @inline(__always)
    func bucket(_ amount: Int) -> Int {
        let units = amount >> unit
        let shift = max(0, Int.bitWidth &- 1 &- units.leadingZeroBitCount &- Self.bits)
        return shift << Self.bits &+ units >> shift
    }

    /// The smallest amount in `bucket`.
    func lowest(in bucket: Int) -> Int {
        let shift = max(0, bucket >> Self.bits - 1)
        return (bucket - shift << Self.bits) << (shift + unit)
    }
}
