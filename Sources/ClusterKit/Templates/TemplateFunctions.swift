/// The functions that a template may call: this table and no others.
///
/// All are pure, but for those that ask for what the servers keep; and even those only note what they asked for.
enum TemplateFunctions {
    typealias Pure = @Sendable (TemplateArguments) throws(TemplateFault) -> TemplateDatum
    /// Takes its steps from those that are left; below zero, rendering ends.
    typealias Metered = @Sendable (TemplateArguments, inout Int) throws(TemplateFault) -> TemplateDatum
    typealias Asking = @Sendable (TemplateArguments, inout TemplateAnswers) throws(TemplateFault) -> TemplateDatum

    struct Entry: Sendable {
        enum Body: Sendable {
            case pure(Pure)
            /// Pure, but its work does not follow from the size of what it is given.
            case metered(Metered)
            case asking(Asking)
            /// The evaluator's own: not all operands are looked at.
            case choice
        }

        /// How many arguments it takes.
        var count: ClosedRange<Int>
        var body: Body

        init(_ count: ClosedRange<Int>, _ body: @escaping Pure) {
            self.count = count
            self.body = .pure(body)
        }

        init(metered count: ClosedRange<Int>, _ body: @escaping Metered) {
            self.count = count
            self.body = .metered(body)
        }

        init(asking count: ClosedRange<Int>, _ body: @escaping Asking) {
            self.count = count
            self.body = .asking(body)
        }

        init(choice: Void) {
            count = 1...most
            body = .choice
        }
    }

    /// As many arguments as anyone may state.
    static let most = 255

    static let table: [String: Entry] = [
        comparisons, texts, patterns, numbers, lists, encodings, queries,
        ["and": Entry(choice: ()), "or": Entry(choice: ())],
    ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    /// The names of all functions, sorted.
    static var names: [String] { table.keys.sorted() }

    /// Functions of Nomad, consul-template and Go that are refused, each with what to do instead.
    static let refused: [String: String] = [
        "plugin": "it runs a program; let the task run it",
        "executeTemplate": "it runs text as a template; use define and template",
        "writeToFile": "it writes where it likes; use a template block for each file",
        "file": "it reads the machine's files; keep the text in the job, under a key, or in a secret",
        "agent": "it tells about the agent; use the variables NOMAD_… by env",
        "timestamp": "the file would change at every look; let the task take the time",
        "html": "files of tasks are no pages; write what you need",
        "js": "files of tasks are no pages; write what you need",
        "urlquery": "files of tasks are no pages; write what you need",
        "call": "there are no functions as values",
        "expandenv": "use env for each variable",
        "getHostByName": "a template asks no name server; use service",
        "node": "ask for services instead",
        "nodes": "ask for services instead",
        "datacenters": "there is one cluster; use the variable NOMAD_DC by env",
        "connect": "there is no service mesh; use service",
        "caRoots": "there is no service mesh; keep certificates as secrets",
        "caLeaf": "there is no service mesh; keep certificates as secrets",
        "pkiCert": "certificates are not issued; keep them as secrets",
        "nomadVar": "use secret or key",
        "nomadVarList": "use secrets or ls",
    ]

    /// Why a name is no function; `nil` when it is one.
    static func mistake(inName name: String) -> String? {
        if table[name] != nil { return nil }
        let shown = name.quotedForDisplay
        if let reason = refused[name] { return "the function \(shown) is refused: \(reason)" }
        let near = names.filter { $0.lowercased() == name.lowercased() || $0.hasPrefix(name) }
        let advice = near.first.map { "did you mean \($0)?" } ?? "the functions are \(names.joined(separator: ", "))"
        return "there is no function \(shown); \(advice)"
    }

    static func call(
        _ name: String, _ arguments: TemplateArguments, _ answers: inout TemplateAnswers, steps: inout Int
    ) throws(TemplateFault) -> TemplateDatum {
        guard let entry = table[name] else { throw TemplateFault("there is no such function") }
        guard entry.count.contains(arguments.count) else {
            let (least, most) = (entry.count.lowerBound, entry.count.upperBound)
            let wanted =
                most == Self.most ? "at least \(least)" : least == most ? "\(least)" : "\(least) to \(most)"
            throw TemplateFault("takes \(wanted) arguments, is given \(arguments.count)")
        }
        switch entry.body {
        case .pure(let body): return try body(arguments)
        case .metered(let body): return try body(arguments, &steps)
        case .asking(let body): return try body(arguments, &answers)
        case .choice: return arguments.values.last ?? .nothing
        }
    }
}

/// What a function is given, with the types that it takes.
struct TemplateArguments {
    private(set) var values: [TemplateDatum]
    /// The places of those that stand in the template as they are. No message shows any other: it may be a secret.
    private var literals: Set<Int> = []

    init(values: [TemplateDatum]) { self.values = values }

    mutating func append(_ value: TemplateDatum, isLiteral: Bool) {
        if isLiteral { literals.insert(values.count) }
        values.append(value)
    }

    func isLiteral(_ index: Int) -> Bool { literals.contains(index) }

    /// How messages show an argument: itself when it is a literal, otherwise by `words`.
    func shown(_ index: Int, or words: String) -> String {
        switch self[index] {
        case .text(let text) where isLiteral(index): text.quotedForDisplay
        case .integer(let number) where isLiteral(index): "\(number)"
        default: words
        }
    }

    var count: Int { values.count }

    subscript(_ index: Int) -> TemplateDatum { index < values.count ? values[index] : .nothing }

    private func mismatch(_ index: Int, _ wanted: String) -> TemplateFault {
        TemplateFault("argument \(index + 1) must be \(wanted), is \(self[index].kindName)")
    }

    func text(_ index: Int) throws(TemplateFault) -> String {
        if case .text(let text) = self[index] { return text }
        throw mismatch(index, "a text")
    }

    func integer(_ index: Int) throws(TemplateFault) -> Int {
        if case .integer(let number) = self[index] { return number }
        throw mismatch(index, "a whole number")
    }

    func list(_ index: Int) throws(TemplateFault) -> [TemplateDatum] {
        switch self[index] {
        case .list(let list): return list
        case .nothing: return []
        default: throw mismatch(index, "a list")
        }
    }

    /// A list of texts; what is no text in it is printed.
    func texts(_ index: Int) throws(TemplateFault) -> [String] {
        var texts: [String] = []
        for value in try list(index) {
            if case .text(let text) = value {
                texts.append(text)
            } else {
                var output = TemplateOutput()
                try output.print(value)
                texts.append(output.text)
            }
        }
        return texts
    }
}
