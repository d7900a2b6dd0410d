/// Renders the nodes of a template within a budget, so that no template runs for long, grows without end, or exhausts
/// the stack.
struct TemplateEvaluator {
    /// One step is a node, an operand or a call; long values count for one more in each 64 bytes.
    private static let mostSteps = 1_000_000
    private static let deepest = 160

    let template: Template
    var answers: TemplateAnswers
    let failsOnMissingKey: Bool
    private var output = TemplateOutput()
    private var steps = 0
    private var depth = 0
    /// Whether the budget is used up: what is still missing cannot help then.
    private(set) var isExhausted = false
    private var variables: [(name: String, value: TemplateDatum)] = [("$", .nothing)]

    /// What one command gives to the next.
    private struct Piped {
        var value: TemplateDatum
        /// Whether it stands in the template as it is.
        var isLiteral: Bool
    }

    /// How a list of nodes ended.
    private enum Flow { case on, breakLoop, continueLoop }

    init(_ template: Template, _ answers: TemplateAnswers, failsOnMissingKey: Bool) {
        self.template = template
        self.answers = answers
        self.failsOnMissingKey = failsOnMissingKey
    }

    mutating func render() throws(TemplateError) -> String {
        _ = try run(template.nodes, dot: .nothing)
        return output.text
    }

    // MARK: - Budget

    private func error(_ message: String, at offset: Int) -> TemplateError {
        template.source.error(message, at: offset)
    }

    private mutating func spend(_ count: Int, at offset: Int) throws(TemplateError) {
        steps += count
        guard steps > Self.mostSteps else { return }
        isExhausted = true
        throw error("rendering takes more than \(Self.mostSteps) steps; make the template do less", at: offset)
    }

    private mutating func descend(at offset: Int) throws(TemplateError) {
        depth += 1
        guard depth > Self.deepest else { return }
        isExhausted = true
        throw error("templates, blocks and parentheses are nested more than \(Self.deepest) deep", at: offset)
    }

    // MARK: - Nodes

    private mutating func run(_ nodes: [TemplateNode], dot: TemplateDatum) throws(TemplateError) -> Flow {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        for node in nodes {
            switch node {
            case .text(let text):
                try spend(1, at: 0)
                try write(at: 0) { output throws(TemplateFault) in try output.append(text) }
            case .action(let pipeline):
                let value = try evaluate(pipeline, dot)
                if pipeline.variables.isEmpty {
                    try write(at: pipeline.offset) { output throws(TemplateFault) in try output.print(value) }
                } else {
                    bind(pipeline, [value])
                }
            case .branch(let branch):
                let flow = try run(branch, dot)
                if flow != .on { return flow }
            case .template(let name, let pipeline, let offset): try call(name, pipeline, dot, at: offset)
            case .breakLoop: return .breakLoop
            case .continueLoop: return .continueLoop
            }
        }
        return .on
    }

    private mutating func write(
        at offset: Int, _ body: (inout TemplateOutput) throws(TemplateFault) -> Void
    ) throws(TemplateError) {
        do throws(TemplateFault) {
            try body(&output)
        } catch {
            isExhausted = true
            throw self.error(error.message, at: offset)
        }
    }

    private mutating func call(
        _ name: String, _ pipeline: TemplatePipeline?, _ dot: TemplateDatum, at offset: Int
    ) throws(TemplateError) {
        guard let body = template.definitions[name] else {
            throw error("no template is defined by the name that is used here", at: offset)
        }
        var value = TemplateDatum.nothing
        if let pipeline { value = try evaluate(pipeline, dot) }
        try descend(at: offset)
        let outer = variables
        // Also when it fails: whoever is around counts its variables.
        defer {
            variables = outer
            depth -= 1
        }
        variables = [("$", value)]
        _ = try run(body, dot: value)
    }

    private mutating func run(_ branch: TemplateBranch, _ dot: TemplateDatum) throws(TemplateError) -> Flow {
        try descend(at: branch.pipeline.offset)
        let known = variables.count
        defer {
            variables.removeLast(variables.count - known)
            depth -= 1
        }
        let value = try evaluate(branch.pipeline, dot)
        if branch.kind == .range { return try loop(branch, over: value, dot) }
        bind(branch.pipeline, [value])
        guard value.isTrue else { return try run(branch.otherwise, dot: dot) }
        return try run(branch.body, dot: branch.kind == .with ? value : dot)
    }

    private mutating func loop(
        _ branch: TemplateBranch, over value: TemplateDatum, _ dot: TemplateDatum
    ) throws(TemplateError) -> Flow {
        let elements: [(TemplateDatum, TemplateDatum)]
        switch value {
        case .nothing: elements = []
        case .list(let list): elements = list.enumerated().map { (.integer($0), $1) }
        case .map(let map): elements = map.keys.sorted().map { (.text($0), map[$0] ?? .nothing) }
        case .integer(let count):
            let most = 100_000
            guard count <= most else { throw error("a range of more than \(most)", at: branch.pipeline.offset) }
            elements = (0..<max(0, count)).map { (.integer($0), .integer($0)) }
        case .bool, .double, .text, .object:
            throw error("range goes over lists and maps, not over \(value.kindName)", at: branch.pipeline.offset)
        }
        if elements.isEmpty { return try run(branch.otherwise, dot: dot) }
        let known = variables.count
        for (key, element) in elements {
            try spend(1, at: branch.pipeline.offset)
            variables.removeLast(variables.count - known)
            bind(branch.pipeline, branch.pipeline.variables.count > 1 ? [key, element] : [element])
            if try run(branch.body, dot: element) == .breakLoop { break }
        }
        return .on
    }

    private mutating func bind(_ pipeline: TemplatePipeline, _ values: [TemplateDatum]) {
        for (name, value) in zip(pipeline.variables, values) {
            if !pipeline.isAssignment {
                variables.append((name, value))
            } else if let index = variables.lastIndex(where: { $0.name == name }) {
                variables[index].value = value
            }
        }
    }

    // MARK: - Values

    private mutating func evaluate(
        _ pipeline: TemplatePipeline, _ dot: TemplateDatum
    ) throws(TemplateError) -> TemplateDatum {
        try descend(at: pipeline.offset)
        defer { depth -= 1 }
        var value: Piped?
        for command in pipeline.commands {
            guard let first = command.operands.first else { continue }
            if case .function(let name) = first.kind {
                value = Piped(value: try call(name, command, piped: value, dot), isLiteral: false)
            } else {
                value = Piped(value: try evaluate(first, dot), isLiteral: first.isLiteral)
            }
        }
        return value?.value ?? .nothing
    }

    private mutating func call(
        _ name: String, _ command: TemplateCommand, piped: Piped?, _ dot: TemplateDatum
    ) throws(TemplateError) -> TemplateDatum {
        let offset = command.operands.first?.offset ?? 0
        let operands = command.operands.dropFirst()
        if name == "and" || name == "or" {
            return try choose(untilTrue: name == "or", operands, piped: piped, dot, at: offset)
        }
        var arguments = TemplateArguments(values: [])
        for operand in operands { arguments.append(try evaluate(operand, dot), isLiteral: operand.isLiteral) }
        if let piped { arguments.append(piped.value, isLiteral: piped.isLiteral) }
        try spend(1 + arguments.values.reduce(0) { $0 + $1.weight } / 64, at: offset)
        var left = Self.mostSteps - steps
        do throws(TemplateFault) {
            let result = try TemplateFunctions.call(name, arguments, &answers, steps: &left)
            steps = Self.mostSteps - left + result.weight / 64
            return result
        } catch {
            if left < 0 { try spend(Self.mostSteps + 1, at: offset) }
            throw self.error("\(name): \(error.message)", at: offset)
        }
    }

    /// `and` and `or` look at no more operands than they need.
    private mutating func choose(
        untilTrue: Bool, _ operands: ArraySlice<TemplateOperand>, piped: Piped?, _ dot: TemplateDatum,
        at offset: Int
    ) throws(TemplateError) -> TemplateDatum {
        var last: TemplateDatum?
        for operand in operands {
            let value = try evaluate(operand, dot)
            if value.isTrue == untilTrue { return value }
            last = value
        }
        guard let value = piped?.value ?? last else { throw error("and, or: at least one value is needed", at: offset) }
        return value
    }

    private mutating func evaluate(
        _ operand: TemplateOperand, _ dot: TemplateDatum
    ) throws(TemplateError) -> TemplateDatum {
        try spend(1 + operand.fields.count, at: operand.offset)
        var value: TemplateDatum
        switch operand.kind {
        case .dot: value = dot
        case .variable(let name): value = variables.last { $0.name == name }?.value ?? .nothing
        case .literal(let literal): value = literal
        case .function(let name):
            value = try call(name, TemplateCommand(operands: [operand]), piped: nil, dot)
        case .pipeline(let pipeline): value = try evaluate(pipeline, dot)
        }
        for field in operand.fields { value = try follow(field, of: value, at: operand.offset) }
        return value
    }

    private func follow(
        _ field: String, of value: TemplateDatum, at offset: Int
    ) throws(TemplateError) -> TemplateDatum {
        switch value {
        case .map(let values):
            if let value = values[field] { return value }
            if failsOnMissingKey { throw error("the map has no \"\(field)\"; see error_on_missing_key", at: offset) }
            return .nothing
        case .object(let name, let fields):
            if let value = fields[field] { return value }
            let known = fields.keys.sorted().joined(separator: ", ")
            throw error("\(name) has no field \(field); it has \(known)", at: offset)
        case .nothing:
            if failsOnMissingKey { throw error("there is nothing here that could have a field \(field)", at: offset) }
            return .nothing
        case .bool, .integer, .double, .text, .list:
            throw error("\(value.kindName) has no field \(field)", at: offset)
        }
    }
}
