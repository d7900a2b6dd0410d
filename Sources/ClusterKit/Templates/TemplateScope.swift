/// What some templates can ask for, as far as their text says it: so much a server tells a node, and no more.
///
/// A call whose path stands there literally, `secret "secret/data/db"` or `"app/color" | key`, can ask for that alone.
/// A path that is computed by `printf` can ask for what begins with the text before the first `%`; one that is computed
/// in any other way, for anything of its kind. What services there are is no secret: a computed name can be any.
struct TemplateScope: Sendable {
    private var queries: Set<TemplateQuery> = []
    /// What computed paths begin with.
    private var beginnings: Set<Beginning> = []

    /// The kinds of things that can be asked for.
    private enum Kind: Hashable {
        case secret, secretList, key, keys, service
    }

    private struct Beginning: Hashable {
        var kind: Kind
        var text: String
    }

    /// What is known of a value before anything is rendered.
    private enum Known {
        case exactly(TemplateDatum)
        case beginning(String)
    }

    private static let kinds: [String: Kind] = [
        "secret": .secret, "secrets": .secretList, "key": .key, "keyExists": .key, "keyOrDefault": .key, "ls": .keys,
        "safeLs": .keys, "tree": .keys, "safeTree": .keys, "service": .service, "nomadService": .service,
    ]

    /// Adds what a template can ask for.
    mutating func add(_ template: Template) {
        add(template.nodes)
        for nodes in template.definitions.values { add(nodes) }
    }

    /// Whether a template names this as it is, so that messages may name it too. What is computed may be computed from
    /// a secret.
    func states(_ query: TemplateQuery) -> Bool { queries.contains(query) }

    /// Whether any of the templates can ask for this.
    func allows(_ query: TemplateQuery) -> Bool {
        if queries.contains(query) { return true }
        let (kind, names): (Kind, [String])
        switch query {
        case .secret(let path, _): (kind, names) = (.secret, Self.names(of: path, "data"))
        // Whether a folder's name ends in / makes no difference.
        case .secretList(let path):
            (kind, names) = (.secretList, Self.names(of: path, "metadata").map { $0 + "/" })
        case .key(let key): (kind, names) = (.key, [key])
        case .keys(let prefix): (kind, names) = (.keys, [prefix])
        case .service(let name, _, _): (kind, names) = (.service, [name])
        case .services: return false
        }
        return beginnings.contains { beginning in
            beginning.kind == kind && names.contains { $0.utf8.starts(with: beginning.text.utf8) }
        }
    }

    /// The ways to write the path of a secret.
    private static func names(of path: SecretPath, _ step: String) -> [String] {
        ["\(path.mount)/\(step)/\(path.path)", "\(path.mount)/\(path.path)"]
    }

    // MARK: - Reading

    private mutating func add(_ nodes: [TemplateNode]) {
        for node in nodes {
            switch node {
            case .action(let pipeline): add(pipeline)
            case .branch(let branch):
                add(branch.pipeline)
                add(branch.body)
                add(branch.otherwise)
            case .template(_, let pipeline, _): if let pipeline { add(pipeline) }
            case .text, .breakLoop, .continueLoop: break
            }
        }
    }

    private mutating func add(_ pipeline: TemplatePipeline) {
        var given: Known?
        for command in pipeline.commands {
            for case .pipeline(let inner) in command.operands.map(\.kind) { add(inner) }
            if case .function(let name)? = command.operands.first?.kind {
                addCall(of: name, command.operands.dropFirst().map(Self.known) + [given].compactMap(\.self))
            }
            given = Self.known(command, given)
        }
    }

    /// Notes a call with what is known of its arguments.
    private mutating func addCall(of name: String, _ arguments: [Known]) {
        guard case .asking(let function)? = TemplateFunctions.table[name]?.body else { return }
        let values = arguments.map { if case .exactly(let value) = $0 { value } else { TemplateDatum.nothing } }
        if let kind = Self.kinds[name] {
            // A service's filter may be computed as well.
            let deciding = kind == .service ? arguments[...] : arguments.prefix(1)
            let beginning = deciding.lazy.compactMap { if case .beginning(let text) = $0 { text } else { nil } }.first
            if let beginning {
                beginnings.insert(Beginning(kind: kind, text: Self.cleaned(beginning, kind)))
                return
            }
        }
        // The function itself knows best what it asks for; one that fails here fails wherever it is rendered.
        var answers = TemplateAnswers(values: [:], environment: [:])
        _ = try? function(TemplateArguments(values: values), &answers)
        queries.formUnion(answers.used)
    }

    /// A beginning in the form that the functions give to whole paths.
    private static func cleaned(_ text: String, _ kind: Kind) -> String {
        switch kind {
        case .service: return ""
        case .key, .keys: return String(text.drop { $0 == "/" })
        case .secret, .secretList:
            // What stands behind a ? is no part of the path.
            let text = text.prefix { $0 != "?" }
            let steps = text.split(separator: "/").joined(separator: "/")
            return text.hasSuffix("/") && !steps.isEmpty ? steps + "/" : steps
        }
    }

    private static func known(_ operand: TemplateOperand) -> Known {
        switch operand.kind {
        case .literal(let value): .exactly(value)
        case .pipeline(let pipeline) where operand.fields.isEmpty:
            pipeline.commands.reduce(nil) { known($1, $0) } ?? .beginning("")
        default: .beginning("")
        }
    }

    /// What is known of what a command gives.
    private static func known(_ command: TemplateCommand, _ given: Known?) -> Known {
        guard let first = command.operands.first else { return .beginning("") }
        guard case .function("printf") = first.kind else {
            return command.operands.count == 1 ? known(first) : .beginning("")
        }
        let format = command.operands.count > 1 ? known(command.operands[1]) : given
        guard case .exactly(.text(let text))? = format else { return .beginning("") }
        return .beginning(String(text.prefix { $0 != "%" }))
    }
}
