import HCL
import Testing

@Suite struct FuzzTests {
    static let pieces = [
        "${", "}", "\"", "%{ if ", "<<-A\n", "\nA\n", "[*]", ".*", "...", "for x in ", "=>", "{", "]", "(", "\\u", "1e",
        "-", "!",
        "\u{0}", "é", "dynamic \"a\" {", "99999999999999999999", "format(\"%9d\"", "local.a", "null", "~}", "/*", "$${",
        "\n", "?", ":", "regexall(\"(a|)*\", ", "regex_replace(s, \"[", "{9}",
    ]

    /// Whatever is done to a file, reading it ends with a tree and places that lie within the text.
    @Test(arguments: 0..<4)
    func mutatedFilesAreReadToTheEnd(_ seed: Int) {
        var random = SeededGenerator(state: UInt64(seed))
        let samples = Fixtures.all.map { Array($0.utf8) }
        for round in 0..<2500 {
            var bytes = samples[round % samples.count]
            // Short files go through the later stages more often than whole jobs would.
            let start = Int.random(in: 0..<bytes.count, using: &random)
            bytes = Array(bytes[start..<min(bytes.count, start + 300)])
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            let file = ConfigurationFile.parse(bytes: bytes, file: "fuzz")
            let session = EvaluationSession(diagnostics: file.diagnostics)
            let variables = ModuleVariables(file.body, in: .sample, session)
            _ = BodyReader(file.body, in: variables.context, session).contentAsObject()
            let isSound = session.diagnostics.allSatisfy { diagnostic in
                guard let range = diagnostic.range else { return true }
                return range.offsets.upperBound <= range.source.bytes.count && !diagnostic.description.isEmpty
            }
            #expect(isSound, "seed \(seed), round \(round)")
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random)?.utf8.map { $0 } ?? [], at: place)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default:
            bytes.replaceSubrange(place..<end, with: Self.pieces.randomElement(using: &random)?.utf8.map { $0 } ?? [])
        }
    }
}
