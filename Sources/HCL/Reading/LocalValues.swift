/// The values of `locals` blocks, each computed after those that it refers to.
struct LocalValues {
    private let session: EvaluationSession
    private var locals: [Attribute] = []
    private var indexes: [String: Int] = [:]
    /// For each local, those that it refers to and those that refer to it.
    private var needs: [[Int]] = []
    private var needed: [[Int]] = []
    /// Locals whose mistake is already reported.
    private var failed: Set<Int> = []

    init(_ blocks: [Block], _ session: EvaluationSession) {
        self.session = session
        for block in blocks {
            if let label = block.labels.first { session.fail("locals have no label", at: label.range) }
            for inner in block.body.blocks {
                session.fail("locals hold attributes, not blocks", at: inner.headerRange)
            }
            for attribute in block.body.attributes { add(attribute) }
        }
        needs = Array(repeating: [], count: locals.count)
        needed = needs
        for index in locals.indices { connect(index) }
    }

    private mutating func add(_ attribute: Attribute) {
        if let first = indexes[attribute.name] {
            session.fail(
                "\"local.\(attribute.name)\" is set twice",
                detail: "It was set before on line \(locals[first].nameRange.line).", at: attribute.nameRange)
            return
        }
        indexes[attribute.name] = locals.count
        locals.append(attribute)
    }

    private mutating func connect(_ index: Int) {
        var finder = ReferenceFinder(root: "local")
        finder.visit(locals[index].expression)
        var seen: Set<Int> = []
        for (name, range) in finder.found {
            if let other = name.flatMap({ indexes[$0] }) {
                guard seen.insert(other).inserted else { continue }
                needs[index].append(other)
                needed[other].append(index)
                continue
            }
            failed.insert(index)
            guard let name else {
                session.fail("name the local value that is meant: local.name", at: range)
                continue
            }
            let nearest = Suggestion.nearest(to: name, among: locals.map(\.name))
            session.fail("there is no \"local.\(name)\"", at: range, suggestion: nearest.map { "\"local.\($0)\"" })
        }
    }

    /// Adds `local` to a context.
    func evaluate(into context: inout EvaluationContext) {
        var values = [Value?](repeating: nil, count: locals.count)
        var open = needs.map(\.count)
        var ready = locals.indices.filter { open[$0] == 0 }[...]
        while let index = ready.popFirst() {
            values[index] = failed.contains(index) ? nil : value(of: index, values, context)
            if values[index] == nil { context.unavailable["local", default: []].insert(locals[index].name) }
            for other in needed[index] {
                open[other] -= 1
                if open[other] == 0 { ready.append(other) }
            }
        }
        reportCircles(open)
        var object = ObjectValue()
        for (index, local) in locals.enumerated() {
            if open[index] > 0 { context.unavailable["local", default: []].insert(local.name) }
            if let value = values[index] { object[local.name] = value }
        }
        context.variables["local"] = .object(object)
    }

    /// Only what the local refers to is put in its context, so that thousands of locals cost no more than they must.
    private func value(of index: Int, _ values: [Value?], _ context: EvaluationContext) -> Value? {
        var object = ObjectValue()
        for other in needs[index] {
            if let value = values[other] { object[locals[other].name] = value }
        }
        var inner = context
        inner.variables["local"] = .object(object)
        return session.evaluate(locals[index].expression, in: inner)
    }

    /// Reports each circle once, at the local in it that was met first.
    private func reportCircles(_ open: [Int]) {
        var visit = [Int](repeating: 0, count: locals.count)
        for start in locals.indices where open[start] > 0 && visit[start] == 0 {
            var path: [Int] = []
            var index = start
            // A local that is still open needs another one that is open, so that the walk ends in a circle.
            while visit[index] == 0 {
                visit[index] = start + 1
                path.append(index)
                index = needs[index].first { open[$0] > 0 } ?? index
            }
            guard visit[index] == start + 1, let first = path.firstIndex(of: index) else { continue }
            let names = (path[first...] + [index]).prefix(9).map { "local.\(locals[$0].name)" }
            session.fail(
                "\"local.\(locals[index].name)\" depends on itself", detail: names.joined(separator: " → ") + ".",
                at: locals[index].nameRange)
        }
    }
}
