import Testing

@testable import ClusterKit

@Suite struct NumberSetTests {
    /// Grows a set from nothing to thousands and back, so that it passes through all forms, and compares on the way.
    @Test(arguments: [100, 5000, 300_000])
    func answersAsASortedListDoes(numbers: Int) {
        var chance = Entropy(seed: UInt64(numbers))
        var sets = NumberSets(numbers: numbers)
        defer { sets.deallocate() }
        var set = NumberSet()
        var model: [Int32] = []
        var forms: Set<NumberSet.Form> = []
        let most = 2500
        for step in 0..<2 * most {
            let number = Int32(chance.below(numbers))
            if step < most {
                let place = position(of: number, in: model)
                if place == model.count || model[place] != number {
                    model.insert(number, at: place)
                    sets.insert(number, into: &set)
                }
            } else if !model.isEmpty {
                // Mostly the first one leaves, as when instances are placed.
                let place = step % 3 == 0 ? chance.below(model.count) : 0
                sets.remove(model.remove(at: place), from: &set)
            }
            forms.insert(set.form)
            guard step % 97 == 0 || model.count < 5 else { continue }
            #expect(set.count == model.count)
            #expect(members(of: set, in: sets) == model, "step \(step) of \(numbers)")
            let above = model.first { $0 > number } ?? NumberSet.none
            #expect(sets.next(after: number, in: set) == above, "step \(step) of \(numbers)")
        }
        #expect(model.isEmpty)
        #expect(forms.count == 3)
    }

    /// The first place whose number is not below `number`.
    private func position(of number: Int32, in model: [Int32]) -> Int {
        var (low, high) = (0, model.count)
        while low < high {
            let middle = (low + high) / 2
            if model[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What one set gave back serves the next one, and is as good as new.
    @Test func memoryIsUsedAgain() {
        var sets = NumberSets(numbers: 1000)
        defer { sets.deallocate() }
        var bytes = 0
        for round in 0..<5 {
            var (set, other) = (NumberSet(), NumberSet())
            for number in 0..<500 as Range<Int32> { sets.insert(number * 2 + Int32(round % 2), into: &set) }
            for number in 0..<20 as Range<Int32> { sets.insert(number, into: &other) }
            #expect(members(of: set, in: sets) == (0..<500).map { $0 * 2 + Int32(round % 2) })
            #expect(members(of: other, in: sets) == Array(0..<20))
            for number in members(of: set, in: sets) { sets.remove(number, from: &set) }
            sets.discard(&set)
            sets.discard(&other)
            if round == 0 { bytes = sets.byteCount }
        }
        #expect(sets.byteCount == bytes)
    }

    private func members(of set: NumberSet, in sets: NumberSets) -> [Int32] {
        var members: [Int32] = []
        var number = set.first
        while number != NumberSet.none {
            members.append(number)
            number = sets.next(after: number, in: set)
        }
        return members
    }
}
