/// Values by number. The number of one that went is given again, so that numbers stay small.
///
/// They stand in pieces, so that a row of a million grows without being moved, and a copy of it shares all pieces that
/// neither changes.
struct NumberedRow<Value: Sendable>: Sendable {
    /// All but the last are full.
    private var pieces: [[Value]] = [[]]
    private var vacant: [Int32] = []

    private static var bits: Int { 10 }
    private static var length: Int { 1 << bits }

    subscript(number: Int32) -> Value {
        _read { yield pieces[Int(number) >> Self.bits][Int(number) & (Self.length - 1)] }
        _modify { yield &pieces[Int(number) >> Self.bits][Int(number) & (Self.length - 1)] }
    }

    /// The number that the next value gets.
    var next: Int32 { vacant.last ?? Int32(truncatingIfNeeded: end) }

    private var end: Int { (pieces.count - 1) << Self.bits + pieces[pieces.count - 1].count }

    /// Takes a value in. Returns its number.
    @discardableResult
    mutating func add(_ value: Value) -> Int32 {
        if let number = vacant.popLast() {
            self[number] = value
            return number
        }
        let number = Int32(truncatingIfNeeded: end)
        if pieces[pieces.count - 1].count == Self.length {
            pieces.append([])
            pieces[pieces.count - 1].reserveCapacity(Self.length)
        }
        pieces[pieces.count - 1].append(value)
        return number
    }

    /// Gives a number free; its value stays until the number is given again.
    mutating func remove(_ number: Int32) { vacant.append(number) }
}
