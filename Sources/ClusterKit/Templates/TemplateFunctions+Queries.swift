extension TemplateFunctions {
    static let queries: [String: Entry] = [
        "secret": Entry(asking: 1...most, secret),
        "secrets": Entry(asking: 1...1, secrets),
        "key": Entry(asking: 1...1, key),
        "keyExists": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .bool(answers.value(of: .key(try keyName(arguments)), optional: true) != nil)
        },
        "keyOrDefault": Entry(asking: 2...2) { arguments, answers throws(TemplateFault) in
            answers.value(of: .key(try keyName(arguments)), optional: true) ?? arguments[1]
        },
        "ls": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .list(try pairs(arguments, &answers, deep: false))
        },
        "safeLs": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .list(try pairs(arguments, &answers, deep: false, isSafe: true))
        },
        "tree": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .list(try pairs(arguments, &answers, deep: true))
        },
        "safeTree": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .list(try pairs(arguments, &answers, deep: true, isSafe: true))
        },
        "service": Entry(asking: 1...2, service),
        "nomadService": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            let name = try arguments.text(0)
            guard !name.isEmpty else { throw TemplateFault("a service must be named") }
            return instances(.service(name: name, tag: nil, health: TemplateQuery.offered), &answers)
        },
        "services": Entry(asking: 0...0) { _, answers throws(TemplateFault) in services(&answers) },
        "nomadServices": Entry(asking: 0...0) { _, answers throws(TemplateFault) in services(&answers) },
        "env": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            .text(answers.environment[try arguments.text(0)] ?? "")
        },
        "envOrDefault": Entry(asking: 2...2) { arguments, answers throws(TemplateFault) in
            let value = answers.environment[try arguments.text(0)] ?? ""
            return .text(value.isEmpty ? try arguments.text(1) : value)
        },
        "mustEnv": Entry(asking: 1...1) { arguments, answers throws(TemplateFault) in
            let name = try arguments.text(0)
            guard let value = answers.environment[name] else {
                let shown = arguments.shown(0, or: "of the name that is computed here")
                throw TemplateFault("the task's environment has no variable \(shown)")
            }
            return .text(value)
        },
    ]

    // MARK: - Secrets

    private static func secret(
        _ arguments: TemplateArguments, _ answers: inout TemplateAnswers
    ) throws(TemplateFault) -> TemplateDatum {
        guard arguments.count == 1 else {
            throw TemplateFault("takes one path; a template cannot write secrets")
        }
        var text = try arguments.text(0)
        var version: Int?
        if let mark = text.lastIndex(of: "?") {
            let option = text[text.index(after: mark)...]
            guard option.hasPrefix("version="), let number = Int(option.dropFirst(8)), number >= 0 else {
                throw TemplateFault("after ? only version=NUMBER can stand")
            }
            version = number == 0 ? nil : number
            text = String(text[..<mark])
        }
        let path = try secretPath(text, below: "data")
        guard !path.path.isEmpty else {
            throw TemplateFault("a secret's path is MOUNT/data/PATH, \"secret/data/db\" for example")
        }
        guard let value = answers.value(of: .secret(path, version: version)) else { return .nothing }
        return .object(
            "a secret",
            [
                "Data": value, "LeaseID": .text(""), "LeaseDuration": .integer(0), "Renewable": .bool(false),
                "RequestID": .text(""), "Warnings": .list([]),
            ])
    }

    private static func secrets(
        _ arguments: TemplateArguments, _ answers: inout TemplateAnswers
    ) throws(TemplateFault) -> TemplateDatum {
        let path = try secretPath(try arguments.text(0), below: "metadata")
        return answers.value(of: .secretList(path), optional: true) ?? .list([])
    }

    /// Takes `secret/data/db` and `secret/db` for the same, as consul-template does.
    private static func secretPath(_ text: String, below step: String) throws(TemplateFault) -> SecretPath {
        var steps = text.split(separator: "/")
        guard !steps.isEmpty, text.utf8.count <= 1024, !text.utf8.contains(0) else {
            throw TemplateFault("the path of a secret must not be empty, longer than 1024 bytes, nor hold NUL")
        }
        let mount = String(steps.removeFirst())
        if steps.first == Substring(step) { steps.removeFirst() }
        return SecretPath(steps.joined(separator: "/"), mount: mount)
    }

    // MARK: - Keys

    private static func keyName(_ arguments: TemplateArguments) throws(TemplateFault) -> String {
        let name = try arguments.text(0)
        let key = String(name.drop { $0 == "/" })
        guard !key.isEmpty, key.utf8.count <= 1024 else {
            throw TemplateFault("a key must not be empty nor longer than 1024 bytes")
        }
        return key
    }

    private static func key(
        _ arguments: TemplateArguments, _ answers: inout TemplateAnswers
    ) throws(TemplateFault) -> TemplateDatum {
        answers.value(of: .key(try keyName(arguments))) ?? .text("")
    }

    /// Keys below a prefix: all, or those without a further `/`.
    private static func pairs(
        _ arguments: TemplateArguments, _ answers: inout TemplateAnswers, deep: Bool, isSafe: Bool = false
    ) throws(TemplateFault) -> [TemplateDatum] {
        var prefix = String(try arguments.text(0).drop { $0 == "/" })
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        let query = TemplateQuery.keys(prefix: prefix)
        guard case .list(let found)? = answers.value(of: query) else { return [] }
        var pairs: [TemplateDatum] = []
        for case .list(let pair) in found {
            guard case .text(let path)? = pair.first, let value = pair.last, path.hasPrefix(prefix) else { continue }
            let key = String(path.dropFirst(prefix.count))
            // What ends in / is a folder, not a value.
            guard !key.isEmpty, !key.hasSuffix("/"), deep || !key.contains("/") else { continue }
            pairs.append(.object("a key", ["Path": .text(path), "Key": .text(key), "Value": value]))
        }
        if isSafe, pairs.isEmpty { answers.hold(for: query) }
        return pairs
    }

    // MARK: - Services

    private static func service(
        _ arguments: TemplateArguments, _ answers: inout TemplateAnswers
    ) throws(TemplateFault) -> TemplateDatum {
        let parts = try arguments.text(0).split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 2 && arguments.count == 1 else {
            throw TemplateFault("a service has one filter: \"name|passing\"")
        }
        let stated = parts.count == 2 ? String(parts[1]) : arguments.count == 2 ? try arguments.text(1) : nil
        let health = try stated.map { text throws(TemplateFault) in try healths(text) } ?? TemplateQuery.offered
        var name = parts.first.map(String.init) ?? ""
        var tag: String?
        // Names hold no dots, tags may: the name is what stands behind the last one.
        if let dot = name.lastIndex(of: ".") {
            tag = String(name[..<dot])
            name = String(name[name.index(after: dot)...])
        }
        guard !name.isEmpty, tag?.isEmpty != true, !name.contains("@") else {
            throw TemplateFault("a service is named \"name\" or \"tag.name\"")
        }
        return instances(.service(name: name, tag: tag, health: health), &answers)
    }

    private static func healths(_ text: String) throws(TemplateFault) -> [CheckHealth] {
        if text == "any" { return [.passing, .warning, .critical] }
        var healths: [CheckHealth] = []
        for word in text.split(separator: ",") {
            guard let health = CheckHealth(rawValue: String(word)) else {
                throw TemplateFault("the filter of a service is any, or some of passing, warning, critical")
            }
            if !healths.contains(health) { healths.append(health) }
        }
        guard !healths.isEmpty else { throw TemplateFault("the filter of a service is empty") }
        return healths.sorted(by: >)
    }

    private static func instances(_ query: TemplateQuery, _ answers: inout TemplateAnswers) -> TemplateDatum {
        objects("an instance of a service", answers.value(of: query, optional: true))
    }

    private static func services(_ answers: inout TemplateAnswers) -> TemplateDatum {
        objects("a service", answers.value(of: .services, optional: true))
    }

    private static func objects(_ kind: String, _ value: TemplateDatum?) -> TemplateDatum {
        guard case .list(let elements)? = value else { return .list([]) }
        return .list(
            elements.map { element in
                if case .map(let fields) = element { .object(kind, fields) } else { element }
            })
    }
}
