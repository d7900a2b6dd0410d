/// Which names are taken. They become folder names, environment variables, parts of URLs and DNS names.
enum JobNames {
    /// Folders beside those of the tasks in an allocation's folder, and names that no file system takes.
    static let reservedTaskNames: Set<String> = ["alloc", ".", ".."]

    /// What is wrong with the name of a job, group, task or port; `nil` when it is fine.
    static func mistake(in name: String, allowing extra: String = "") -> String? {
        guard !name.isEmpty else { return "must not be empty" }
        guard name.utf8.count <= JobLimits.nameBytes else {
            return "is \(name.utf8.count) bytes long; at most \(JobLimits.nameBytes) are taken"
        }
        let strange = name.unicodeScalars.first { scalar in
            !isPlain(scalar) && !"-_.+@:~".unicodeScalars.contains(scalar) && !extra.unicodeScalars.contains(scalar)
        }
        guard let strange else { return nil }
        return "may hold ASCII letters, digits and -_.+@:~\(extra); holds \(String(strange).quotedForDisplay)"
    }

    /// What is wrong with a job's identifier: as other names, but parts may be divided by slashes.
    static func mistake(inJobID id: String) -> String? {
        if let mistake = mistake(in: id, allowing: "/") { return mistake }
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        let isStrange = parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        return isStrange ? "must have a name on both sides of each slash, and neither \".\" nor \"..\"" : nil
    }

    /// What is wrong with a task's name.
    static func mistake(inTask name: String) -> String? {
        if reservedTaskNames.contains(name.lowercased()) { return "\(name.quotedForDisplay) is a reserved name" }
        return mistake(in: name)
    }

    /// What is wrong with a service's name, once its `${…}` are replaced: it must be able to be a DNS label.
    static func mistake(inService name: String) -> String? {
        guard !name.isEmpty else { return "must not be empty" }
        guard name.utf8.count <= 63 else {
            return "becomes \(name.quotedForDisplay), longer than the 63 bytes that a DNS label may have"
        }
        guard name.unicodeScalars.allSatisfy({ isPlain($0) || $0 == "-" }), !name.hasPrefix("-"), !name.hasSuffix("-")
        else {
            return "becomes \(name.quotedForDisplay); a service's name may hold ASCII letters, digits and dashes inside"
        }
        return nil
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
