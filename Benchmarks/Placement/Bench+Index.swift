import ClusterKit

/// On the index, from empty machines on, beside both scans.
extension Bench {
    /// Single placements until 85 % of the load is held, and searches among the machines as they are then.
    func one() -> [Figure] {
        var (rates, search) = (Rates(), figure(.one, "search"))
        let asked = asked(1 << 10)
        var last: Field<IndexContender>?
        var placing = placements(.one, to: load(85, of: machines)) { field in
            let scans = scans(machines, queries, field)
            let own = searches(asked, of: field.player)
            (search.seconds, search.placements) = (own.seconds, own.made)
            search.found = Double(own.found) / Double(own.made)
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
    func fill() -> Figure { placements(.fill, to: .boundless) { _ in } }

    /// Single placements until so much is held. Each round's end is shown to `body`.
    private func placements(
        _ scenario: Scenario, to load: PlacementIndex.Amounts, _ body: (Field<IndexContender>) -> Void
    ) -> Figure {
        var (figure, rates) = (figure(scenario), Rates())
        let empty = Field(IndexContender(machines), shapes, queries)
        for round in 0..<Self.rounds {
            let start = Entropy(seed: seed &+ UInt64(round))
            var (full, entropy) = (empty.copied(), start)
            // Known beforehand, so that what is asked for in vain after the last that finds room is not measured.
            let filling = full.fill(to: load, most: mostOnIndex, &entropy)
            let count = filling.placed
            guard count > 0 else { return figure }
            let begin = Clocks.thread
            (figure.placements, figure.seconds) = (0, 0)
            repeat {
                var fields = (0..<Self.together(count)).map { _ in empty.copied() }
                figure.seconds += Clocks.measure {
                    for place in fields.indices {
                        var entropy = start
                        figure.placements += fields[place].fill(most: count, &entropy).placed
                    }
                }
            } while Clocks.thread - begin < share
            rates.add(Double(figure.placements) / figure.seconds)
            let course = Course(full.tenants, ShapeDraw(shapes), start)
            rates.add(arrays: course.rate(shapes, queries, share) { ArrayContender(machines) })
            rates.add(scan: course.rate(shapes, queries, share) { RecordScan(machines) })
            body(full)
            guard round == Self.rounds - 1 else { continue }
            figure.note(singlePlacements(count, from: start))
            noteEnd(figure, filling, of: mostOnIndex)
        }
        rates.write(to: &figure)
        return figure
    }

    /// What placements take one by one, reading the clock included, on machines that are filled with so many: again and
    /// again where that is few, as far as there is time.
    private func singlePlacements(_ count: Int, from start: Entropy) -> DecisionTimes {
        let player = SampledContender(IndexContender(machines), every: count / DecisionTimes.wanted)
        let empty = Field(player, shapes, queries)
        let begin = Clocks.thread
        var times = DecisionTimes()
        repeat {
            var (field, entropy) = (empty.copied(), start)
            _ = field.fill(most: count, &entropy)
            times.add(field.player.times)
        } while times.count < DecisionTimes.wanted && Clocks.thread - begin < seconds
        return times
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
    ) -> (perSecond: Double, seconds: Double, made: Int, found: Int) {
        let queries = player.prepared(queries)
        var player = player
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
        return (Double(next) / time, time, next, found)
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
        let empty = IndexContender(machines)
        let (prepared, draw) = (empty.prepared(queries), ShapeDraw(shapes))
        var placed = 0
        for round in 0..<Self.rounds {
            let start = Entropy(seed: seed &+ UInt64(round))
            let course = course(inBatchesOf: count, start)
            placed = course.placed
            let begin = Clocks.thread
            (figure.placements, figure.seconds) = (0, 0)
            repeat {
                var players = (0..<Self.together(course.placed)).map { _ in empty.copied() }
                figure.seconds += Clocks.measure {
                    for place in players.indices {
                        figure.placements += fill(&players[place].index, prepared, draw, inBatchesOf: count, start)
                    }
                }
            } while Clocks.thread - begin < share
            rates.add(Double(figure.placements) / figure.seconds)
            rates.add(arrays: course.rate(shapes, queries, share) { ArrayContender(machines) })
            rates.add(scan: course.rate(shapes, queries, share) { RecordScan(machines) })
        }
        noteEnd(figure, at: placed, of: mostOnIndex)
        rates.write(to: &figure)
        return figure
    }

    private func fill(
        _ index: inout PlacementIndex, _ prepared: [PlacementQuery], _ draw: ShapeDraw, inBatchesOf count: Int,
        _ start: Entropy
    ) -> Int {
        var (entropy, misses, placed, sum) = (start, 0, 0, 0)
        while misses < 5, placed < mostOnIndex {
            let found = index.place(prepared[draw.next(&entropy)], count: count) { sum &+= Int($0) &* $1 }
            placed += found
            if found < count { misses += 1 }
        }
        return placed
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

    /// How tightly a fresh pool of equal machines, as many as these, is filled to 80 % of the load.
    func pool() -> [Figure] {
        if let poolMisfit {
            Remark.say("pool: \(poolMisfit), so it is left out")
            return []
        }
        let pool = Machine.pool(machines.count)
        var (figure, entropy) = (figure(.fill, "pool"), Entropy(seed: seed))
        var field = Field(IndexContender(pool), shapes, queries)
        let load = load(80, of: pool)
        var filling = Filling(placed: 0, shortOf: nil)
        figure.seconds = Clocks.measure {
            filling = field.fill(to: load, most: mostOnIndex, &entropy)
        }
        figure.placements = filling.placed
        figure.perSecond = Double(figure.placements) / figure.seconds
        figure.nodesUsed = Double(field.used(of: pool.count))
        figure.lowerBound = Self.bound(field.held, pool[0])
        noteEnd(figure, filling, of: mostOnIndex)
        return [figure]
    }

    /// What the index has allocated, the states that it tells apart, and how many of them are looked at.
    func note(_ index: PlacementIndex, _ queries: [PlacementQuery], in figure: inout Figure) {
        figure.bytesPerNode = Double(index.byteCount) / Double(machines.count)
        figure.states = index.cohortCount
        figure.statesPerSearch = looks(on: index, queries)
    }
}
