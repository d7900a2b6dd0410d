extension SecretPath {
    /// The most bytes that mount and path may have together.
    public static let longest = 512

    /// Refuses what cannot name a secret: an empty part, `.` or `..`, control characters, more than `longest` bytes.
    public func check() throws(ClusterError) {
        guard !path.isEmpty else {
            throw ClusterError(.invalid, "the path of a secret is empty: name one below \(mount)/")
        }
        try checkFolder()
    }

    /// The same, for a place to list: the path may be empty, which is the whole mount.
    public func checkFolder() throws(ClusterError) {
        guard !mount.isEmpty else { throw ClusterError(.invalid, "the secret \(path) names no engine to belong to") }
        guard mount.utf8.count + path.utf8.count <= Self.longest else {
            throw ClusterError(.invalid, "the path of a secret has more than \(Self.longest) bytes: shorten it")
        }
        for text in path.isEmpty ? [mount] : [mount, path] {
            guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw ClusterError(.invalid, "the path of a secret holds a control character: leave it out")
            }
            let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard !parts.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) })
            else {
                throw ClusterError(
                    .invalid, "the path \(self) of a secret has a part that is empty, `.` or `..`: leave that out")
            }
        }
    }
}

extension [SecretPath] {
    /// The names below `folder`, sorted, each once; those that have names below them end in `/`.
    public func names(below folder: SecretPath) -> [String] {
        let prefix = [UInt8]((folder.path.isEmpty ? "" : folder.path + "/").utf8)
        var names: Set<String> = []
        for place in self where place.mount == folder.mount {
            let path = place.path.utf8
            guard path.starts(with: prefix) else { continue }
            let rest = path.dropFirst(prefix.count)
            let end = rest.firstIndex(of: UInt8(ascii: "/")).map { rest.index(after: $0) } ?? rest.endIndex
            names.insert(String(decoding: rest[..<end], as: UTF8.self))
        }
        return names.sorted()
    }
}
