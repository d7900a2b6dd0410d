/// Amounts in buckets that grow with the amount: sixteen to each doubling, and one for each of the smallest.
///
/// Best fit leaves many nodes with little room and few with much, so equal buckets would crowd most nodes into the
/// lowest ones. Counted in bits, as in an HDR histogram, a bucket is at most a sixteenth wide, whatever the amount.
enum LogScale {
    /// The binary logarithm of the buckets in each doubling.
    private static let bits = 4
    /// No amount is larger; `NodeRoom` holds amounts below it too.
    static let largest = 1 << 46
    /// How many buckets there are in all.
    static let count = bucket(largest) + 1

    /// The bucket of an amount from 0 to `largest`.
    @inline(__always)
    static func bucket(_ amount: Int) -> Int {
        let shift = max(0, Int.bitWidth &- 1 &- amount.leadingZeroBitCount &- bits)
        return shift << bits &+ amount >> shift
    }

    /// The smallest amount in `bucket`.
    static func lowest(in bucket: Int) -> Int {
        let shift = max(0, bucket >> bits - 1)
        return (bucket - shift << bits) << shift
    }
}
