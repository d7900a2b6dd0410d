import ClusterKit
import HCL

/// Members of the kinds that several routes read.
extension JSONBody {
    /// Texts in a list; `nil` when it is not stated.
    func textList(_ name: String) throws(ClusterError) -> [String]? {
        guard let value = member(name) else { return nil }
        guard case .array(let values) = value else { throw mismatch(name, "a list of texts", value) }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else {
                throw ClusterError(.invalid, "\(name) must hold texts only, not \(value.typeName)")
            }
            texts.append(text)
        }
        return texts
    }

    /// A time span such as `1m30s`; `nil` when it is not stated.
    func timeSpan(_ name: String) throws(ClusterError) -> Duration? {
        guard let text = try text(name) else { return nil }
        guard let span = DurationText.parse(text), span >= .zero else {
            throw ClusterError(.invalid, "\(name) must be a time span such as 1m30s, not \"\(text)\"")
        }
        return span
    }

    /// Constraints as jobs state them; none when they are not stated.
    func constraints(_ name: String) throws(ClusterError) -> [Constraint] {
        guard let value = member(name) else { return [] }
        guard case .array(let values) = value else { throw mismatch(name, "a list", value) }
        var constraints: [Constraint] = []
        for value in values {
            guard let body = JSONBody(value) else { throw mismatch(name, "a list of objects", value) }
            let word = try body.text("Operand") ?? ""
            guard let comparison = ConstraintOperator(word: word) else {
                throw ClusterError(
                    .invalid,
                    "\(name): the operator \"\(word)\" is not supported; use one of "
                        + ConstraintOperator.allCases.map(\.rawValue).joined(separator: ", "))
            }
            constraints.append(
                Constraint(try body.text("LTarget") ?? "", comparison, try body.text("RTarget") ?? ""))
        }
        return constraints
    }
}
