/// Which words of a job's `meta` a task reads, as far as its statement tells.
///
/// All of them stand in its environment, but a program keeps the environment that it began with: a word that it does
/// not read is no reason to end it. What counts as reading, on the side of caution:
/// - `NOMAD_META_key`, in either spelling, in its `config`, `env` or templates. What begins with the name counts as
///   well: in a shell, `$NOMAD_META_key.txt` reads `key`.
/// - `NOMAD_META_` with nothing that could be a name behind it, for the name is put together there; and the words
///   `env`, `printenv` and `environ`: these read all.
///
/// What a program does inside is not seen. One that reads a word by itself says so in its `env` block.
enum MetaReading {
    private static let prefix = "NOMAD_META_"
    /// Words that ask for the environment as a whole.
    private static let sweeping: Set<String> = ["env", "printenv", "environ"]

    /// The keys among `keys` that `task` reads.
    static func keys(among keys: Set<String>, readBy task: TaskSpec) -> Set<String> {
        guard !keys.isEmpty else { return [] }
        var texts = Array(task.environment.values)
        for value in task.config.values { collect(value, into: &texts) }
        var read: Set<String> = []
        for text in texts where mentions(sweeping, in: text) { read = keys }
        for template in task.templates { texts += [template.data, template.destination] }
        let names = texts.flatMap(names)
        for key in keys.subtracting(read) {
            let spellings = [clean(key), clean(key.uppercased())]
            if names.contains(where: { name in name.isEmpty || spellings.contains { name.hasPrefix($0) } }) {
                read.insert(key)
            }
        }
        return read
    }

    private static func collect(_ value: ConfigValue, into texts: inout [String]) {
        switch value {
        case .string(let text): texts.append(text)
        case .list(let values): for value in values { collect(value, into: &texts) }
        case .object(let fields): for value in fields.values { collect(value, into: &texts) }
        default: break
        }
    }

    /// What stands behind each `NOMAD_META_`, as far as it could be a name.
    private static func names(in text: String) -> [String] {
        let (bytes, prefix) = (Array(text.utf8), Array(prefix.utf8))
        var names: [String] = []
        var place = 0
        while place + prefix.count <= bytes.count {
            guard bytes[place] == prefix[0], bytes[place..<place + prefix.count].elementsEqual(prefix) else {
                place += 1
                continue
            }
            let name = bytes[(place + prefix.count)...].prefix(while: isNamed)
            names.append(String(decoding: name, as: UTF8.self))
            place += prefix.count + name.count
        }
        return names
    }

    private static func mentions(_ words: Set<String>, in text: String) -> Bool {
        text.utf8.split(whereSeparator: { !isNamed($0) || $0 == UInt8(ascii: ".") })
            .contains { words.contains(String(decoding: $0, as: UTF8.self)) }
    }

    private static func clean(_ name: String) -> String {
        String(decoding: name.utf8.map { isNamed($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    /// What may stand in the name of a variable, as `TaskEnvironment` makes them.
    private static func isNamed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension TaskSpec {
    /// Whether the words that the task reads differ.
    static func readsOtherMeta(
        _ old: (task: TaskSpec, meta: [String: String]), _ new: (task: TaskSpec, meta: [String: String])
    ) -> Bool {
        guard old.meta != new.meta else { return false }
        let changed = Set(old.meta.keys).union(new.meta.keys).filter { old.meta[$0] != new.meta[$0] }
        return !MetaReading.keys(among: changed, readBy: old.task).isEmpty
            || !MetaReading.keys(among: changed, readBy: new.task).isEmpty
    }
}
