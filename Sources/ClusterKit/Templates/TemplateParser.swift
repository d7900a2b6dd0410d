/// Reads the segments of a template. Every function and variable is known before anything is rendered.
struct TemplateParser {
    /// Deeper nesting of blocks and parentheses is refused.
    static let deepest = 64

    let source: TemplateText
    private let segments: [TemplateSegment]
    private var next = 0
    private var depth = 0
    private var loops = 0
    var variables = ["$"]
    private(set) var definitions: [String: [TemplateNode]] = [:]

    init(_ source: TemplateText, _ segments: [TemplateSegment]) {
        self.source = source
        self.segments = segments
    }

    /// What ended a list of nodes.
    private enum Ending {
        case endOfText
        case end
        case otherwise(TemplateActionReader)
    }

    mutating func parse() throws(TemplateError) -> [TemplateNode] {
        let (nodes, ending, offset) = try list()
        switch ending {
        case .endOfText: return nodes
        case .end: throw source.error("\"end\" closes nothing; remove it", at: offset)
        case .otherwise: throw source.error("\"else\" belongs to no if, with or range", at: offset)
        }
    }

    private mutating func list() throws(TemplateError) -> ([TemplateNode], Ending, Int) {
        var nodes: [TemplateNode] = []
        while next < segments.count {
            let segment = segments[next]
            next += 1
            switch segment {
            case .text(let text): nodes.append(.text(text))
            case .action(let tokens, let offset):
                var reader = TemplateActionReader(tokens, source, offset)
                switch reader.keyword {
                case "end":
                    reader.skip()
                    try reader.finish("end")
                    return (nodes, .end, offset)
                case "else":
                    reader.skip()
                    return (nodes, .otherwise(reader), offset)
                default: if let node = try action(&reader) { nodes.append(node) }
                }
            }
        }
        return (nodes, .endOfText, source.bytes.count)
    }

    private mutating func action(_ reader: inout TemplateActionReader) throws(TemplateError) -> TemplateNode? {
        if reader.isAtEnd {
            throw source.error("an empty action; write what it shall render, or remove it", at: reader.offset)
        }
        switch reader.keyword {
        case "if": return .branch(try branch(.condition, &reader))
        case "with": return .branch(try branch(.with, &reader))
        case "range": return .branch(try branch(.range, &reader))
        case "define":
            _ = try define(&reader, "define")
            return nil
        case "block": return try block(&reader)
        case "template": return try template(&reader)
        case "break", "continue": return try leave(&reader)
        default:
            let pipeline = try reader.pipeline(&variables)
            try reader.finish("the pipeline")
            return .action(pipeline)
        }
    }

    private mutating func leave(_ reader: inout TemplateActionReader) throws(TemplateError) -> TemplateNode {
        let word = reader.keyword ?? ""
        reader.skip()
        try reader.finish(word)
        guard loops > 0 else { throw source.error("\"\(word)\" stands in no range", at: reader.offset) }
        return word == "break" ? .breakLoop : .continueLoop
    }

    // MARK: - Blocks

    private mutating func enter(_ offset: Int) throws(TemplateError) {
        depth += 1
        guard depth <= Self.deepest else {
            throw source.error("blocks are nested more than \(Self.deepest) deep", at: offset)
        }
    }

    private mutating func branch(
        _ kind: TemplateBranch.Kind, _ reader: inout TemplateActionReader
    ) throws(TemplateError) -> TemplateBranch {
        try enter(reader.offset)
        let known = variables.count
        reader.skip()
        let pipeline = try reader.pipeline(&variables, inRange: kind == .range)
        try reader.finish("the pipeline")
        if kind == .range { loops += 1 }
        var (body, ending, _) = try list()
        if kind == .range { loops -= 1 }
        var otherwise: [TemplateNode] = []
        if case .otherwise(var rest) = ending {
            // A variable of the pipeline is still known here; those of the first list are not.
            let kept = known + (pipeline.isAssignment ? 0 : pipeline.variables.count)
            variables.removeLast(variables.count - kept)
            (otherwise, ending) = try alternative(kind, &rest)
        }
        guard case .end = ending else {
            throw source.error("this \"\(kind.rawValue)\" has no \"end\"", at: reader.offset)
        }
        variables.removeLast(variables.count - known)
        depth -= 1
        return TemplateBranch(kind: kind, pipeline: pipeline, body: body, otherwise: otherwise)
    }

    /// What follows an `else`: another condition, which the same `end` closes, or a list.
    private mutating func alternative(
        _ kind: TemplateBranch.Kind, _ reader: inout TemplateActionReader
    ) throws(TemplateError) -> ([TemplateNode], Ending) {
        if kind != .range, reader.keyword == kind.rawValue {
            return ([.branch(try branch(kind, &reader))], .end)
        }
        try reader.finish("else")
        let (nodes, ending, offset) = try list()
        if case .otherwise = ending { throw source.error("a second \"else\"; remove one", at: offset) }
        return (nodes, ending)
    }

    private mutating func define(
        _ reader: inout TemplateActionReader, _ word: String
    ) throws(TemplateError) -> (String, TemplatePipeline?) {
        let offset = reader.offset
        try enter(offset)
        reader.skip()
        let name = try reader.name(after: word)
        let pipeline = word == "block" ? try reader.pipeline(&variables) : nil
        try reader.finish("the name")
        let outer = (variables, loops)
        variables = ["$"]
        loops = 0
        let (body, ending, _) = try list()
        guard case .end = ending else { throw source.error("this \"\(word)\" has no \"end\"", at: offset) }
        (variables, loops) = outer
        guard definitions.updateValue(body, forKey: name) == nil else {
            throw source.error("a template of this name is defined twice", at: offset)
        }
        depth -= 1
        return (name, pipeline)
    }

    private mutating func block(_ reader: inout TemplateActionReader) throws(TemplateError) -> TemplateNode {
        let offset = reader.offset
        let (name, pipeline) = try define(&reader, "block")
        return .template(name, pipeline, offset: offset)
    }

    private mutating func template(_ reader: inout TemplateActionReader) throws(TemplateError) -> TemplateNode {
        reader.skip()
        let name = try reader.name(after: "template")
        let pipeline = reader.isAtEnd ? nil : try reader.pipeline(&variables)
        try reader.finish("the pipeline")
        return .template(name, pipeline, offset: reader.offset)
    }
}
