import Patterns

extension Function {
    /// Functions with regular expressions: `regex` and `regexall` of Terraform, `regex_replace` of Nomad.
    static let patterns: [Function] = [
        Function("regex", "pattern", "string", metered: firstMatch),
        Function("regexall", "pattern", "string", metered: allMatches),
        Function("regex_replace", "string", "pattern", "replacement", metered: patternReplaced),
    ]

    /// So many characters and instructions of a pattern cost one step of evaluation.
    private static let stepSize = 16

    private static func firstMatch(_ arguments: Arguments, _ steps: inout Int) throws -> Value {
        let pattern = try pattern(arguments, 0, &steps)
        let text = try arguments.string(1)
        let read = try reader(of: pattern, in: arguments)
        let match = try metered(&steps) { work in
            var matches = pattern.matches(in: text, steps: work)
            defer { work = matches.remainingSteps }
            return matches.next()
        }
        guard let match else {
            throw arguments.fail(1, "has no part that the pattern matches; try(regex(…), null) yields null then")
        }
        return read(match)
    }

    private static func allMatches(_ arguments: Arguments, _ steps: inout Int) throws -> Value {
        let pattern = try pattern(arguments, 0, &steps)
        let text = try arguments.string(1)
        let read = try reader(of: pattern, in: arguments)
        var values: [Value] = []
        try metered(&steps) { work in
            var matches = pattern.matches(in: text, steps: work)
            while let match = matches.next() {
                values.append(read(match))
                // Each value costs at least as much as looking at it.
                matches.spend((1 + pattern.groupNames.count) * stepSize)
            }
            work = matches.remainingSteps
        }
        return .list(values)
    }

    private static func patternReplaced(_ arguments: Arguments, _ steps: inout Int) throws -> Value {
        let text = try arguments.string(0)
        let pattern = try pattern(arguments, 1, &steps)
        let replacement = try arguments.string(2)
        let limit = arguments.limits.valueBytes
        let result = try metered(&steps) { work in
            pattern.replacing(in: text, with: replacement, limit: limit, steps: &work)
        }
        guard let result else { throw FunctionFailure("the result is larger than \(limit) bytes") }
        return .string(result)
    }

    private static func pattern(_ arguments: Arguments, _ index: Int, _ steps: inout Int) throws -> Pattern {
        let text = try arguments.string(index)
        do throws(PatternError) {
            let pattern = try Pattern(text)
            steps -= pattern.instructionCount
            return pattern
        } catch {
            throw arguments.fail(index, "is no regular expression: byte \(error.offset): \(error.message)")
        }
    }

    /// Does work that is counted in smaller steps; fails when there are not enough.
    private static func metered<Result>(_ steps: inout Int, _ body: (inout Int) -> Result) throws -> Result {
        let (product, overflow) = max(0, steps).multipliedReportingOverflow(by: stepSize)
        var work = overflow ? .max : product
        let result = body(&work)
        steps = work < 0 ? -1 : work / stepSize
        if steps < 0 { throw FunctionFailure("takes too many steps") }
        return result
    }

    /// What a match is: a text without groups, a list of texts with groups, an object if they have names. Groups that
    /// took no part are null.
    private static func reader(
        of pattern: Pattern, in arguments: Arguments
    ) throws(FunctionFailure) -> (PatternMatch) -> Value {
        let names = pattern.groupNames.compactMap(\.self)
        if pattern.groupNames.isEmpty { return { .string(String($0.content)) } }
        func group(_ match: PatternMatch, _ index: Int) -> Value { match[index].map { .string(String($0)) } ?? .null }
        if names.isEmpty { return { match in .list((1...match.groupCount).map { group(match, $0) }) } }
        guard names.count == pattern.groupNames.count else {
            throw arguments.fail(0, "has groups with and without names; name all, or write (?:…) for the others")
        }
        return { match in
            .object(ObjectValue(names.enumerated().map { ($1, group(match, $0 + 1)) }))
        }
    }
}
