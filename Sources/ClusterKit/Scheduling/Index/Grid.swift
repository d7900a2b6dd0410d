/// The cohorts of one band of capacities, in cells by free processor time (rows) and free memory (columns).
///
/// All nodes with room for a need stand in its own cell, above it or to the right of it, and the farther from it, the
/// emptier they stay. So a search walks away from that corner and stops where no cell can hold a better node. Bits say
/// which rows, and in each row which columns, hold anything at all.
struct Grid: BitwiseCopyable {
    /// What the powers of amounts in one row or column can be.
    struct Bounds: BitwiseCopyable {
        /// For the lowest amount and the largest capacity.
        var lower: Double
        /// For the highest amount and the smallest capacity.
        var upper: Double
    }

    let rowScale: LogScale
    let columnScale: LogScale
    let rowCount: Int
    let columnCount: Int
    let rowBounds: Column<Bounds>
    let columnBounds: Column<Bounds>
    private let wordsPerRow: Int
    private let rowBits: Column<UInt64>
    /// By row, `wordsPerRow` for each.
    private let columnBits: Column<UInt64>
    /// Which columns hold anything in some row, and in how many.
    private let anyColumnBits: Column<UInt64>
    private let columnUse: Column<Int32>
    /// By row: how many of its cells hold cohorts, and where its cells begin.
    private let rows: Column<Row>
    /// The first cohort of each cell. Rows get cells when they are first used: most never are.
    private var cells = Column<Int32>()

    private struct Row: BitwiseCopyable {
        var occupied: Int32
        var cells: Int32
    }

    /// A grid for amounts up to `limits`.
    init(limits: CapacityTable.Key, scales: (cpu: LogScale, memory: LogScale)) {
        (rowScale, columnScale) = scales
        rowCount = rowScale.bucket(limits.cpu) + 1
        columnCount = columnScale.bucket(limits.memory) + 1
        wordsPerRow = (columnCount + 63) / 64
        rowBounds = Column(repeating: Bounds(lower: 1, upper: 10), count: rowCount)
        columnBounds = Column(repeating: Bounds(lower: 1, upper: 10), count: columnCount)
        rowBits = Column(repeating: 0, count: (rowCount + 63) / 64)
        columnBits = Column(repeating: 0, count: rowCount * wordsPerRow)
        anyColumnBits = Column(repeating: 0, count: wordsPerRow)
        columnUse = Column(repeating: 0, count: columnCount)
        rows = Column(repeating: Row(occupied: 0, cells: -1), count: rowCount)
    }

    private init(copying grid: Grid) {
        (rowScale, columnScale) = (grid.rowScale, grid.columnScale)
        (rowCount, columnCount, wordsPerRow) = (grid.rowCount, grid.columnCount, grid.wordsPerRow)
        (rowBounds, columnBounds) = (grid.rowBounds.copy(), grid.columnBounds.copy())
        (rowBits, columnBits) = (grid.rowBits.copy(), grid.columnBits.copy())
        (anyColumnBits, columnUse) = (grid.anyColumnBits.copy(), grid.columnUse.copy())
        (rows, cells) = (grid.rows.copy(), grid.cells.copy())
    }

    func copy() -> Grid { Grid(copying: self) }

    func deallocate() {
        rowBounds.deallocate()
        columnBounds.deallocate()
        rowBits.deallocate()
        columnBits.deallocate()
        anyColumnBits.deallocate()
        columnUse.deallocate()
        rows.deallocate()
        cells.deallocate()
    }

    var byteCount: Int {
        (rowCount + columnCount) * MemoryLayout<Bounds>.stride + (rowBits.capacity + columnBits.capacity) * 8
            + rows.capacity * MemoryLayout<Row>.stride + cells.capacity * 4
    }

    /// Computes what the search excludes by; called when the extremes of the band change.
    func setBounds(_ band: CapacityTable.Band) {
        Self.set(rowBounds, rowScale, smallest: band.smallest.cpu, largest: band.largest.cpu)
        Self.set(columnBounds, columnScale, smallest: band.smallest.memory, largest: band.largest.memory)
    }

    private static func set(_ bounds: Column<Bounds>, _ scale: LogScale, smallest: Int, largest: Int) {
        for bucket in 0..<bounds.count {
            let lower = PlacementScore.power(scale.lowest(in: bucket), PlacementScore.scale(largest))
            let upper = PlacementScore.power(scale.lowest(in: bucket + 1) - 1, PlacementScore.scale(smallest))
            bounds[bucket] = Bounds(lower: lower, upper: upper)
        }
    }

    // MARK: Rows and cells

    /// The first row from `row` on that holds anything; `Int.max` when none does.
    @inline(__always)
    func row(from row: Int) -> Int { Self.next(rowBits.base, rowCount, from: row) }

    /// The first column from `column` on that holds anything at all; `Int.max` when none does.
    @inline(__always)
    func column(from column: Int) -> Int { Self.next(anyColumnBits.base, columnCount, from: column) }

    /// The first column from `column` on that holds anything in `row`; `Int.max` when none does.
    @inline(__always)
    func column(from column: Int, inRow row: Int) -> Int {
        Self.next(columnBits.base + row &* wordsPerRow, columnCount, from: column)
    }

    /// The last row up to `row` that holds anything; -1 when none does.
    func row(downFrom row: Int) -> Int { Self.previous(rowBits.base, from: row) }

    /// The last column that holds anything at all; -1 when none does.
    var lastColumn: Int { Self.previous(anyColumnBits.base, from: columnCount - 1) }

    /// The last column up to `column` that holds anything in `row`; -1 when none does.
    func column(downFrom column: Int, inRow row: Int) -> Int {
        Self.previous(columnBits.base + row &* wordsPerRow, from: column)
    }

    /// The first cohort of a cell that holds one.
    @inline(__always)
    func cohort(atRow row: Int, column: Int) -> Int32 { cells[Int(rows[row].cells) &+ column] }

    // MARK: Cohorts

    /// Puts a cohort in front of the others in its cell.
    mutating func link(_ number: Int32, in table: CohortTable) {
        let row = rowScale.bucket(table[number].freeCPU)
        let column = columnScale.bucket(table[number].freeMemory)
        if rows[row].cells < 0 {
            rows[row].cells = Int32(truncatingIfNeeded: cells.count)
            cells.extend(by: columnCount, Cohort.none)
        }
        let cell = Int(rows[row].cells) &+ column
        let first = cells[cell]
        cells[cell] = number
        table[number].next = first
        table[number].previous = Cohort.none
        if first != Cohort.none {
            table[first].previous = number
            return
        }
        occupy(row, column)
    }

    func unlink(_ number: Int32, in table: CohortTable) {
        let (next, previous) = (table[number].next, table[number].previous)
        if next != Cohort.none { table[next].previous = previous }
        if previous != Cohort.none {
            table[previous].next = next
            return
        }
        let row = rowScale.bucket(table[number].freeCPU)
        let column = columnScale.bucket(table[number].freeMemory)
        cells[Int(rows[row].cells) &+ column] = next
        if next == Cohort.none { vacate(row, column) }
    }

    private func occupy(_ row: Int, _ column: Int) {
        let bit: UInt64 = 1 &<< UInt64(column)
        columnBits[row &* wordsPerRow &+ column >> 6] |= bit
        rows[row].occupied &+= 1
        if rows[row].occupied == 1 { rowBits[row >> 6] |= 1 &<< UInt64(row) }
        columnUse[column] &+= 1
        if columnUse[column] == 1 { anyColumnBits[column >> 6] |= bit }
    }

    private func vacate(_ row: Int, _ column: Int) {
        let bit: UInt64 = 1 &<< UInt64(column)
        columnBits[row &* wordsPerRow &+ column >> 6] &= ~bit
        rows[row].occupied &-= 1
        if rows[row].occupied == 0 { rowBits[row >> 6] &= ~(1 &<< UInt64(row)) }
        columnUse[column] &-= 1
        if columnUse[column] == 0 { anyColumnBits[column >> 6] &= ~bit }
    }

    // MARK: Bits

    @inline(__always)
    private static func next(_ words: UnsafeMutablePointer<UInt64>, _ count: Int, from number: Int) -> Int {
        guard number < count else { return .max }
        var index = number >> 6
        var word = words[index] & ~0 &<< UInt64(truncatingIfNeeded: number)
        while word == 0 {
            index &+= 1
            guard index << 6 < count else { return .max }
            word = words[index]
        }
        return index << 6 | word.trailingZeroBitCount
    }

    private static func previous(_ words: UnsafeMutablePointer<UInt64>, from number: Int) -> Int {
        guard number >= 0 else { return -1 }
        var index = number >> 6
        var word = words[index] & ~(~1 &<< UInt64(truncatingIfNeeded: number))
        while word == 0 {
            index -= 1
            guard index >= 0 else { return -1 }
            word = words[index]
        }
        return index << 6 | 63 &- word.leadingZeroBitCount
    }
}
