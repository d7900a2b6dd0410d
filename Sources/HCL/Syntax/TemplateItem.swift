/// A piece of a template as it stands in the text, before `if` and `for` are matched with their ends.
struct TemplateItem {
    enum Kind {
        case text(String)
        case interpolation(Expression)
        case ifStart(Expression)
        case otherwise
        case endIf
        case forStart(key: String?, value: String, collection: Expression)
        case endFor
    }

    var kind: Kind
    var range: SourceRange
    /// Whether white space in the text before or after it is dropped.
    var stripsBefore = false
    var stripsAfter = false
}

extension [TemplateItem] {
    /// Drops the white space that `~` asks to drop.
    mutating func applyStripMarkers() {
        for index in indices {
            guard case .text(let text) = self[index].kind else { continue }
            var slice = Substring(text)
            if index > startIndex, self[index - 1].stripsAfter { slice = slice.drop(while: \.isWhitespace) }
            if index + 1 < endIndex, self[index + 1].stripsBefore {
                while slice.last?.isWhitespace == true { slice.removeLast() }
            }
            self[index].kind = .text(String(slice))
        }
    }

    /// The rule of `<<-`: the smallest indentation of all lines is removed from each. Blank lines do not count.
    mutating func removeCommonIndentation() {
        var starts: [(index: Int, indentation: Int)] = []
        var isLineStart = true
        for index in indices {
            guard case .text(let text) = self[index].kind else {
                if isLineStart { return }
                continue
            }
            if isLineStart {
                let indentation = text.utf8.prefix(while: Ascii.isBlank).count
                let isBlank = text.utf8.allSatisfy(Ascii.isSpace) && text.utf8.last == Ascii.newline
                if !isBlank { starts.append((index, indentation)) }
            }
            isLineStart = text.utf8.last == Ascii.newline
        }
        let smallest = starts.map(\.indentation).min() ?? 0
        for (index, _) in starts {
            guard case .text(let text) = self[index].kind else { continue }
            self[index].kind = .text(String(text.dropFirst(smallest)))
        }
    }

    /// Merges neighboring texts, such as the lines of a heredoc.
    func mergingTexts() -> [TemplateItem] {
        var merged: [TemplateItem] = []
        var text = ""
        var range: SourceRange?
        func flush() {
            if let range, !text.isEmpty { merged.append(TemplateItem(kind: .text(text), range: range)) }
            text = ""
            range = nil
        }
        for item in self {
            if case .text(let piece) = item.kind {
                text += piece
                range = range?.through(item.range) ?? item.range
            } else {
                flush()
                merged.append(item)
            }
        }
        flush()
        return merged
    }
}
