/// Finds all references of an expression that begin with one name.
struct ReferenceFinder {
    let root: String
    /// The second name of each reference, with the place; nil if there is none.
    private(set) var found: [(name: String?, range: SourceRange)] = []

    init(root: String) { self.root = root }

    mutating func visit(_ expression: Expression) {
        switch expression.kind {
        case .literal: break
        case .variable(let name):
            if name == root { found.append((nil, expression.range)) }
        case .template(let parts): visit(parts)
        case .tuple(let elements): elements.forEach { visit($0) }
        case .object(let items):
            for item in items {
                visit(item.key)
                visit(item.value)
            }
        case .unary(_, let operand): visit(operand)
        case .operation(let first, let operands):
            visit(first)
            operands.forEach { visit($0.expression) }
        case .conditional(let condition, let yes, let no):
            visit(condition)
            visit(yes)
            visit(no)
        case .call(let call): call.arguments.forEach { visit($0) }
        case .access(let base, let steps): visit(base, steps)
        case .comprehension(let comprehension): visit(comprehension)
        }
    }

    private mutating func visit(_ base: Expression, _ steps: [AccessStep]) {
        var rest = steps[...]
        if case .variable(root) = base.kind, let name = rest.first?.literalName {
            found.append((name, base.range.through(steps[0].range)))
            rest = rest.dropFirst()
        } else {
            visit(base)
        }
        for step in rest {
            if case .index(let index) = step.kind { visit(index) }
        }
    }

    private mutating func visit(_ comprehension: Comprehension) {
        visit(comprehension.collection)
        if let condition = comprehension.condition { visit(condition) }
        switch comprehension.product {
        case .list(let element): visit(element)
        case .object(let key, let value, _):
            visit(key)
            visit(value)
        }
    }

    private mutating func visit(_ parts: [TemplatePart]) {
        for part in parts {
            switch part {
            case .text: break
            case .interpolation(let expression, _): visit(expression)
            case .conditional(let condition, let yes, let no):
                visit(condition)
                visit(yes)
                visit(no)
            case .loop(_, _, let collection, let body):
                visit(collection)
                visit(body)
            }
        }
    }
}

extension AccessStep {
    /// The name of `.name` or `["name"]`.
    fileprivate var literalName: String? {
        switch kind {
        case .attribute(let name): return name
        case .index(let index):
            if case .literal(.string(let name)) = index.kind { return name }
            return nil
        case .splat, .attributeSplat: return nil
        }
    }
}
