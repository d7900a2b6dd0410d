import ClusterKit

/// On the index, from empty machines on, beside both scans.
extension Bench {
    /// Single placements until 85 % of the processor time is held, and searches among the machines as they are then.
    func one() -> [Figure] {
        var (rates, search) = (Rates(), figure(.one, "search"))
        let asked = asked(1 << 10)
        var last: Field<IndexContender>?
        var placing = placements(.one, toCPU: load(85, of: machines)) { field in
            let scans = scans(machines, queries, field.tenants)
            let own = searches(asked, of: field.player)
            (search.seconds, search.placements) = (own.seconds, own.found)
            rates.add(own.perSecond)
            rates.add(arrays: searches(asked, of: scans.arrays.player).perSecond)
            rates.add(scan: searches(asked, of: scans.records.player).perSecond)
            last = field
        }
        guard let last else { return [placing] }
        rates.write(to: &search)
        search.note(singleSearches(on: last.player.index))
        note(last.player.index, queries, in: &placing)
        note(last.player.index, queries, in: &search)
        return [placing, search]
    }

    /// Single placements until nothing fits any more.
    func fill() -> Figure { placements(.fill, toCPU: .max) { _ in } }

    /// Single placements until so much is held. Each round's end is shown to `body`.
    private func placements(
        _ scenario: Scenario, toCPU cpu: Int, _ body: (Field<IndexContender>) -> Void
    ) -> Figure {
        var (figure, rates) = (figure(scenario), Rates())
        var empty: Field<IndexContender> { Field(IndexContender(machines), shapes, queries) }
        for round in 0..<Self.rounds {
            let start = Entropy(seed: seed &+ UInt64(round))
            var (full, entropy) = (empty, start)
            // Known beforehand, so that what is asked for in vain after the last that finds room is not measured.
            let count = full.fill(toCPU: cpu, most: mostOnIndex, &entropy)
            guard count > 0 else { return figure }
            let begin = Clocks.thread
            (figure.placements, figure.seconds) = (0, 0)
            repeat {
                var (field, entropy) = (empty, start)
                figure.seconds += Clocks.measure { figure.placements += field.fill(most: count, &entropy) }
            } while Clocks.thread - begin < share
            rates.add(Double(figure.placements) / figure.seconds)
            let course = Course(full.tenants, ShapeDraw(shapes), start)
            rates.add(arrays: course.rate(shapes, queries, share) { ArrayContender(machines) })
            rates.add(scan: course.rate(shapes, queries, share) { RecordScan(machines) })
            body(full)
            guard round == Self.rounds - 1 else { continue }
            let player = SampledContender(IndexContender(machines), every: count / DecisionTimes.wanted)
            var (sampled, again) = (Field(player, shapes, queries), start)
            _ = sampled.fill(most: count, &again)
            figure.note(sampled.player.times)
            noteEnd(figure, at: count, of: mostOnIndex)
        }
        rates.write(to: &figure)
        return figure
    }

    /// Queries as they come.
    private func asked(_ count: Int) -> [PlacementQuery] {
        var entropy = Entropy(seed: seed &+ 99)
        let draw = ShapeDraw(shapes)
        return (0..<count).map { _ in queries[draw.next(&entropy)] }
    }

    /// How many searches a contender makes in a second while nothing changes. They run in bursts that grow, so that
    /// reading the clock is no part of it.
    private func searches<Player: Contender>(
        _ queries: [PlacementQuery], of player: Player
    ) -> (perSecond: Double, seconds: Double, found: Int) {
        let queries = player.prepared(queries)
        var (found, time, next, burst) = (0, 0.0, 0, 1)
        while time < share {
            time += Clocks.measure {
                for _ in 0..<burst {
                    if player.best(queries[next % queries.count]) != nil { found += 1 }
                    next += 1
                }
            }
            if time < share / 8 { burst *= 2 }
        }
        return (Double(next) / time, time, found)
    }

    /// What searches take one by one, reading the clock included.
    private func singleSearches(on index: PlacementIndex) -> DecisionTimes {
        let prepared = queries.map(index.prepare)
        var entropy = Entropy(seed: seed &+ 99)
        let draw = ShapeDraw(shapes)
        var times = DecisionTimes()
        for _ in 0..<DecisionTimes.wanted {
            let query = prepared[draw.next(&entropy)]
            let start = Clocks.nanoseconds
            _ = index.best(query)
            times.add(Double(Clocks.nanoseconds - start))
        }
        return times
    }

    // MARK: Batches

    /// Batches of equal instances until five of them found no room for all.
    func batches(of count: Int) -> Figure {
        var (figure, rates) = (figure(.count), Rates())
        let draw = ShapeDraw(shapes)
        var placed = 0
        for round in 0..<Self.rounds {
            let start = Entropy(seed: seed &+ UInt64(round))
            let course = course(inBatchesOf: count, start)
            let begin = Clocks.thread
            (figure.placements, figure.seconds) = (0, 0)
            repeat {
                var (index, entropy) = (IndexContender(machines).index, start)
                let prepared = queries.map(index.prepare)
                figure.seconds += Clocks.measure {
                    var (misses, sum) = (0, 0)
                    placed = 0
                    while misses < 5, placed < mostOnIndex {
                        let found = index.place(prepared[draw.next(&entropy)], count: count) { sum &+= Int($0) &* $1 }
                        placed += found
                        if found < count { misses += 1 }
                    }
                }
                figure.placements += placed
            } while Clocks.thread - begin < share
            rates.add(Double(figure.placements) / figure.seconds)
            rates.add(arrays: course.rate(shapes, queries, share) { ArrayContender(machines) })
            rates.add(scan: course.rate(shapes, queries, share) { RecordScan(machines) })
        }
        noteEnd(figure, at: placed, of: mostOnIndex)
        rates.write(to: &figure)
        return figure
    }

    /// The same, one by one: a batch ends with the first that finds no room.
    private func course(inBatchesOf count: Int, _ start: Entropy) -> Course {
        var (index, entropy, course) = (IndexContender(machines).index, start, Course())
        let prepared = queries.map(index.prepare)
        let draw = ShapeDraw(shapes)
        var misses = 0
        while misses < 5, course.placed < mostOnIndex {
            let shape = draw.next(&entropy)
            let found = index.place(prepared[shape], count: count) { course.append(shape, on: $0, times: $1) }
            guard found < count else { continue }
            course.append(shape, on: nil)
            misses += 1
        }
        return course
    }

    // MARK: Packing

    /// How tightly a fresh pool of equal machines, as many as these, is filled to 80 % of its processor time.
    func pool() -> [Figure] {
        if let poolMisfit {
            Remark.say("pool: \(poolMisfit), so it is left out")
            return []
        }
        let pool = Machine.pool(machines.count)
        var (figure, entropy) = (figure(.fill, "pool"), Entropy(seed: seed))
        var field = Field(IndexContender(pool), shapes, queries)
        figure.seconds = Clocks.measure {
            figure.placements = field.fill(toCPU: load(80, of: pool), most: mostOnIndex, &entropy)
        }
        figure.perSecond = Double(figure.placements) / figure.seconds
        figure.nodesUsed = Double(field.used(of: pool.count))
        figure.lowerBound = Self.bound(field.held, pool[0])
        noteEnd(figure, at: figure.placements, of: mostOnIndex)
        return [figure]
    }

    /// What the index has allocated, the states that it tells apart, and how many of them are looked at.
    func note(_ index: PlacementIndex, _ queries: [PlacementQuery], in figure: inout Figure) {
        figure.bytesPerNode = Double(index.byteCount) / Double(machines.count)
        figure.states = index.cohortCount
        figure.statesPerSearch = looks(on: index, queries)
    }
}
