/// Strings and heredocs.
extension Parser {
    mutating func parseQuoted() throws(Failed) -> Expression {
        try parseTemplate(closing: .quoteClose, resolvesBackslashes: true)
    }

    mutating func parseHeredoc() throws(Failed) -> Expression {
        try parseTemplate(closing: .heredocClose, resolvesBackslashes: false)
    }

    private mutating func parseTemplate(
        closing: Token.Kind, resolvesBackslashes: Bool
    ) throws(Failed) -> Expression {
        try enter()
        let (opening, rule) = (current, ignoresNewlines)
        ignoresNewlines = true
        advance()
        var items: [TemplateItem] = []
        while current.kind != closing {
            items.append(try parseTemplateItem(resolvesBackslashes: resolvesBackslashes))
        }
        ignoresNewlines = rule
        advance()
        depth -= 1
        if opening.kind == .flushHeredocOpen { items.removeCommonIndentation() }
        items.applyStripMarkers()
        items = items.mergingTexts()
        if items.isEmpty { return try make(.literal(.string("")), from: opening.start) }
        if items.count == 1, case .text(let text) = items[0].kind {
            return try make(.literal(.string(text)), from: opening.start)
        }
        var rest = items[...]
        let parts = try nest(&rest, within: nil)
        return try make(.template(parts), from: opening.start)
    }

    private mutating func parseTemplateItem(resolvesBackslashes: Bool) throws(Failed) -> TemplateItem {
        let token = current
        switch token.kind {
        case .text:
            try count(at: token.start)
            advance()
            let text = unescape(token, resolvesBackslashes: resolvesBackslashes)
            return TemplateItem(kind: .text(text), range: range(of: token))
        case .interpolationOpen:
            advance()
            let expression = try parseExpression()
            return try closeSequence(.interpolation(expression), opening: token)
        case .directiveOpen:
            advance()
            return try closeSequence(try parseDirective(), opening: token)
        default:
            throw unexpected("text")
        }
    }

    private mutating func closeSequence(_ kind: TemplateItem.Kind, opening: Token) throws(Failed) -> TemplateItem {
        guard current.kind == .templateClose else { throw unexpected("\"}\" to end what \(opening.kind.name) began") }
        let closing = advance()
        return TemplateItem(
            kind: kind, range: SourceRange(source, opening.start..<closing.end), stripsBefore: opening.strips,
            stripsAfter: closing.strips)
    }

    private mutating func parseDirective() throws(Failed) -> TemplateItem.Kind {
        let token = try expect(.identifier, "a directive")
        switch text(of: token) {
        case "if": return .ifStart(try parseExpression())
        case "else": return .otherwise
        case "endif": return .endIf
        case "for":
            let header = try parseForHeader()
            return .forStart(key: header.key, value: header.value, collection: header.collection)
        case "endfor": return .endFor
        default:
            throw fail(
                "unknown directive \"\(text(of: token))\"", detail: "There are if, else, endif, for and endfor.",
                at: range(of: token))
        }
    }

    /// Matches `if` and `for` with their ends; stops at an end that belongs to the caller, which stays.
    private mutating func nest(
        _ items: inout ArraySlice<TemplateItem>, within opening: TemplateItem?
    ) throws(Failed) -> [TemplatePart] {
        try enter()
        var parts: [TemplatePart] = []
        loop: while let item = items.first {
            switch item.kind {
            case .text(let text): parts.append(.text(text))
            case .interpolation(let expression): parts.append(.interpolation(expression, range: item.range))
            case .ifStart(let condition):
                items.removeFirst()
                let yes = try nest(&items, within: item)
                var no: [TemplatePart] = []
                if case .otherwise? = items.first?.kind {
                    items.removeFirst()
                    no = try nest(&items, within: item)
                }
                guard case .endIf? = items.first?.kind else { throw unmatched(item, items.first, "endif") }
                parts.append(.conditional(condition, yes: yes, no: no))
            case .forStart(let key, let value, let collection):
                items.removeFirst()
                let body = try nest(&items, within: item)
                guard case .endFor? = items.first?.kind else { throw unmatched(item, items.first, "endfor") }
                parts.append(.loop(keyName: key, valueName: value, collection: collection, body: body))
            case .otherwise, .endIf, .endFor:
                if opening != nil { break loop }
                throw fail("this directive ends nothing", at: item.range)
            }
            items.removeFirst()
        }
        depth -= 1
        return parts
    }

    private mutating func unmatched(_ opening: TemplateItem, _ found: TemplateItem?, _ wanted: String) -> Failed {
        fail(
            "expected \"%{ \(wanted) }\" for the directive on line \(opening.range.line)", at: (found ?? opening).range)
    }
}

// MARK: - Escapes

extension Parser {
    private mutating func unescape(_ token: Token, resolvesBackslashes: Bool) -> String {
        let bytes = source.bytes[token.start..<token.end]
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let isSign = byte == Ascii.dollar || byte == Ascii.percent
            if isSign, index + 2 < bytes.endIndex, bytes[index + 1] == byte, bytes[index + 2] == Ascii.leftBrace {
                result += [byte, Ascii.leftBrace]
                index += 3
            } else if byte == Ascii.backslash, resolvesBackslashes {
                index = unescapeBackslash(bytes, at: index, into: &result)
            } else {
                result.append(byte)
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Returns the index behind the escape.
    private mutating func unescapeBackslash(
        _ bytes: ArraySlice<UInt8>, at index: Int, into result: inout [UInt8]
    ) -> Int {
        let letter = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
        switch letter {
        case UInt8(ascii: "n"): result.append(Ascii.newline)
        case UInt8(ascii: "t"): result.append(Ascii.tab)
        case UInt8(ascii: "r"): result.append(Ascii.carriageReturn)
        case Ascii.quote, Ascii.backslash: result.append(letter)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let end = index + 2 + (letter == UInt8(ascii: "u") ? 4 : 8)
            if end <= bytes.endIndex, let scalar = scalar(fromHex: bytes[index + 2..<end]) {
                result += Array(String(Character(scalar)).utf8)
                return end
            }
            fail(
                "invalid Unicode escape", detail: "Write \\u and four or \\U and eight hexadecimal digits.",
                at: SourceRange(source, index..<index + 2))
        default:
            let length = letter < 0x80 ? 2 : 1
            fail(
                "unknown escape \"\(source.text(in: index..<index + length))\"",
                detail: "There are \\n, \\r, \\t, \\\", \\\\, \\uXXXX and \\UXXXXXXXX; a backslash is written \\\\.",
                at: SourceRange(source, index..<index + length))
        }
        return min(index + 2, bytes.endIndex)
    }

    private func scalar(fromHex digits: ArraySlice<UInt8>) -> Unicode.Scalar? {
        var code: UInt32 = 0
        for digit in digits {
            guard let value = Ascii.hexValue(digit) else { return nil }
            code = code << 4 | value
        }
        return Unicode.Scalar(code)
    }
}
