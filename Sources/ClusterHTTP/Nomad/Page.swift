import ClusterKit

/// One page of a list, in the order of its keys.
struct Page<Element> {
    let elements: [Element]
    /// The key of the first element of the next page; `nil` on the last.
    let nextToken: String?

    /// Cuts a page out of `all`, which must be in ascending order of `key`; `reverse` turns it around.
    init(of all: [Element], for query: Query, key: (Element) -> String) throws(ClusterError) {
        var rest = all[...]
        if try query.flag("reverse") { rest = all.reversed()[...] }
        if let token = query["next_token"], !token.isEmpty {
            guard let start = rest.firstIndex(where: { key($0) == token }) else {
                throw ClusterError(
                    .invalid, "next_token \"\(token)\" names nothing in this list any more; begin again without it")
            }
            rest = rest[start...]
        }
        let size = try query.number("per_page") ?? 0
        guard size > 0, size < rest.count else {
            elements = Array(rest)
            nextToken = nil
            return
        }
        elements = Array(rest.prefix(size))
        nextToken = key(rest[rest.startIndex + size])
    }
}
