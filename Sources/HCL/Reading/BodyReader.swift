/// Takes a body apart for a caller who knows what should be in it, and gathers all mistakes in the session.
///
/// Each method notes that its name is known; `finish()` then reports what is left over:
///
/// ```swift
/// let task = BodyReader(block.body, in: context, session, header: block.headerRange)
/// let driver = task.string("driver", .required)
/// let resources = task.block("resources") { Resources(cpu: $0.integer("cpu", in: 1...1_000_000) ?? 100) }
/// task.finish()
/// ```
///
/// A method that returns nil for something present has reported why. `null` counts as absent.
public final class BodyReader {
    /// Whether something must be there.
    public enum Presence: Sendable {
        /// Nil if it is absent.
        case optional
        /// A diagnostic if it is absent.
        case required
    }

    /// What is read.
    public let body: Body
    /// What its expressions may refer to.
    public let context: EvaluationContext
    /// Where mistakes go.
    public let session: EvaluationSession
    /// The labels of the block.
    public let labels: [Block.Label]
    /// The block's type and labels: where something missing is reported. In a whole file, its first byte.
    public let headerRange: SourceRange

    private let attributes: [String: Attribute]
    private var knownAttributes: Set<String> = []
    private var knownBlocks: Set<String> = []
    /// Names that were refused: they are known, but nothing to suggest.
    private var refused: Set<String> = []
    private(set) lazy var instances: [BlockInstance] = expandBlocks()

    /// Reads a body, or a whole file if there is no header.
    public init(
        _ body: Body, in context: EvaluationContext, _ session: EvaluationSession, header: SourceRange? = nil,
        labels: [Block.Label] = []
    ) {
        self.body = body
        self.context = context
        self.session = session
        self.labels = labels
        headerRange = header ?? SourceRange(body.range.source, 0..<0)
        attributes = Dictionary(body.attributes.map { ($0.name, $0) }) { first, _ in first }
    }

    convenience init(_ instance: BlockInstance, _ session: EvaluationSession) {
        self.init(
            instance.body, in: instance.context, session, header: instance.headerRange, labels: instance.labels)
    }

    /// A label by its position, or an empty string; how many there are is checked by `blocks(_:labels:read:)`.
    public func label(_ index: Int) -> String {
        labels.indices.contains(index) ? labels[index].text : ""
    }

    /// Where to point for a name: the value of an attribute, the header of a block, or else the header of this block.
    public func range(of name: String) -> SourceRange {
        attributes[name]?.expression.range ?? body.blocks.first { $0.type == name }?.headerRange ?? headerRange
    }

    /// Whether an attribute or block of a name is written here, or a dynamic block that may make one.
    public func has(_ name: String) -> Bool {
        attributes[name] != nil
            || body.blocks.contains { $0.type == name || $0.type == "dynamic" && $0.labels.first?.text == name }
    }

    /// Reports an error about an attribute or block of this body, or about the body if the name is nil.
    public func fail(_ summary: String, detail: String? = nil, at name: String? = nil, suggestion: String? = nil) {
        session.fail(summary, detail: detail, at: name.map(range(of:)) ?? headerRange, suggestion: suggestion)
    }

    // MARK: Values

    /// The value of an attribute.
    public func value(_ name: String, _ presence: Presence = .optional) -> Value? {
        knownAttributes.insert(name)
        guard let attribute = attributes[name] else {
            if presence == .required { reportMissing(name) }
            return nil
        }
        guard let value = session.evaluate(attribute.expression, in: context) else { return nil }
        if value.isNull {
            if presence == .required { fail("\"\(name)\" must not be null", at: name) }
            return nil
        }
        return value
    }

    func reportMissing(_ name: String) {
        fail("\"\(name)\" is missing", detail: "Set it with \(name) = ….")
    }

    func attribute(_ name: String) -> Attribute? { attributes[name] }

    // MARK: What is known

    /// Makes names known without reading them.
    public func allow(_ names: String...) { allow(names) }

    /// Makes names known without reading them.
    public func allow(_ names: [String]) {
        knownAttributes.formUnion(names)
        knownBlocks.formUnion(names)
    }

    func know(block name: String) { knownBlocks.insert(name) }

    func know(attribute name: String) { knownAttributes.insert(name) }

    /// Makes a name known, and reports each use of it with the reason why it is refused.
    public func refuse(_ name: String, because reason: String) {
        refused.insert(name)
        if let attribute = attributes[name] {
            session.fail("\"\(name)\" is refused", detail: reason, at: attribute.nameRange)
        }
        for block in body.blocks where block.type == name {
            session.fail("\"\(name)\" is refused", detail: reason, at: block.typeRange)
        }
    }

    /// Reports all attributes and blocks whose names were not asked for.
    public func finish() {
        let (attributes, blocks) = (knownAttributes.union(refused), knownBlocks.union(refused))
        for attribute in body.attributes where !attributes.contains(attribute.name) {
            reportUnknown(attribute.name, at: attribute.nameRange, isBlock: false)
        }
        for block in body.blocks where !blocks.contains(block.type) {
            if block.type == "dynamic", block.labels.count == 1, let type = block.labels.first {
                guard !blocks.contains(type.text) else { continue }
                reportUnknown(type.text, at: type.range, isBlock: true)
            } else {
                reportUnknown(block.type, at: block.typeRange, isBlock: true)
            }
        }
    }

    private func reportUnknown(_ name: String, at range: SourceRange, isBlock: Bool) {
        let others = isBlock ? knownAttributes : knownBlocks
        if others.contains(name) {
            let detail =
                isBlock ? "Write \(name) = …, not \(name) { … }." : "Write \(name) { … }, without \"=\"."
            session.fail("\"\(name)\" is \(isBlock ? "an attribute" : "a block")", detail: detail, at: range)
            return
        }
        let kind = isBlock ? "block" : "attribute"
        let nearest = Suggestion.nearest(to: name, among: knownAttributes.union(knownBlocks).sorted())
        session.fail("unknown \(kind) \"\(name)\"", at: range, suggestion: nearest.map { "\"\($0)\"" })
    }

    private func expandBlocks() -> [BlockInstance] {
        body.blocks.flatMap { block in
            DynamicBlock(block, in: context, session)?.expand() ?? [BlockInstance(block, in: context)]
        }
    }
}
