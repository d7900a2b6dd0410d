import HCL

extension BlockFields {
    /// Operators that may be written as an attribute of their own, which is true or false: `distinct_hosts = true`.
    private static let switches: [ConstraintOperator] = [.distinctHosts, .isSet, .isNotSet]
    /// Operators that may be written as an attribute of their own, which is the value: `regexp = "a|b"`.
    private static let assignments: [(name: String, comparison: ConstraintOperator)] = [
        ("regexp", .regexp), ("version", .version), ("semver", .semver), ("set_contains", .setContains),
        ("set_contains_all", .setContains), ("set_contains_any", .setContainsAny),
    ]

    func constraint() -> Constraint? {
        let attribute = text("attribute", "") ?? ""
        let value = text("value", "") ?? ""
        let word = text("operator", "")
        let names =
            Self.switches.map(\.rawValue) + Self.assignments.map(\.name) + [
                ConstraintOperator.distinctProperty.rawValue
            ]
        reader.allow(names)
        let stated = names.filter(reader.has)
        guard let shorthand = stated.first else {
            guard let comparison = Self.comparison(word ?? "=") else {
                fail(Self.refusal(ofOperator: word ?? ""), "operator", "")
                return Constraint(attribute)
            }
            return Constraint(attribute, comparison, value)
        }
        if stated.count > 1 || word != nil {
            reader.fail("a constraint has one operator; give each a block of its own", at: shorthand)
        }
        if let assignment = Self.assignments.first(where: { $0.name == shorthand }) {
            return Constraint(attribute, assignment.comparison, text(shorthand, as: "value") ?? value)
        }
        switch ConstraintOperator(rawValue: shorthand) {
        case .distinctHosts: return flag(shorthand, "") == false ? nil : Constraint("", .distinctHosts)
        case .isSet: return Constraint(attribute, flag(shorthand, "") == false ? .isNotSet : .isSet)
        case .isNotSet: return Constraint(attribute, flag(shorthand, "") == false ? .isSet : .isNotSet)
        default: return Constraint(text(shorthand, as: "attribute") ?? "", .distinctProperty, value)
        }
    }

    /// Reads a shorthand; mistakes in what it states as `field` point at it.
    private func text(_ shorthand: String, as field: String) -> String? {
        let text = text(shorthand, "")
        notes.note(path.attribute(field), attribute: reader.range(of: shorthand), hasValue: text != nil)
        return text
    }

    func affinity() -> Affinity? {
        let weight = integer("weight", "")
        return constraint().map { Affinity($0.attribute, $0.comparison, $0.value, weight: weight ?? 50) }
    }

    func entries<Element>(_ hcl: String, _ json: String, read: (String, Self) -> Element?) -> [Element] {
        reader.blocks(hcl, labels: ["name"]) { inner in
            read(inner.label(0), BlockFields(inner, path.block(hcl, inner.label(0)), notes))
        }
    }
}

extension JobFields {
    /// An operator as either language writes it.
    static func comparison(_ word: String) -> ConstraintOperator? { ConstraintOperator(word: word) }

    static func refusal(ofOperator word: String) -> String {
        "the operator \(word.quotedForDisplay) is not supported; "
            + "use one of \(ConstraintOperator.allCases.map(\.rawValue).joined(separator: ", "))"
    }
}

extension ConstraintOperator {
    /// Reads an operator as job files and documents write it; nothing stands for equality.
    package init?(word: String) {
        switch word {
        case "", "==", "is": self = .equal
        case "not": self = .notEqual
        case "set_contains_all": self = .setContains
        default: self.init(rawValue: word)
        }
    }
}
