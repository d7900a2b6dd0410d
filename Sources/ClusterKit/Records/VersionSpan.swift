/// The versions between two ends in the order of all versions; an end that is missing leaves that side open.
struct VersionSpan: Sendable {
    private struct End: Sendable {
        let version: LooseVersion
        /// Whether the end itself belongs to the span.
        let isWithin: Bool
    }

    private var lower: End?
    private var upper: End?

    /// All versions.
    init() {}

    /// Whether nothing is left. Between two versions there is another as a rule, so it counts as being there.
    var isEmpty: Bool {
        guard let lower, let upper else { return false }
        if lower.version == upper.version { return !(lower.isWithin && upper.isWithin) }
        return lower.version > upper.version
    }

    /// Leaves out all that is before `version`, and that itself unless it is within.
    mutating func begin(at version: LooseVersion, isWithin: Bool) {
        if let lower, lower.version > version || lower.version == version && !lower.isWithin { return }
        lower = End(version: version, isWithin: isWithin)
    }

    /// Leaves out all that is behind `version`, and that itself unless it is within.
    mutating func end(at version: LooseVersion, isWithin: Bool) {
        if let upper, upper.version < version || upper.version == version && !upper.isWithin { return }
        upper = End(version: version, isWithin: isWithin)
    }

    /// What both hold.
    func intersection(_ other: VersionSpan) -> VersionSpan {
        var both = self
        if let end = other.lower { both.begin(at: end.version, isWithin: end.isWithin) }
        if let end = other.upper { both.end(at: end.version, isWithin: end.isWithin) }
        return both
    }
}
