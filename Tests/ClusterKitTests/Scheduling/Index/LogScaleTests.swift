import Testing

@testable import ClusterKit

@Suite struct LogScaleTests {
    @Test(arguments: [0, 1, 500, 38_400, LogScale.largest])
    func bucketsFollowEachOtherWithoutGaps(capacity: Int) {
        let scale = LogScale(capacity: capacity)
        for bucket in 0..<scale.bucket(capacity) {
            let (low, next) = (scale.lowest(in: bucket), scale.lowest(in: bucket + 1))
            #expect(low < next)
            #expect(scale.bucket(low) == bucket)
            #expect(scale.bucket(next - 1) == bucket)
        }
    }

    /// A sixteenth of the amount, or less than a five-hundredth of the capacity: what the search excludes by a bucket's
    /// edge is nearly exact.
    @Test func bucketsAreNarrow() {
        for capacity in [0, 5, 1000, 38_400, 1 << 40, LogScale.largest] {
            let scale = LogScale(capacity: capacity)
            for amount in [1, 15, 16, 17, 1000, 38_400, 1 << 40, LogScale.largest] where amount <= capacity {
                let bucket = scale.bucket(amount)
                let width = scale.lowest(in: bucket + 1) - scale.lowest(in: bucket)
                #expect(width == 1 || width * 16 <= amount || width * 500 <= capacity)
            }
        }
    }
}
