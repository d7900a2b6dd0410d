/// The body of a function, initializer, subscript or computed property.
struct FunctionBody: Equatable {
    let name: String
    /// Where the declaration starts, counted from 1.
    let line: Int
    /// The lines between the braces.
    let length: Int

    static func bodies(in tokens: [Token]) -> [FunctionBody] {
        tokens.indices.compactMap { index in
            guard let open = openingBrace(ofDeclarationAt: index, in: tokens),
                let close = tokens.closing(open)
            else { return nil }
            let length = max(0, tokens[close].line - tokens[open].line - 1)
            return FunctionBody(name: name(at: index, in: tokens), line: tokens[index].line, length: length)
        }
    }

    private static func name(at index: Int, in tokens: [Token]) -> String {
        let isNamed = ["func", "var"].contains(tokens[index].text) && index + 1 < tokens.count
        return tokens[isNamed ? index + 1 : index].text
    }

    /// The brace that opens the body of the declaration that starts at `index`, if one starts there and has a body.
    private static func openingBrace(ofDeclarationAt index: Int, in tokens: [Token]) -> Int? {
        let isMember = index > 0 && tokens[index - 1].text == "."
        guard !isMember, ["func", "init", "deinit", "subscript", "var"].contains(tokens[index].text) else { return nil }
        let isProperty = tokens[index].text == "var"
        var at = index + 1
        while at < tokens.count {
            let token = tokens[at]
            switch token.text {
            case "(", "[":
                guard let close = tokens.closing(at) else { return nil }
                at = close
            case "{": return at
            case "}",
                "=" where isProperty:
                return nil
            case "func", "var", "let", "case", "init", "subscript", "associatedtype", "typealias", "static", "mutating",
                "public", "@", "#":
                return nil
            default:
                if isProperty, token.line != tokens[at - 1].line { return nil }
            }
            at += 1
        }
        return nil
    }
}

extension [Token] {
    /// The index of the bracket that closes the one at `open`.
    func closing(_ open: Int) -> Int? {
        let pairs = ["(": ")", "[": "]", "{": "}"]
        guard let end = pairs[self[open].text] else { return nil }
        var depth = 0
        for index in open..<count {
            if self[index].text == self[open].text { depth += 1 }
            if self[index].text == end { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// The token at an index, or an empty one beyond either end.
    func text(_ index: Int) -> String {
        indices.contains(index) ? self[index].text : ""
    }
}
