/// Reads the lines `NAME=value` of an environment file, as shells and Nomad's templates write them.
///
/// Empty lines and those that begin with `#` say nothing; `export` may stand before a name. A value may stand in single
/// quotes, where all is as written, or in double quotes, where `\n`, `\t`, `\"`, `\\` and `\$` are escapes; without
/// quotes it ends before ` #` and at the line's end.
enum EnvironmentFile {
    /// The variables. Throws with the number of the line; never with what stands there, which may be secret.
    static func variables(in text: String) throws(ClusterError) -> [String: String] {
        var variables: [String: String] = [:]
        var rest = text[...]
        var line = 1
        while !rest.isEmpty {
            let start = rest.startIndex
            let content = rest.prefix { !$0.isNewline }.drop { $0 == " " || $0 == "\t" }
            if content.isEmpty || content.first == "#" {
                rest = rest.drop { !$0.isNewline }.dropFirst()
            } else {
                rest = rest[content.startIndex...]
                let (name, value) = try assignment(&rest, line)
                variables[name] = value
            }
            line += text[start..<rest.startIndex].count(where: \.isNewline)
        }
        return variables
    }

    private static func mistake(_ line: Int, _ what: String) -> ClusterError {
        ClusterError(.invalid, "line \(line) of an environment file: \(what)")
    }

    private static func assignment(_ rest: inout Substring, _ line: Int) throws(ClusterError) -> (String, String) {
        if rest.hasPrefix("export ") { rest = rest.dropFirst(7).drop { $0 == " " } }
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, name.first?.isNumber == false, rest.drop(while: { $0 == " " }).first == "=" else {
            throw mistake(line, "must be NAME=value; put a value of several lines in quotes")
        }
        rest = rest.drop { $0 == " " }.dropFirst().drop { $0 == " " || $0 == "\t" }
        let value: String
        switch rest.first {
        case "'", "\"": value = try quoted(&rest, line)
        default: value = plain(&rest)
        }
        let tail = rest.prefix { !$0.isNewline }.drop { $0 == " " || $0 == "\t" }
        guard tail.isEmpty || tail.first == "#" else { throw mistake(line, "something follows the closing quote") }
        rest = rest.drop { !$0.isNewline }.dropFirst()
        guard !value.utf8.contains(0) else { throw mistake(line, "the value must not hold NUL") }
        return (String(name), value)
    }

    private static func plain(_ rest: inout Substring) -> String {
        var value = rest.prefix { !$0.isNewline }
        rest = rest.dropFirst(value.count)
        if value.first == "#" { return "" }
        if let comment = value.firstRange(of: " #") { value = value[..<comment.lowerBound] }
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        return String(value)
    }

    private static func quoted(_ rest: inout Substring, _ line: Int) throws(ClusterError) -> String {
        let quote = rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == quote { return value }
            guard character == "\\", quote == "\"", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "\"", "\\", "$", "`": value.append(escaped)
            default: value += "\\\(escaped)"
            }
        }
        throw mistake(line, "the quote is not closed")
    }
}
