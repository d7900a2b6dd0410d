/// A part of a pattern as code that can stand anywhere: Thompson's construction, by appending.
struct Fragment {
    private(set) var code: [Instruction] = []
    /// Whether it can match nowhere but at the start of the text.
    private(set) var isAnchored = false
    /// Whether it can match without taking anything.
    private(set) var isNullable = true

    init() {}

    /// One instruction.
    init(_ instruction: Instruction) {
        code = [instruction]
        isAnchored = instruction == .check(.textStart)
        if case .take = instruction { isNullable = false }
    }

    /// One part after the other.
    static func sequence(_ parts: [Fragment]) -> Fragment {
        guard parts.count != 1 else { return parts[0] }
        var result = Fragment()
        result.code.reserveCapacity(parts.reduce(0) { $0 + $1.code.count })
        for part in parts { result.code += part.code }
        result.isAnchored = parts.first?.isAnchored ?? false
        result.isNullable = parts.allSatisfy(\.isNullable)
        return result
    }

    /// One of several, the earlier ones preferred.
    static func choice(_ parts: [Fragment]) -> Fragment {
        guard parts.count != 1 else { return parts[0] }
        var result = Fragment()
        var rest = Int32(parts.reduce(0) { $0 + $1.code.count + 2 }) - 2
        for part in parts.dropLast() {
            let length = Int32(part.code.count)
            result.code.append(.fork(1, length + 2))
            result.code += part.code
            rest -= length + 2
            result.code.append(.jump(rest + 1))
        }
        result.code += parts.last?.code ?? []
        result.isAnchored = parts.allSatisfy(\.isAnchored)
        result.isNullable = parts.contains(where: \.isNullable)
        return result
    }

    /// The same, with notes of where it begins and ends.
    func noted(as group: Int) -> Fragment {
        var result = Fragment()
        result.code = [.note(Int32(2 * group))] + code + [.note(Int32(2 * group + 1))]
        (result.isAnchored, result.isNullable) = (isAnchored, isNullable)
        return result
    }

    /// How many instructions `repeated` makes of so many.
    static func size(of length: Int, repeated count: RepetitionCount) -> Int {
        guard let most = count.most else { return length * max(1, count.least) + (count.least == 0 ? 2 : 1) }
        return length * most + (most - count.least)
    }

    /// The same several times. What may be left out is `(x(x)?)?`. If x can match nothing, `x*` is `(x+)?`, so that no
    /// round follows one that took nothing. Both is what RE2 and Go do, and decides what groups take.
    func repeated(_ count: RepetitionCount) -> Fragment {
        var result = Fragment()
        let length = Int32(code.count)
        guard length > 0, count.most != 0 else { return result }
        result.code.reserveCapacity(Self.size(of: code.count, repeated: count))
        func fork(on: Int32, past: Int32) -> Instruction { count.isLazy ? .fork(past, on) : .fork(on, past) }
        if let most = count.most {
            for _ in 0..<count.least { result.code += code }
            for left in stride(from: most - count.least, to: 0, by: -1) {
                result.code.append(fork(on: 1, past: Int32(left) * (length + 1)))
                result.code += code
            }
        } else if count.least > 0 {
            for _ in 0..<count.least { result.code += code }
            result.code.append(fork(on: -length, past: 1))
        } else {
            result.code.append(fork(on: 1, past: length + 2))
            result.code += code
            result.code.append(isNullable ? fork(on: -length, past: 1) : .jump(-length - 1))
        }
        result.isAnchored = isAnchored && count.least > 0
        result.isNullable = isNullable || count.least == 0
        return result
    }
}

/// How often something is repeated.
struct RepetitionCount: Hashable {
    var least: Int
    /// As often as it likes if nil.
    var most: Int?
    /// Whether fewer are preferred.
    var isLazy = false
}
