/// What may stand behind `(`.
extension PatternParser {
    mutating func openGroup() throws(PatternError) {
        let start = position
        position += 1
        guard peek() == UInt8(ascii: "?") else {
            groupNames.append(nil)
            try open(groupNames.count, outerFlags: flags, at: start)
            return
        }
        try refuseForeignGroups(at: start)
        if follows("?P<") || follows("?<") {
            position += follows("?P<") ? 3 : 2
            groupNames.append(try readName(of: start))
            try open(groupNames.count, outerFlags: flags, at: start)
        } else {
            position += 1
            try readFlags(of: start)
        }
    }

    /// Groups of other dialects, each with what to do instead.
    private func refuseForeignGroups(at start: Int) throws(PatternError) {
        let ahead = "which linear time cannot have; match more and test what was found"
        let foreign: [(String, String)] = [
            ("?=", "looks ahead, \(ahead)"), ("?!", "looks ahead, \(ahead)"), ("?<=", "looks behind, \(ahead)"),
            ("?<!", "looks behind, \(ahead)"),
            ("?P=", "refers back to a group, which linear time cannot have; write what it may match once more"),
            ("?>", "is an atomic group, which linear time does not need; write `(?:`"),
            ("?#", "is a comment, which patterns do not have; remove it"),
            ("?(", "is a condition, which patterns do not have; use `|`"),
            ("?|", "numbers its alternatives anew, which patterns do not have; use names"),
            ("?R", "is a recursion, which linear time cannot have; write it out as deep as needed"),
            ("?P>", "is a recursion, which linear time cannot have; write it out as deep as needed"),
        ]
        for (mark, words) in foreign where follows(mark) { throw error("`(\(mark)` \(words)", at: start) }
    }

    private mutating func readName(of start: Int) throws(PatternError) -> String {
        let first = position
        while let byte = peek(), byte != UInt8(ascii: ">") {
            guard NamedClasses.words.contains(where: { $0.contains(UInt32(byte)) }) else {
                throw error("a group's name has only letters, digits and `_`", at: position)
            }
            position += 1
        }
        let name = slice(first..<position)
        guard peek() != nil else { throw error("a group's name is not closed; add `>`", at: start) }
        guard !name.isEmpty else { throw error("a group's name is empty; write one, or remove `?<>`", at: start) }
        guard !groupNames.contains(name) else {
            throw error("there are two groups of the name \(name); rename one", at: start)
        }
        position += 1
        return name
    }

    /// `(?flags)`, which holds to the end of the group around it, and `(?flags:…)`.
    private mutating func readFlags(of start: Int) throws(PatternError) {
        let outer = flags
        var isRemoving = false
        var isMissing = false
        while let byte = peek() {
            let flag: Flags
            switch byte {
            case UInt8(ascii: "i"): flag = .ignoreCase
            case UInt8(ascii: "m"): flag = .multiLine
            case UInt8(ascii: "s"): flag = .dotAll
            case UInt8(ascii: "U"): flag = .ungreedy
            case UInt8(ascii: "-") where !isRemoving:
                (isRemoving, isMissing) = (true, true)
                position += 1
                continue
            case UInt8(ascii: ":") where !isMissing:
                position += 1
                try open(nil, outerFlags: outer, at: start)
                return
            case UInt8(ascii: ")") where !isMissing:
                position += 1
                return
            default:
                throw error(
                    "there is no group `(\(slice(start + 1..<position))\(shownNext)`; flags are i, m, s and U, as in"
                        + " `(?i)` or `(?i-s:…)`", at: start)
            }
            isMissing = false
            if isRemoving { flags.remove(flag) } else { flags.insert(flag) }
            position += 1
        }
        throw error("a group is not closed; add `)`, or write `\\(` for a parenthesis", at: start)
    }

    /// The scalar that comes next, for messages.
    var shownNext: String {
        var copy = self
        return copy.peek() == nil ? "" : Unicode.Scalar(copy.readScalar())?.shown ?? ""
    }
}
