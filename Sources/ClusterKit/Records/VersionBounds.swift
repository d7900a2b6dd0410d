/// What a constraint asks of a version: bounds between commas, all of which must hold, `>= 1.2, < 2` for example.
///
/// The rules are those of hashicorp/go-version for the operator `version`. For `semver` they are those of Nomad's copy
/// of it: versions may be as short, but a pre-release stands behind a dash, before its version and after all earlier
/// ones.
struct VersionBounds: Sendable {
    private enum Comparison: String, CaseIterable {
        // Longer ones first: `>=` begins with `>`.
        case notEqual = "!="
        case atLeast = ">="
        case atMost = "<="
        case compatible = "~>"
        case equal = "="
        case above = ">"
        case below = "<"

        /// Takes an operator off the front of `text`; none means `=`.
        init(takenFrom text: inout Substring) {
            self = Self.allCases.first { [text] in text.hasPrefix($0.rawValue) } ?? .equal
            if text.hasPrefix(rawValue) { text.removeFirst(rawValue.count) }
        }

        /// What the order of the two says.
        func admits(_ version: LooseVersion, _ bound: LooseVersion) -> Bool {
            switch self {
            case .equal: version == bound
            case .notEqual: version != bound
            case .above: version > bound
            case .atLeast, .compatible: version >= bound
            case .below: version < bound
            case .atMost: version <= bound
            }
        }
    }

    private let bounds: [(comparison: Comparison, bound: LooseVersion)]
    private let isSemantic: Bool

    /// Bounds for the operator `version`; `nil` when `text` is not readable as such.
    init?(_ text: String) { self.init(text, isSemantic: false) }

    /// Bounds for the operator `semver`, which knows no `~>`; `nil` when `text` is not readable as such.
    init?(semantic text: String) { self.init(text, isSemantic: true) }

    private init?(_ text: String, isSemantic: Bool) {
        var bounds: [(comparison: Comparison, bound: LooseVersion)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var part = part.trimmingSpaces
            let comparison = Comparison(takenFrom: &part)
            guard let bound = LooseVersion(part.trimmingSpaces, dashed: isSemantic),
                !isSemantic || comparison != .compatible
            else { return nil }
            bounds.append((comparison, bound))
        }
        (self.bounds, self.isSemantic) = (bounds, isSemantic)
    }

    /// Whether `text` is a version within all bounds.
    func admit(_ text: String) -> Bool { LooseVersion(text, dashed: isSemantic).map { admits($0) } ?? false }

    private func admits(_ version: LooseVersion) -> Bool {
        bounds.allSatisfy { comparison, bound in
            isSemantic ? comparison.admits(version, bound) : Self.admits(version, comparison, bound)
        }
    }

    private static func admits(_ version: LooseVersion, _ comparison: Comparison, _ bound: LooseVersion) -> Bool {
        if comparison == .equal || comparison == .notEqual { return comparison.admits(version, bound) }
        // Nobody means a pre-release of another version when asking for more or less than one.
        if !version.prerelease.isEmpty {
            guard !bound.prerelease.isEmpty, version.numbers == bound.numbers else { return false }
        }
        guard comparison == .compatible else { return comparison.admits(version, bound) }
        if !bound.prerelease.isEmpty, version.prerelease.isEmpty { return false }
        return version >= bound
            && (0..<(bound.stated - 1)).allSatisfy { version.number(at: $0) == bound.number(at: $0) }
    }
}

extension VersionBounds {
    /// Whether no version is within all bounds; `false` where that is not certain.
    var isEmpty: Bool { only.map { !admits($0) } ?? span.isEmpty }

    /// Whether no version is within both; `false` where that is not certain.
    func excludes(_ other: VersionBounds) -> Bool {
        if let only { return !other.admits(only) }
        if let only = other.only { return !admits(only) }
        return span.intersection(other.span).isEmpty
    }

    /// The one version that can be within, where one is asked for by `=`.
    private var only: LooseVersion? { bounds.first { $0.comparison == .equal }?.bound }

    /// All that is within and more: `!=` leaves out single versions, and which pre-releases a bound takes is not asked.
    private var span: VersionSpan {
        bounds.reduce(into: VersionSpan()) { span, part in
            switch part.comparison {
            case .notEqual: break
            case .equal:
                span.begin(at: part.bound, isWithin: true)
                span.end(at: part.bound, isWithin: true)
            case .above: span.begin(at: part.bound, isWithin: false)
            case .atLeast: span.begin(at: part.bound, isWithin: true)
            case .below: span.end(at: part.bound, isWithin: false)
            case .atMost: span.end(at: part.bound, isWithin: true)
            case .compatible:
                span.begin(at: part.bound, isWithin: true)
                if let next = part.bound.firstIncompatible { span.end(at: next, isWithin: false) }
            }
        }
    }
}

extension LooseVersion {
    /// The first release that `~>` keeps out above this version; `nil` where it keeps out none.
    fileprivate var firstIncompatible: LooseVersion? {
        guard stated > 1 else { return nil }
        var kept = (0..<(stated - 1)).map { number(at: $0) }
        let (next, overflow) = kept[kept.count - 1].addingReportingOverflow(1)
        if overflow { return nil }
        kept[kept.count - 1] = next
        return LooseVersion(kept.map { "\($0)" }.joined(separator: "."))
    }
}

extension Substring {
    /// Without white space at either end.
    var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
