import HCL

/// What is remembered while a job file is read: where each part of the job stands.
final class FileNotes {
    private(set) var attributes: [JobPath: SourceRange] = [:]
    /// Attributes that are stated, but gave no value.
    private(set) var withoutValue: Set<JobPath> = []
    private(set) var blocks: [JobPath: (header: SourceRange, body: SourceRange)] = [:]

    func note(_ path: JobPath, attribute range: SourceRange, hasValue: Bool) {
        attributes[path] = range
        if !hasValue { withoutValue.insert(path) }
    }

    func note(_ path: JobPath, block header: SourceRange, body: SourceRange) {
        blocks[path] = (header, body)
    }

    /// Where to point for a mistake: the attribute, else the nearest block around it that is written.
    func place(of path: JobPath) -> SourceRange? {
        if let range = attributes[path] { return range }
        return nearestBlock(to: path).flatMap { blocks[$0]?.header }
    }

    private func nearestBlock(to path: JobPath) -> JobPath? {
        var path: JobPath? = path
        while let candidate = path {
            if blocks[candidate] != nil { return candidate }
            path = candidate.parent
        }
        return nil
    }

    /// Mistakes as diagnostics, without those that only follow from what `known` says already.
    func diagnostics(for mistakes: [JobMistake], known: [Diagnostic]) -> [Diagnostic] {
        let damaged = Set(known.compactMap { $0.range.flatMap(innermostBlock(around:)) })
        return mistakes.compactMap { mistake in
            if attributes[mistake.path] != nil {
                if withoutValue.contains(mistake.path), known.hasErrors { return nil }
                guard !isReported(mistake.path, known) else { return nil }
            } else if let block = nearestBlock(to: mistake.path), damaged.contains(block) {
                // Something in this block was not understood; what seems to be missing may be just that.
                return nil
            }
            return Diagnostic(.error, mistake.description, at: place(of: mistake.path))
        }
    }

    private func isReported(_ path: JobPath, _ known: [Diagnostic]) -> Bool {
        guard let range = attributes[path]?.offsets else { return false }
        return known.contains { diagnostic in
            guard let offsets = diagnostic.range?.offsets else { return false }
            return range.lowerBound <= offsets.lowerBound && offsets.upperBound <= range.upperBound
        }
    }

    private func innermostBlock(around range: SourceRange) -> JobPath? {
        let start = range.offsets.lowerBound
        let around = blocks.filter { $0.value.body.offsets.contains(start) }
        return around.min { $0.value.body.offsets.count < $1.value.body.offsets.count }?.key
    }
}
