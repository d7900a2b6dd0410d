extension WorkQueueID {
    /// What is wrong with the name; `nil` when nothing is.
    var mistake: String? {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, (1...JobLimits.nameBytes).contains(name.utf8.count) else {
            return "queue \(name.quotedForDisplay): a name has 1 to \(JobLimits.nameBytes) letters, digits and -._"
        }
        return JobNames.mistake(in: namespace).map { "queue \(name): its namespace \($0)" }
    }
}

extension WorkOrder {
    /// All that is wrong with it.
    var mistakes: [JobMistake] {
        var found = MistakeCollector()
        let path = JobPath().block("item", id ?? "")
        if let id, let fault = Self.fault(ofID: id) { found.add(path.attribute("id"), fault) }
        found.number(priority, in: 1...100, path.attribute("priority"))
        found.number(maxAttempts, in: 1...WorkLimits.attempts, path.attribute("max_attempts"))
        if payload.count > WorkLimits.payloadBytes {
            found.add(
                path.attribute("payload"),
                "has \(payload.count) bytes; at most \(WorkLimits.payloadBytes) are taken: put the rest elsewhere and "
                    + "name its place")
        }
        found.require(
            String(validating: payload, as: UTF8.self) != nil, path.attribute("payload"), "must be text in UTF-8")
        found.require(
            (.zero...WorkLimits.longestRetention).contains(retention), path.attribute("retention"),
            "must lie in 0s...\(WorkLimits.longestRetention.compactText), is \(retention.compactText)")
        found.require(
            constraints.count <= WorkLimits.attributes, path,
            "has \(constraints.count) constraints; at most \(WorkLimits.attributes) are taken")
        JobValidation.checkConstraints(constraints, in: path, of: .worker, into: &found)
        return found.mistakes
    }

    private static func fault(ofID id: String) -> String? {
        guard (1...WorkLimits.idBytes).contains(id.utf8.count) else {
            return "must have 1 to \(WorkLimits.idBytes) bytes, has \(id.utf8.count)"
        }
        return id.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? nil : "must not hold control characters"
    }

    /// Throws what is wrong.
    func check(for queue: WorkQueueID) throws(ClusterError) {
        if let mistake = queue.mistake { throw ClusterError(.invalid, mistake) }
        let mistakes = mistakes
        let isOnlyTooLarge = mistakes.count == 1 && payload.count > WorkLimits.payloadBytes
        if isOnlyTooLarge { throw ClusterError(.tooLarge, mistakes[0].description) }
        if let error = ClusterError.invalid(mistakes) { throw error }
    }
}

extension WorkerStatement {
    /// Throws what is wrong.
    func check() throws(ClusterError) {
        var found = MistakeCollector()
        let path = JobPath().block("worker", name)
        found.require(
            (1...WorkLimits.textBytes).contains(name.utf8.count), path.attribute("name"),
            "must have 1 to \(WorkLimits.textBytes) bytes, has \(name.utf8.count)")
        found.require(
            attributes.count <= WorkLimits.attributes, path.attribute("attributes"),
            "are \(attributes.count); at most \(WorkLimits.attributes) are taken")
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }).prefix(WorkLimits.attributes) {
            let isKey = !key.isEmpty && !key.contains { $0 == "}" || $0 == "$" || $0 == "{" || $0.isWhitespace }
            found.require(
                isKey, path.attribute("attributes"),
                "hold the name \(key.quotedForDisplay); a name is a word without ${}")
            found.require(
                key.utf8.count + value.utf8.count <= WorkLimits.textBytes, path.attribute("attributes"),
                "state \(key.quotedForDisplay) at a length of more than \(WorkLimits.textBytes) bytes")
        }
        found.require(
            WorkLimits.lease.contains(lease), path.attribute("lease"),
            "must lie in \(WorkLimits.lease.lowerBound.compactText)...\(WorkLimits.lease.upperBound.compactText), is "
                + lease.compactText)
        if let error = ClusterError.invalid(found.mistakes) { throw error }
    }
}
