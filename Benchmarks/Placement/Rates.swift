/// What several contenders make of the same in rounds that take turns.
struct Rates {
    private var own: [Double] = []
    private var arrays: [Double] = []
    private var scan: [Double] = []

    mutating func add(_ own: Double) { self.own.append(own) }
    mutating func add(arrays rate: Double) { arrays.append(rate) }
    mutating func add(scan rate: Double) { scan.append(rate) }

    /// The medians, as far as anything was measured.
    func write(to figure: inout Figure) {
        figure.perSecond = own.median
        figure.referencePerSecond = arrays.isEmpty ? nil : arrays.median
        figure.scanPerSecond = scan.isEmpty ? nil : scan.median
    }
}
