/// A block as it takes effect: as written, or made by `dynamic` with names of its own.
struct BlockInstance {
    var type: String
    var labels: [Block.Label]
    var headerRange: SourceRange
    var body: Body
    var context: EvaluationContext

    init(_ block: Block, in context: EvaluationContext) {
        type = block.type
        labels = block.labels
        headerRange = block.headerRange
        body = block.body
        self.context = context
    }
}

/// Turns `dynamic "type" { for_each = …, content { … } }` into as many blocks of that type as there are elements.
///
/// Within `content` (and `labels`), the name of the type, or that given as `iterator`, is an object with `key` and
/// `value` of the element.
struct DynamicBlock {
    private let reader: BodyReader
    private let block: Block
    private let type: Block.Label

    /// Nil if the block is not a dynamic one.
    init?(_ block: Block, in context: EvaluationContext, _ session: EvaluationSession) {
        guard block.type == "dynamic", block.labels.count == 1, let type = block.labels.first else { return nil }
        self.block = block
        self.type = type
        // Nested content belongs to the blocks that are made, so the reader must not expand it here.
        reader = BodyReader(block.body, in: context, session, header: block.headerRange)
    }

    /// The blocks, in the order of the elements; none, with diagnostics, if something is wrong.
    func expand() -> [BlockInstance] {
        reader.allow("labels", "iterator")
        let contents = block.body.blocks.filter { $0.type == "content" }
        reader.allow("content")
        let collection = reader.value("for_each", .required)
        let name = iteratorName
        reader.finish()
        guard contents.count == 1, let content = contents.first else {
            let place = contents.last?.headerRange ?? block.headerRange
            reader.session.fail("a dynamic block needs one \"content\" block, not \(contents.count)", at: place)
            return []
        }
        guard let collection, let name else { return [] }
        guard let elements = collection.elements else {
            reader.fail("\"for_each\" needs a list or an object, not \(collection.typeName)", at: "for_each")
            return []
        }
        return elements.compactMap { key, value in
            let iterator = Value.object(ObjectValue([("key", key), ("value", value)]))
            return instance(of: content, in: reader.context.binding(name, to: iterator))
        }
    }

    private var iteratorName: String? {
        guard let attribute = block.body.attributes.first(where: { $0.name == "iterator" }) else { return type.text }
        if case .variable(let name) = attribute.expression.kind { return name }
        reader.fail("the iterator is a plain name, without quotes", at: "iterator")
        return nil
    }

    private func instance(of content: Block, in context: EvaluationContext) -> BlockInstance? {
        guard reader.session.spend(1, at: block.headerRange) else { return nil }
        var instance = BlockInstance(content, in: context)
        instance.type = type.text
        instance.headerRange = block.headerRange
        instance.labels = []
        guard let attribute = block.body.attributes.first(where: { $0.name == "labels" }) else { return instance }
        let range = attribute.expression.range
        guard let value = reader.session.evaluate(attribute.expression, in: context) else { return nil }
        guard case .list(let list) = value else {
            reader.session.fail("\"labels\" needs a list of strings, not \(value.typeName)", at: range)
            return nil
        }
        for element in list {
            guard let text = element.asString else {
                reader.session.fail("a label must be a string, not \(element.typeName)", at: range)
                return nil
            }
            instance.labels.append(Block.Label(text: text, range: range))
        }
        return instance
    }
}
