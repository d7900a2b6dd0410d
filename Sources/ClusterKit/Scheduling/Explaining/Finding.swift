extension Explanation {
    /// What nodes have of a word that a rule asks about: the few values that most of them have.
    public struct Finding: Hashable, Sendable {
        /// A value, and how many nodes have it.
        public struct Value: Hashable, Sendable {
            /// The value, cut where it is long; `nil` for nodes that have none.
            public let value: String?
            /// How many nodes.
            public let nodes: Int
        }

        /// No more values are told apart.
        static let mostValues = 5
        /// No more characters of a value are told.
        static let mostCharacters = 64

        /// What the word is called.
        public let name: String
        /// The values, those of most nodes first.
        public let values: [Value]
        /// How many other values there are.
        public let others: Int
    }
}

extension Explanation.Finding {
    /// Counts words of one name; `nil` where there are none.
    init?(in words: [Explanation.Word]) {
        guard let name = words.first?.name else { return nil }
        var counts: [String?: Int] = [:]
        for word in words { counts[word.value, default: 0] += 1 }
        let ordered = counts.sorted {
            ($1.value, $0.key == nil ? 0 : 1, $0.key ?? "") < ($0.value, $1.key == nil ? 0 : 1, $1.key ?? "")
        }
        self.name = name
        values = ordered.prefix(Self.mostValues).map { Value(value: $0.key.map(Self.shown), nodes: $0.value) }
        others = max(0, ordered.count - Self.mostValues)
    }

    private static func shown(_ value: String) -> String {
        value.count > mostCharacters ? value.prefix(mostCharacters - 1) + "…" : value
    }
}
