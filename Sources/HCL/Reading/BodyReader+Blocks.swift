extension BodyReader {
    /// Reads all blocks of a type, those made by `dynamic` included, in the order of the text.
    ///
    /// - Parameters:
    ///   - type: the first word of the blocks.
    ///   - labels: what the labels mean, such as `["name"]`; a block must have as many.
    ///   - read: is called with a reader for each block; what it did not ask for is reported after it.
    public func blocks<Element>(
        _ type: String, labels: [String] = [], read: (BodyReader) -> Element?
    ) -> [Element] {
        know(block: type)
        return instances.compactMap { instance in
            guard instance.type == type, check(instance, labels) else { return nil }
            let reader = BodyReader(instance, session)
            let element = read(reader)
            reader.finish()
            return element
        }
    }

    /// Reads the block of a type that may appear once; further ones are reported.
    public func block<Element>(
        _ type: String, labels: [String] = [], _ presence: Presence = .optional, read: (BodyReader) -> Element?
    ) -> Element? {
        know(block: type)
        let found = instances.filter { $0.type == type }
        guard let first = found.first else {
            if presence == .required { fail("a block \"\(type)\" is missing") }
            return nil
        }
        for further in found.dropFirst() {
            session.fail(
                "there can only be one \"\(type)\" block",
                detail: "The first one is on line \(first.headerRange.line).",
                at: further.headerRange)
        }
        guard check(first, labels) else { return nil }
        let reader = BodyReader(first, session)
        let element = read(reader)
        reader.finish()
        return element
    }

    private func check(_ instance: BlockInstance, _ labels: [String]) -> Bool {
        if instance.labels.count == labels.count { return true }
        let wanted = "\(labels.count) label\(labels.count == 1 ? "" : "s")"
        let form = ([instance.type] + labels.map { "\"\($0)\"" }).joined(separator: " ")
        let place = instance.labels.count > labels.count ? instance.labels[labels.count].range : instance.headerRange
        session.fail(
            "\"\(instance.type)\" needs \(wanted), not \(instance.labels.count)",
            detail: "Write \(form) { … }.", at: place)
        return false
    }
}
