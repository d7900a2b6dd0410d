import ClusterKit

/// Of all that happened before a promise was broken, what has to do with it.
struct Story {
    /// How many of the last things are told whatever they are about.
    private static let last = 20
    /// In how many of the last things faults and servers are followed.
    private static let recent = 1000

    private var subjects: Set<Substring> = []
    private var agents: Set<Substring> = []

    /// Is about the jobs, instances, nodes and items that `violation` names.
    init(of violation: Violation, in state: Snapshot) {
        let words = Set(Self.words(of: violation.detail))
        var jobs = Set(state.jobs.sortedKeys.filter { words.contains(Substring($0.id)) })
        // A job that was purged may have instances still.
        for allocation in state.allocations.sorted
        where words.contains(Substring(allocation.id.short)) || words.contains(Substring(allocation.job.id)) {
            jobs.insert(allocation.job)
            subjects.insert(Substring(allocation.id.short))
        }
        for job in jobs {
            subjects.insert(Substring(job.id))
            for allocation in state.allocations(of: job) { subjects.insert(Substring(allocation.id.short)) }
        }
        for word in words {
            if ["job-", "item-", "worker-"].contains(where: word.hasPrefix) || Self.isShortName(word) {
                subjects.insert(word)
            } else if word.hasPrefix("node-") {
                agents.insert(word.dropFirst(5))
            }
        }
        // Of a node that is named beside an instance, only what befell the instance is told.
        if subjects.isEmpty { subjects = words.filter { $0.hasPrefix("node-") } } else { agents = [] }
    }

    /// The lines that name a subject, at most `limit` of them, and the last ones.
    func lines(of all: [String], limit: Int) -> [String] {
        let start = max(0, all.count - Self.last)
        let named = all[..<start].enumerated().filter { place, line in
            let words = Self.words(of: line)
            return words.contains(where: subjects.contains) || namesAgent(words)
                || place >= start - Self.recent && isOfWorld(line)
        }
        return named.suffix(limit).map(\.element) + all[start...]
    }

    private func namesAgent(_ words: [Substring]) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == "agent" && agents.contains($1) }
    }

    private func isOfWorld(_ line: String) -> Bool {
        ["fault: ", "healed: ", "  server ", "all faults end"].contains(where: line.contains)
    }

    /// Whether a word may be the beginning of an identifier, which need not be known any more.
    private static func isShortName(_ word: Substring) -> Bool {
        word.utf8.count == 8 && word.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
    }

    private static func words(of line: String) -> [Substring] {
        line.split { !($0 == "-" || $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber))) }
    }
}

extension Allocation {
    /// How it stands, in a few words.
    var standing: String {
        let health = health.map { $0.isHealthy ? "well" : "unwell" } ?? "not judged"
        let wishes = [isCanary ? "canary" : nil, wish.map { "\($0)" }, next.map { "before \($0.short)" }]
        let rest = ([nodeName, health] + wishes.compactMap { $0 }).joined(separator: ", ")
        return "\(name) \(id.short) v\(jobVersion) \(desired.rawValue)/\(client.rawValue) (\(rest))"
    }
}
