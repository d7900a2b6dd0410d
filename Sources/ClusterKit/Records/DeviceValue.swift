/// What a device states, or what it is compared with, read as Nomad's `ParseAttribute` does: an amount with a unit, a
/// number, a truth or a text. Values of two kinds cannot be compared: no comparison of them holds, `!=` included.
enum DeviceValue: Sendable {
    case amount(Quantity)
    case whole(Int64)
    case fraction(Double)
    case truth(Bool)
    case text(String)

    private static let truths = [
        "t": true, "T": true, "true": true, "TRUE": true, "True": true,
        "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]

    init(_ text: String) {
        if let quantity = Quantity(text) {
            self = .amount(quantity)
        } else if let whole = Int64(text) {
            self = .whole(whole)
        } else if let fraction = Double(text) {
            self = .fraction(fraction)
        } else {
            self = Self.truths[text].map(DeviceValue.truth) ?? .text(text)
        }
    }

    /// `nil` for what is no bare number.
    var number: Double? {
        switch self {
        case .whole(let whole): Double(whole)
        case .fraction(let fraction): fraction
        case .amount, .truth, .text: nil
        }
    }

    /// Where it stands beside `other`. Of two truths that differ, either stands behind the other, as in Nomad.
    func place(beside other: DeviceValue) -> Comparison.Order {
        switch (self, other) {
        case (.amount(let left), .amount(let right)): left.kind == right.kind ? .init(left.amount, right.amount) : .none
        case (.whole(let left), .whole(let right)): .init(left, right)
        case (.truth(let left), .truth(let right)): left == right ? .same : .after
        case (.text(let left), .text(let right)): .init(bytesOf: left, right)
        default:
            if let left = number, let right = other.number { .init(left, right) } else { .none }
        }
    }
}
