import Testing

@testable import ClusterKit

@Suite("Constraints that no node can meet")
struct ConstraintClashTests {
    private static let together = "no node can meet it together with "

    /// What is refused of a job that asks for `rules` of `${attr.x}`, or of an attribute of its devices.
    private static func refusals(_ rules: [Rule], ofDevice: Bool = false) -> [String] {
        let constraints = rules.map {
            Constraint(ofDevice ? "${device.attr.x}" : "${attr.x}", $0.comparison, $0.value)
        }
        var job = plainJob()
        if ofDevice {
            job.groups[0].tasks[0].resources.devices = [DeviceRequest(name: "gpu", constraints: constraints)]
        } else {
            job.constraints = constraints
        }
        return JobValidation.validate(job.canonical()).map(\.description)
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        var comparison: ConstraintOperator
        var value: String

        init(_ comparison: ConstraintOperator, _ value: String = "") {
            (self.comparison, self.value) = (comparison, value)
        }

        func holds(_ value: String?, units: Bool) -> Bool {
            Comparison(comparison, self.value, units: units).holds(value)
        }

        var testDescription: String { "\(comparison.rawValue) \(value)" }
    }

    // MARK: Two of one attribute

    static let clashes: [[Rule]] = [
        // One value, and what it does not meet.
        [Rule(.equal, "x"), Rule(.regexp, "^y")], [Rule(.regexp, "^y"), Rule(.equal, "x")],
        [Rule(.equal, "4"), Rule(.greater, "8")], [Rule(.less, "4"), Rule(.equal, "8")],
        [Rule(.equal, "linux"), Rule(.setContains, "linux,bsd")], [Rule(.equal, "a,b"), Rule(.setContainsAny, "c,d")],
        [Rule(.equal, "1.5"), Rule(.version, ">= 2")], [Rule(.version, ">= 2"), Rule(.equal, "1.5")],
        [Rule(.equal, "1.5"), Rule(.semver, "> 1.5")], [Rule(.equal, "one"), Rule(.version, ">= 0")],
        // Bounds of numbers, and of texts.
        [Rule(.greater, "8"), Rule(.less, "4")], [Rule(.less, "4"), Rule(.greaterOrEqual, "8")],
        [Rule(.greater, "8"), Rule(.lessOrEqual, "8")], [Rule(.greaterOrEqual, "8"), Rule(.less, "8")],
        [Rule(.greater, "2.5"), Rule(.less, "1.5")], [Rule(.greater, "8"), Rule(.less, "1.5")],
        [Rule(.greaterOrEqual, "b"), Rule(.less, "a")],
        // Bounds of versions.
        [Rule(.version, ">= 2"), Rule(.version, "< 1")], [Rule(.version, "> 1, < 3"), Rule(.version, ">= 3")],
        [Rule(.version, "~> 1.2"), Rule(.version, ">= 2")], [Rule(.version, "~> 1.2.3"), Rule(.semver, ">= 1.3")],
        [Rule(.version, "~> 1.2"), Rule(.version, "~> 2.0")], [Rule(.version, "1.2"), Rule(.version, "!= 1.2.0")],
        [Rule(.version, "= 2.0-rc1"), Rule(.version, ">= 1")], [Rule(.version, ">= 1"), Rule(.version, "2.0-rc1")],
        [Rule(.semver, "< 1.0.0"), Rule(.semver, ">= 1.0.0")],
    ]

    @Test(arguments: clashes) func twoAreRefusedThatNoValueMeets(rules: [Rule]) {
        let refusals = Self.refusals(rules)
        let first = Constraint("${attr.x}", rules[0].comparison, rules[0].value)
        #expect(refusals == ["constraint[1]: \(Self.together)constraint[0], \(first); remove one of them"])
    }

    /// What a value meets, which stands beside them.
    static let accepted: [([Rule], String?)] = [
        ([Rule(.equal, "linux"), Rule(.regexp, "nu")], "linux"), ([Rule(.equal, "5"), Rule(.greater, "4")], "5"),
        ([Rule(.equal, "a,b"), Rule(.setContains, "b")], "a,b"),
        ([Rule(.equal, "1.5"), Rule(.version, "~> 1.4")], "1.5"),
        ([Rule(.greaterOrEqual, "8"), Rule(.lessOrEqual, "8")], "8"),
        ([Rule(.greater, "8"), Rule(.less, "9")], "8.5"), ([Rule(.greater, "4"), Rule(.less, "8")], "6"),
        // A text may be past both numbers, and a number stands beside a text as one.
        ([Rule(.greater, "10"), Rule(.less, "9")], "5x"), ([Rule(.greater, "8"), Rule(.less, "abc")], "10"),
        // Read as a fraction both are one number.
        (
            [Rule(.greaterOrEqual, "9007199254740993"), Rule(.lessOrEqual, "9007199254740992")],
            "9007199254740992.0"
        ),
        // Equal texts that are written otherwise.
        ([Rule(.equal, "\u{e9}"), Rule(.less, "f")], "e\u{301}"),
        ([Rule(.equal, "K"), Rule(.greater, "b")], "\u{212a}"),
        ([Rule(.notEqual, "x"), Rule(.notEqual, "y")], nil), ([Rule(.notEqual, "x"), Rule(.isNotSet)], nil),
        ([Rule(.version, ">= 2"), Rule(.version, "< 3")], "2.5"),
        ([Rule(.version, "~> 1.2"), Rule(.version, ">= 1.9")], "1.10"),
        ([Rule(.version, "~> 1.2"), Rule(.version, "~> 1.2.3")], "1.2.9"),
        ([Rule(.version, "~> 1"), Rule(.version, ">= 5")], "7"),
        ([Rule(.version, "> 1"), Rule(.version, "< 1.0.1")], "1.0.0.5"),
        ([Rule(.version, "= 1.0beta"), Rule(.semver, "= 1.0-beta")], "1.0-beta"),
        ([Rule(.version, "2.0-rc1"), Rule(.version, "> 2.0-alpha")], "2.0-rc1"),
        ([Rule(.semver, ">= 2.0.0-rc.1"), Rule(.semver, "< 2.0.0")], "2.0.0-rc.2"),
        ([Rule(.version, "!= 1"), Rule(.version, "2")], "2"),
        ([Rule(.version, "> 1, < 1.0.1")], "1.0.0.5"), ([Rule(.version, "1, 1.0.0")], "1"),
        ([Rule(.semver, ">= 1.0.0-rc.1, < 1.0.0")], "1.0.0-rc.1"), ([Rule(.version, ">= 2, <= 2")], "2"),
    ]

    @Test(arguments: accepted) func whatAValueMeetsIsAccepted(rules: [Rule], value: String?) {
        #expect(rules.allSatisfy { $0.holds(value, units: false) })
        #expect(Self.refusals(rules) == [])
    }

    @Test func whatOnlyANodeKnowsIsAccepted() {
        #expect(Self.refusals([Rule(.greater, "8"), Rule(.less, "${attr.y}")]) == [])
        #expect(Self.refusals([Rule(.equal, "x"), Rule(.regexp, "${attr.y}")]) == [])
    }

    @Test(arguments: [">= 2, < 1", "> 1, < 1", "1, 2", "~> 1.2, >= 2", "1.2, != 1.2", "1.0-rc1, >= 1"])
    func boundsAreRefusedThatNoVersionMeets(bounds: String) {
        let says = "constraint[0].value: no version is within \"\(bounds)\"; correct the bounds"
        #expect(Self.refusals([Rule(.version, bounds)]) == [says])
    }

    /// A mistake is told once, as what it is.
    @Test func whatCannotBeReadIsNoClash() {
        #expect(Self.refusals([Rule(.equal, "x"), Rule(.regexp, "(")]).count == 1)
        #expect(Self.refusals([Rule(.equal, "x"), Rule(.version, "soon")]).count == 1)
    }

    @Test func whatHoldsForATaskHoldsForItsJobAndItsGroup() {
        var job = plainJob()
        job.constraints = [Constraint("${attr.x}", .greater, "8")]
        job.groups[0].constraints = [Constraint("${attr.y}", .equal, "linux")]
        job.groups[0].tasks[0].constraints = [
            Constraint("${attr.x}", .less, "4"), Constraint("${attr.y}", .regexp, "^win"),
        ]
        let (group, task) = ("group \"g\" > constraint[0]", "group \"g\" > task \"t\" > constraint")
        #expect(
            JobValidation.validate(job.canonical()).map(\.description) == [
                "\(task)[0]: \(Self.together)the job's constraint[0], ${attr.x} > 8; remove one of them",
                "\(task)[1]: \(Self.together)\(group), ${attr.y} = linux; remove one of them",
            ])
    }

    // MARK: Where the job may run

    private static func place(_ says: String, _ change: @escaping @Sendable (inout Job) -> Void) -> PlacementRule {
        PlacementRule(says, change)
    }

    static let places: [PlacementRule] = [
        place("constraint[0]: \(together)job.datacenters, \"dc1\", \"x*\"; name \"dc2\" there or remove the constraint")
        {
            $0.datacenters = ["dc1", "x*"]
            $0.constraints = [Constraint("${node.datacenter}", .equal, "dc2")]
        },
        place("group \"g\" > constraint[0]: \(together)job.datacenters, \"dc1\"; name \"dc2\" there") {
            $0.datacenters = ["dc1"]
            $0.groups[0].constraints = [Constraint("${node.datacenter}", .equal, "dc2")]
        },
        place("constraint[0]: \(together)job.node_pool, \"default\"; name \"gpu\" there or remove the constraint") {
            $0.constraints = [Constraint("${node.pool}", .equal, "gpu")]
        },
        place(
            "group \"g\" > task \"t\" > constraint[0]: \(together)group \"g\".node_pools, \"a\", \"b\"; name \"gpu\" "
        ) {
            $0.groups[0].nodePools = ["a", "b"]
            $0.groups[0].tasks[0].constraints = [Constraint("${node.pool}", .equal, "gpu")]
        },
        place(
            "group \"g\".node_pools: \(together)the job's constraint[0], ${node.pool} = gpu; name \"gpu\" here or "
                + "remove the constraint"
        ) {
            $0.constraints = [Constraint("${node.pool}", .equal, "gpu")]
            $0.groups[0].nodePools = ["a"]
        },
    ]

    @Test(arguments: places) func whereNoNodeCanBeIsRefused(rule: PlacementRule) {
        var job = plainJob()
        rule.change(&job)
        let mistakes = JobValidation.validate(job.canonical()).map(\.description)
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix(rule.says), "\(mistakes)")
    }

    static let acceptedPlaces: [PlacementRule] = [
        place("all datacenters") { $0.constraints = [Constraint("${node.datacenter}", .equal, "dc2")] },
        place("one of the datacenters") {
            $0.datacenters = ["dc1", "d*2"]
            $0.constraints = [Constraint("${node.datacenter}", .equal, "dc2")]
        },
        place("other datacenters") {
            $0.datacenters = ["dc1"]
            $0.constraints = [Constraint("${node.datacenter}", .notEqual, "dc2")]
        },
        place("a datacenter that only the node knows") {
            $0.datacenters = ["dc1"]
            $0.constraints = [Constraint("${node.datacenter}", .equal, "${meta.home}")]
        },
        place("the job's pool") {
            $0.nodePool = "gpu"
            $0.constraints = [Constraint("${node.pool}", .equal, "gpu")]
        },
        place("the group's pool instead of the job's") {
            $0.groups[0].nodePools = ["cpu", "gpu"]
            $0.constraints = [Constraint("${node.pool}", .equal, "gpu")]
        },
        place("any pool") {
            $0.groups[0].nodePools = ["cpu", "all"]
            $0.groups[0].constraints = [Constraint("${node.pool}", .equal, "gpu")]
        },
    ]

    @Test(arguments: acceptedPlaces) func whereANodeCanBeIsAccepted(rule: PlacementRule) {
        var job = plainJob()
        rule.change(&job)
        #expect(JobValidation.validate(job.canonical()) == [])
    }

    // MARK: Devices

    @Test(arguments: [
        [Rule(.equal, "40 GiB"), Rule(.greater, "50 GiB")], [Rule(.equal, "40 GiB"), Rule(.equal, "40 W")],
        [Rule(.greaterOrEqual, "40 GiB"), Rule(.less, "16 GiB")], [Rule(.greater, "10"), Rule(.less, "9")],
        [Rule(.equal, "a100"), Rule(.regexp, "^t4")], [Rule(.equal, "true"), Rule(.equal, "f")],
    ])
    func amountsOfDevicesAreCompared(rules: [Rule]) {
        let refusals = Self.refusals(rules, ofDevice: true)
        #expect(refusals.count == 1 && refusals[0].contains(" > constraint[1]: \(Self.together)"), "\(refusals)")
    }

    static let acceptedOfDevices: [([Rule], String)] = [
        ([Rule(.equal, "40 GiB"), Rule(.equal, "40960 MiB")], "40 GiB"),
        ([Rule(.equal, "40 GiB"), Rule(.regexp, "MiB$")], "40960 MiB"),
        ([Rule(.equal, "1"), Rule(.regexp, "^1.0$")], "1.0"), ([Rule(.equal, "true"), Rule(.equal, "t")], "True"),
        ([Rule(.greater, "8 GiB"), Rule(.less, "40 GB")], "16 GiB"),
        ([Rule(.equal, "9007199254740993"), Rule(.equal, "9007199254740992")], "9007199254740992.0"),
    ]

    @Test(arguments: acceptedOfDevices) func amountsMayBeSpelledInSeveralWays(rules: [Rule], value: String) {
        #expect(rules.allSatisfy { $0.holds(value, units: true) })
        #expect(Self.refusals(rules, ofDevice: true) == [])
    }

    // MARK: Whatever is drawn

    private static let texts = [
        "", "0", "1", "2", "4", "8", "8.0", "9", "10", "16", "1.5", "2.5", "-1", "1e1", "nan", "inf", "5x", "2x", "a",
        "b", "linux", "a,b", "b, c", "true", "t", "K8", "\u{212a}8", "\u{e9}", "e\u{301}", "v2", "1.0", "1.0.0.5",
        "1.2.3",
        "1.2.3-rc.1", "1.3.0-beta", "2.0-rc1", "2.0beta", "9007199254740992", "9007199254740993", "9007199254740992.0",
        "8 GiB", "8192 MiB", "10 GiB", "8 W",
    ]

    private static func rule(_ entropy: inout Entropy) -> Rule {
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &entropy)] }
        // The rules that count instances hold here, whatever the value.
        let operators = ConstraintOperator.allCases.filter { $0 != .distinctHosts && $0 != .distinctProperty }
        let comparison = pick(operators + [.equal])
        let value: String
        switch comparison {
        case .isSet, .isNotSet: value = ""
        case .regexp: value = pick(["^a", "x$", "[0-9]", "^1", "b|c", "\\.", "8$", "GiB"])
        case .setContains, .setContainsAny: value = pick(["a", "a,b", "b,c", "1", "linux,x"])
        case .version, .semver:
            let comparisons = ["", "!=", ">", "<", ">=", "<="] + (comparison == .version ? ["~>"] : [])
            let versions = ["1", "1.0", "1.2.3", "1.2.3-rc.1", "2", "2.0-rc1", "1.3"]
            let parts = pick([1, 2])
            value = (0..<parts).map { _ in "\(pick(comparisons)) \(pick(versions))" }.joined(separator: ", ")
        default: value = pick(Array(texts.dropFirst()))
        }
        return Rule(comparison, value)
    }

    @Test(arguments: [false, true]) func nothingIsRefusedThatAValueMeets(ofDevice: Bool) {
        var entropy = Entropy(seed: ofDevice ? 2 : 1)
        let values: [String?] = [nil] + Self.texts.map(Optional.some)
        var refused = 0
        for _ in 0..<10_000 {
            let rules = (0..<Int.random(in: 1...3, using: &entropy)).map { _ in Self.rule(&entropy) }
            let refusals = Self.refusals(rules, ofDevice: ofDevice)
            if refusals.isEmpty { continue }
            refused += 1
            let meeting = values.filter { value in rules.allSatisfy { $0.holds(value, units: ofDevice) } }
            #expect(meeting.isEmpty, "\(meeting) meet \(rules.map(\.testDescription)): \(refusals)")
        }
        #expect(refused > 1000)
    }
}
