import HeapModule

extension SingleNodes {
    /// The members of one cell whose scores have equally many parts of their own, in the order of the sums of those.
    ///
    /// Whatever the spreads add to all of them, who has the higher sum never has the lower score, so the order holds
    /// however the cell comes to stand. Members with the same sum share a rung. Who changes goes to another rung, and
    /// what it left behind is dropped when it comes to the top.
    struct Ladder {
        /// How many parts the scores have, without that of the spreads.
        let parts: Int
        /// The first of all members while that is certain: then those behind it need not be sorted in.
        private(set) var lead: Lead?
        private var rungs: [Rung] = []
        private var numbers: [Double: Int] = [:]
        /// The rungs that may have members, by sum. An empty one is noticed, and dropped, when it comes to the top.
        private var taken = Heap<Step>()
        /// The sum of the second of them.
        private var second: Double?
        /// The rung that somebody came to last: those that follow are mostly alike.
        private var latest = 0

        private struct Rung {
            let sum: Double
            var isTaken = false
            /// The first of `entries`, kept apart because it is asked for far more often than they change.
            private(set) var first: Entry?
            private var entries = Heap<Entry>()

            init(sum: Double) { self.sum = sum }

            mutating func add(_ entry: Entry) {
                entries.insert(entry)
                if first.map({ entry < $0 }) ?? true { first = entry }
            }

            mutating func dropFirst() {
                entries.removeMin()
                first = entries.min
            }
        }

        private struct Step: Comparable {
            let sum: Double
            let rung: Int

            static func < (left: Step, right: Step) -> Bool { left.sum < right.sum }
        }

        private struct Entry: Comparable {
            let place: Int
            let number: Int

            static func < (left: Entry, right: Entry) -> Bool { left.place < right.place }
        }

        /// A member, and the sum of its parts.
        struct Lead {
            let number: Int
            let position: Int
            let place: Int
            let sum: Double

            init(_ number: Int, _ member: Member, sum: Double) {
                (self.number, position, place, self.sum) = (number, member.position, member.place, sum)
            }
        }

        /// The ladder of one member.
        init(parts: Int, _ only: Lead) { (self.parts, lead) = (parts, only) }

        /// Takes in what a member offers now.
        mutating func note(_ new: Lead) {
            guard let known = lead else { return }
            let gain = new.sum - known.sum
            if gain != 0, abs(gain) <= Rounding.sums {
                lead = nil
            } else if new.number == known.number {
                lead = gain < 0 ? nil : new
            } else if gain > 0 || gain == 0 && new.place < known.place {
                lead = new
            }
        }

        /// Notes that a member is of this ladder no more.
        mutating func leave(_ number: Int) {
            if lead?.number == number { lead = nil }
        }

        /// Puts the member of a number where the sum of its parts says.
        mutating func add(_ number: Int, at place: Int, sum: Double) {
            if latest >= rungs.count || rungs[latest].sum != sum { latest = rung(of: sum) }
            if !rungs[latest].isTaken {
                rungs[latest].isTaken = true
                taken.insert(Step(sum: sum, rung: latest))
                findSecond()
            }
            rungs[latest].add(Entry(place: place, number: number))
        }

        private mutating func rung(of sum: Double) -> Int {
            if let known = numbers[sum] { return known }
            numbers[sum] = rungs.count
            rungs.append(Rung(sum: sum))
            return rungs.count - 1
        }

        private mutating func findSecond() {
            second = nil
            guard let first = taken.popMax() else { return }
            second = taken.max?.sum
            taken.insert(first)
        }

        /// The best of the members, all of which `members` describes. Counts those that are looked at.
        mutating func best(_ spread: Double?, among members: [Member], looks: inout Int) -> Candidates.Pick? {
            while let step = taken.max {
                if let entry = first(on: step.rung, members, &looks) {
                    if let second, step.sum - second <= Rounding.sums {
                        let score = score(step.sum, spread)
                        // Then the names decide.
                        if self.score(second, spread) == score {
                            return best(score, spread, among: members, &looks)
                        }
                        return Candidates.Pick(
                            position: members[entry.number].position, place: entry.place, score: score)
                    }
                    let first = Lead(entry.number, members[entry.number], sum: step.sum)
                    lead = first
                    return pick(first, spread)
                }
                rungs[step.rung].isTaken = false
                taken.removeMax()
                findSecond()
            }
            return nil
        }

        /// The first of those with this score.
        private mutating func best(
            _ score: Double, _ spread: Double?, among members: [Member], _ looks: inout Int
        ) -> Candidates.Pick? {
            var best: Candidates.Pick?
            for rung in rungs.indices where self.score(rungs[rung].sum, spread) == score {
                guard let entry = first(on: rung, members, &looks) else { continue }
                let pick = Candidates.Pick(
                    position: members[entry.number].position, place: entry.place, score: score)
                if pick.isBetter(than: best) { best = pick }
            }
            return best
        }

        func pick(_ lead: Lead, _ spread: Double?) -> Candidates.Pick {
            Candidates.Pick(position: lead.position, place: lead.place, score: score(lead.sum, spread))
        }

        private func score(_ sum: Double, _ spread: Double?) -> Double {
            PartSum(sum: sum, count: parts).mean(penalty: nil, spread: spread)
        }

        /// The first member that stands on a rung.
        private mutating func first(on rung: Int, _ members: [Member], _ looks: inout Int) -> Entry? {
            let own = PartSum(sum: rungs[rung].sum, count: parts)
            while let entry = rungs[rung].first {
                looks += 1
                if members[entry.number].own == own { return entry }
                rungs[rung].dropFirst()
            }
            return nil
        }
    }
}
