import ClusterKit
import Testing

@Suite struct RecordCodingTests {
    @Test func everyRecordComesBack() throws {
        for seed in 0..<30 {
            var samples = Samples(seed: UInt64(seed))
            let batch = samples.batch()
            #expect(try ChangeBatch(decoding: batch.encoded) == batch, "seed \(seed)")
        }
    }

    /// No field of a record is left out when it is written: a change of any one shows in the bytes.
    @Test func everyFieldIsWritten() throws {
        var samples = Samples(seed: 77)
        for change in samples.changes() {
            var other = Samples(seed: 78)
            for another in other.changes() { #expect((change == another) == (change.encoded == another.encoded)) }
        }
        // The generator leaves no field at its default, or this test and the one above would not see it.
        try expectNoDefaults(Mirror(reflecting: samples.allocation()), Mirror(reflecting: plainAllocation()))
        try expectNoDefaults(Mirror(reflecting: samples.evaluation()), Mirror(reflecting: plainEvaluation()))
        try expectNoDefaults(
            Mirror(reflecting: samples.node()),
            Mirror(reflecting: Node(id: NodeID(high: 0, low: 0), name: "", capacity: Resources())))
        try expectNoDefaults(Mirror(reflecting: samples.job()), Mirror(reflecting: Job(id: JobID(""))))
        try expectNoDefaults(Mirror(reflecting: samples.group()), Mirror(reflecting: TaskGroup(name: "")))
        try expectNoDefaults(Mirror(reflecting: samples.task()), Mirror(reflecting: TaskSpec(name: "")))
        try expectNoDefaults(Mirror(reflecting: samples.schedulingRules()), Mirror(reflecting: SchedulingRules()))
        try expectNoDefaults(
            Mirror(reflecting: samples.check()),
            Mirror(reflecting: CheckSpec(kind: "", interval: .zero, timeout: .zero)))
        try expectNoDefaults(Mirror(reflecting: samples.taskState()), Mirror(reflecting: TaskState()))
        try expectNoDefaults(
            Mirror(reflecting: samples.template()), Mirror(reflecting: TemplateSpec(data: "", destination: "")))
        try expectNoDefaults(
            Mirror(reflecting: samples.keyRecord()), Mirror(reflecting: KeyRecord(key: "", value: [])))
        try expectNoDefaults(
            Mirror(reflecting: samples.secretRecord()),
            Mirror(reflecting: SecretRecord(path: SecretPath("", mount: ""), time: WallTime(nanoseconds: 0))))
    }

    private func expectNoDefaults(_ sample: Mirror, _ plain: Mirror) throws {
        try #require(sample.children.count == plain.children.count)
        for (field, fallback) in zip(sample.children, plain.children) {
            #expect(
                String(reflecting: field.value) != String(reflecting: fallback.value),
                "\(sample.subjectType).\(field.label ?? "")")
        }
    }

    private func plainAllocation() -> Allocation {
        Allocation(
            id: AllocationID(high: 0, low: 0), job: JobID(""), jobVersion: 0, group: "", index: 0,
            node: NodeID(high: 0, low: 0), evaluation: EvaluationID(high: 0, low: 0), epoch: .zero,
            resources: AllocatedResources(total: Resources()), time: WallTime(nanoseconds: 0))
    }

    private func plainEvaluation() -> Evaluation {
        Evaluation(
            id: EvaluationID(high: 0, low: 0), job: JobID(""), kind: .service, priority: 0, trigger: .jobRegister,
            time: WallTime(nanoseconds: 0))
    }

    @Test func equalValuesHaveEqualBytes() {
        let keys = (0..<50).map { "key \($0)" }
        let forward = Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
        let backward = Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, 1) })
        #expect(forward.encoded == backward.encoded)
    }

    @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 127, 128, 1 << 31, .max, .min])
    func numbersAtTheirEnds(_ number: Int) throws {
        #expect(try Int(decoding: number.encoded) == number)
        let word = UInt64(bitPattern: Int64(number))
        #expect(try UInt64(decoding: word.encoded) == word)
        #expect(try Double(decoding: Double(bitPattern: word).encoded).bitPattern == word)
        #expect(try WallTime(decoding: WallTime(nanoseconds: Int64(number)).encoded).nanoseconds == Int64(number))
        #expect(try Duration(decoding: Duration.nanoseconds(number).encoded) == .nanoseconds(number))
    }

    /// The lengths around which the length in front of a record takes one more byte.
    @Test(arguments: [0, 125, 126, 127, 128, 129, 16_380, 16_381, 16_382, 16_383, 16_384, 16_385, 2_097_150, 2_097_155])
    func lengthsOfRecords(_ length: Int) throws {
        let source = JobSource(text: String(repeating: "x", count: length), format: "y")
        #expect(try JobSource(decoding: source.encoded) == source)
        #expect(try [JobSource](decoding: [source, source].encoded) == [source, source])
    }

    /// What is on disks today must be readable for ever: these bytes were written by the first version.
    @Test func bytesOfTheFirstFormat() throws {
        let batch = ChangeBatch(
            revision: Revision(300), epoch: Epoch(2), time: WallTime(nanoseconds: 1_700_000_000_000_000_000),
            changes: [.removeNode(NodeID(high: 1, low: 2)), .removeJobVersion(JobVersion(JobID("web"), 3))])
        let golden: [UInt8] =
            [0x2C, 0xAC, 0x02, 0x02, 0x80, 0x80, 0xD0, 0xE2, 0xC6, 0xBF, 0xCE, 0x97, 0x2F, 0x02]
            + [0x04, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
            + [0x02, 7] + Array("default".utf8) + [3] + Array("web".utf8) + [6]
        #expect(batch.encoded == golden)
        #expect(try ChangeBatch(decoding: golden) == batch)
    }
}

@Suite struct RecordGarbageTests {
    /// Garbled bytes give an error or another value: never a trap, and never a value that cannot be written again.
    @Test func tenThousandMutations() throws {
        var samples = Samples(seed: 5)
        let originals = samples.changes().map(\.encoded) + [samples.batch().encoded]
        var entropy = Entropy(seed: 6)
        var failed = 0
        for round in 0..<10_000 {
            var bytes = originals[round % originals.count]
            switch entropy.below(4) {
            case 0: bytes.removeLast(1 + entropy.below(bytes.count))
            case 1: bytes.insert(UInt8(truncatingIfNeeded: entropy.next()), at: entropy.below(bytes.count))
            case 2: for _ in 0..<8 { bytes[entropy.below(bytes.count)] = 0xFF }
            default: bytes[entropy.below(bytes.count)] ^= 1 << UInt8(entropy.below(8))
            }
            do throws(RecordError) {
                if round % originals.count == originals.count - 1 {
                    let value = try ChangeBatch(decoding: bytes)
                    #expect((try? ChangeBatch(decoding: value.encoded))?.encoded == value.encoded)
                } else {
                    let value = try Change(decoding: bytes)
                    #expect((try? Change(decoding: value.encoded))?.encoded == value.encoded)
                }
            } catch {
                #expect(
                    error.description.contains("expected") || error.description.contains("left over")
                        || error.description.contains("nested"), "\(error)")
                failed += 1
            }
        }
        #expect(failed > 5_000)
    }

    @Test func everyTruncationIsNoticed() {
        var samples = Samples(seed: 8)
        let bytes = samples.allocation().encoded
        for length in 0..<bytes.count {
            #expect(throws: RecordError.self) { try Allocation(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: RecordError.self) { try Allocation(decoding: bytes + [0]) }
    }

    @Test(
        arguments: [
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], [0x80], [],
        ] as [[UInt8]])
    func numbersThatAreTooLong(_ bytes: [UInt8]) {
        #expect(throws: RecordError.self) { try UInt64(decoding: bytes) }
    }

    @Test func lengthsBeyondTheEnd() {
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        #expect(throws: RecordError.self) { try String(decoding: huge) }
        #expect(throws: RecordError.self) { try [Int](decoding: huge + [1, 2, 3]) }
        #expect(throws: RecordError.self) { try [String: Int](decoding: huge) }
        #expect(throws: RecordError.self) { try JobSource(decoding: huge) }
        #expect(throws: RecordError.self) { try String(decoding: [2, 0xC3, 0x28]) }
        #expect(throws: RecordError.self) { try Bool(decoding: [2]) }
        #expect(throws: RecordError.self) { try JobKind(decoding: [9]) }
    }

    @Test func nestingIsBounded() throws {
        func nested(_ depth: Int) -> ConfigValue { (0..<depth).reduce(.null) { value, _ in .list([value]) } }
        #expect(try ConfigValue(decoding: nested(ConfigValue.deepest - 1).encoded) == nested(ConfigValue.deepest - 1))
        #expect(throws: RecordError.self) { try ConfigValue(decoding: nested(ConfigValue.deepest).encoded) }
        let hostile = (0..<200_000).map { UInt8($0 % 2 == 0 ? 5 : 1) }
        #expect(throws: RecordError.self) { try ConfigValue(decoding: hostile) }
    }
}

@Suite struct RecordEvolutionTests {
    struct Old: Stored, Hashable {
        var name: String
        init(name: String) { self.name = name }
        init(from reader: inout RecordReader) throws(RecordError) {
            self = try reader.record { fields throws(RecordError) in Old(name: try fields.next()) }
        }
        func write(to writer: inout RecordWriter) { writer.record { $0.put(name) } }
    }

    struct New: Stored, Hashable {
        var name: String
        var size: Int
        init(name: String, size: Int) {
            self.name = name
            self.size = size
        }
        init(from reader: inout RecordReader) throws(RecordError) {
            self = try reader.record { fields throws(RecordError) in
                New(name: try fields.next(), size: try fields.next(or: 7))
            }
        }
        func write(to writer: inout RecordWriter) {
            writer.record {
                $0.put(name)
                $0.put(size)
            }
        }
    }

    @Test func aShorterRecordGetsDefaults() throws {
        #expect(
            try [New](decoding: [Old(name: "a"), Old(name: "b")].encoded) == [
                New(name: "a", size: 7), New(name: "b", size: 7),
            ])
    }

    @Test func aLongerRecordIsSkipped() throws {
        let news = [New(name: "a", size: 1 << 40), New(name: "b", size: 2)]
        #expect(try [Old](decoding: news.encoded) == [Old(name: "a"), Old(name: "b")])
    }
}
