extension VersionTag {
    /// What is wrong with it, in words; `nil` for nothing.
    var mistake: String? {
        if name.isEmpty { return "the name of a version must not be empty" }
        guard name.utf8.count <= Self.longestName else {
            return "the name of a version must have at most \(Self.longestName) bytes"
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return "the name of a version, \(name.quotedForDisplay), must have no control characters"
        }
        guard description.utf8.count <= ChangeNote.longestReason else {
            return "the description of a version must have at most \(ChangeNote.longestReason) bytes, it has "
                + "\(description.utf8.count)"
        }
        return nil
    }
}

extension ChangeNote {
    /// What is wrong with it, in words; `nil` for nothing.
    var mistake: String? {
        if author.utf8.count > Self.longestAuthor {
            return "the author of a change must have at most \(Self.longestAuthor) bytes, it has \(author.utf8.count)"
        }
        if reason.utf8.count > Self.longestReason {
            return "the reason for a change must have at most \(Self.longestReason) bytes, it has \(reason.utf8.count)"
        }
        return nil
    }
}
