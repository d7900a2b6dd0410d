/// Values by number. The number of one that went is given again, so that numbers stay small.
struct NumberedRow<Value: Sendable>: Sendable {
    private var values: [Value] = []
    private var vacant: [Int32] = []

    subscript(number: Int32) -> Value {
        _read { yield values[Int(number)] }
        _modify { yield &values[Int(number)] }
    }

    /// Takes a value in and gives its number.
    mutating func add(_ value: Value) -> Int32 {
        guard let number = vacant.popLast() else {
            values.append(value)
            return Int32(truncatingIfNeeded: values.count - 1)
        }
        values[Int(number)] = value
        return number
    }

    /// Gives a number free; its value stays until the number is given again.
    mutating func remove(_ number: Int32) { vacant.append(number) }
}
