import HCL

extension BlockFields {
    /// Operators that may be written as an attribute of their own, `distinct_hosts = true` or `set_contains = "a,b"`.
    private static let shorthands: [ConstraintOperator] = [
        .distinctHosts, .isSet, .isNotSet, .setContains, .setContainsAny,
    ]

    func constraint() -> Constraint? {
        refuse(
            ["regexp", "version", "semver", "distinct_property"].map {
                UnsupportedField($0, "", Self.adviceOnOperators)
            })
        let attribute = text("attribute", "") ?? ""
        let value = text("value", "") ?? ""
        let word = text("operator", "")
        let stated = Self.shorthands.filter { reader.has($0.rawValue) }
        guard let shorthand = stated.first else {
            Self.shorthands.forEach { reader.allow($0.rawValue) }
            guard let comparison = Self.comparison(word ?? "=") else {
                fail(Self.refusal(ofOperator: word ?? ""), "operator", "")
                return Constraint(attribute)
            }
            return Constraint(attribute, comparison, value)
        }
        Self.shorthands.forEach { reader.allow($0.rawValue) }
        if stated.count > 1 || word != nil {
            reader.fail("a constraint has one operator; give each a block of its own", at: shorthand.rawValue)
        }
        switch shorthand {
        case .setContains, .setContainsAny:
            return Constraint(attribute, shorthand, text(shorthand.rawValue, "") ?? value)
        case .distinctHosts:
            return flag(shorthand.rawValue, "") == false ? nil : Constraint("", .distinctHosts)
        case .isSet: return Constraint(attribute, flag(shorthand.rawValue, "") == false ? .isNotSet : .isSet)
        default: return Constraint(attribute, flag(shorthand.rawValue, "") == false ? .isSet : .isNotSet)
        }
    }
}

extension JobFields {
    static var adviceOnOperators: String {
        "Use one of \(ConstraintOperator.allCases.map(\.rawValue).joined(separator: ", "))."
    }

    /// An operator as either language writes it.
    static func comparison(_ word: String) -> ConstraintOperator? {
        switch word {
        case "", "==", "is": .equal
        case "not": .notEqual
        default: ConstraintOperator(rawValue: word)
        }
    }

    static func refusal(ofOperator word: String) -> String {
        "the operator \(word.quotedForDisplay) is not supported; "
            + "use one of \(ConstraintOperator.allCases.map(\.rawValue).joined(separator: ", "))"
    }
}
