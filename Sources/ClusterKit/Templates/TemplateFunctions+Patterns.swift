import Patterns

/// Functions with regular expressions, those of consul-template.
extension TemplateFunctions {
    static let patterns: [String: Entry] = [
        "regexMatch": Entry(metered: 2...2) { arguments, steps throws(TemplateFault) in
            let pattern = try pattern(arguments, &steps)
            let text = try arguments.text(1)
            return .bool(try metered(&steps) { pattern.matches(text, steps: &$0) } ?? false)
        },
        "regexReplaceAll": Entry(metered: 3...3) { arguments, steps throws(TemplateFault) in
            let pattern = try pattern(arguments, &steps)
            let (replacement, text) = (try arguments.text(1), try arguments.text(2))
            let result = try metered(&steps) {
                pattern.replacing(in: text, with: replacement, limit: TemplateOutput.longest, steps: &$0)
            }
            guard let result else { throw TemplateOutput.tooLong }
            return .text(result)
        },
    ]

    /// So many characters and instructions of a pattern cost one step of rendering.
    private static let stepSize = 16

    /// A mistake is shown only where the pattern stands in the template as it is: otherwise it may be a secret.
    private static func pattern(
        _ arguments: TemplateArguments, _ steps: inout Int
    ) throws(TemplateFault) -> Pattern {
        let text = try arguments.text(0)
        do throws(PatternError) {
            let pattern = try Pattern(text)
            steps -= pattern.instructionCount
            return pattern
        } catch {
            let reason = arguments.isLiteral(0) ? ": byte \(error.offset): \(error.message)" : ""
            throw TemplateFault("argument 1 is no regular expression\(reason)")
        }
    }

    private static func metered<Result>(
        _ steps: inout Int, _ body: (inout Int) -> Result
    ) throws(TemplateFault) -> Result {
        var work = max(0, steps) * stepSize
        let result = body(&work)
        steps = work < 0 ? -1 : work / stepSize
        if steps < 0 { throw TemplateFault("takes too many steps") }
        return result
    }
}
