import HCL

/// The fields of one block of a job file.
struct BlockFields: JobFields {
    let reader: BodyReader
    let path: JobPath
    let notes: FileNotes

    init(_ reader: BodyReader, _ path: JobPath, _ notes: FileNotes) {
        self.reader = reader
        self.path = path
        self.notes = notes
        notes.note(path, block: reader.headerRange, body: reader.body.range)
    }

    func label(_ json: String) -> String { reader.label(0) }

    func text(_ hcl: String, _ json: String) -> String? { noted(hcl, reader.string(hcl)) }

    func integer(_ hcl: String, _ json: String) -> Int? { noted(hcl, reader.integer(hcl)) }

    func flag(_ hcl: String, _ json: String) -> Bool? { noted(hcl, reader.bool(hcl)) }

    func texts(_ hcl: String, _ json: String) -> [String]? { noted(hcl, reader.strings(hcl)) }

    /// A text with units, or nanoseconds as Nomad takes them. Numbers so small that seconds must be meant are refused.
    func span(_ hcl: String, _ json: String) -> Duration? {
        if let number = literalNumber(hcl), number == 0 || number >= 1_000_000 {
            _ = reader.value(hcl)
            return noted(hcl, .nanoseconds(number))
        }
        return noted(hcl, reader.duration(hcl))
    }

    private func literalNumber(_ name: String) -> Int? {
        guard let attribute = reader.body.attributes.first(where: { $0.name == name }),
            case .literal(.number(let number)) = attribute.expression.kind
        else { return nil }
        return number.integer
    }

    func textMap(_ hcl: String, _ json: String) -> [String: String]? {
        noteEntries(of: hcl)
        return noted(hcl, reader.stringMap(hcl))
    }

    func headers(_ hcl: String, _ json: String) -> [String: [String]]? {
        guard let object = noted(hcl, reader.object(hcl)) else { return nil }
        var headers: [String: [String]] = [:]
        for (name, value) in object {
            let texts: [String?] = if case .list(let list) = value { list.map(\.asString) } else { [value.asString] }
            guard !texts.contains(nil) else {
                reader.fail("header \(name.quotedForDisplay) must be a list of strings", at: hcl)
                continue
            }
            headers[name] = texts.compactMap(\.self)
        }
        return headers
    }

    func config(_ hcl: String, _ json: String) -> [String: ConfigValue]? {
        noteEntries(of: hcl)
        guard let object = noted(hcl, reader.object(hcl)) else { return nil }
        return Dictionary(object.map { ($0.key, ConfigValue($0.value)) }) { _, last in last }
    }

    func attribute(_ hcl: String) -> ConfigValue? {
        guard reader.body.attributes.contains(where: { $0.name == hcl }) else { return nil }
        return noted(hcl, reader.value(hcl)).map { ConfigValue($0) }
    }

    func block<Element>(_ hcl: String, _ json: String, read: (Self) -> Element?) -> Element? {
        reader.block(hcl) { read(BlockFields($0, path.block(hcl), notes)) }
    }

    func blocks<Element>(_ hcl: String, labels: [String], _ json: String, read: (Self) -> Element?) -> [Element] {
        var index = 0
        return reader.blocks(hcl, labels: labels) { inner in
            let element = read(BlockFields(inner, path.block(hcl, inner.label(0), index: index), notes))
            if element != nil { index += 1 }
            return element
        }
    }

    func network(read: (Self) -> NetworkSpec?) -> NetworkSpec? { block("network", "", read: read) }

    func ports() -> [PortSpec] {
        reader.blocks("port", labels: ["label"]) { inner in
            let fields = BlockFields(inner, path.block("port", inner.label(0)), notes)
            fields.refuse(UnsupportedFields.port)
            let number = fields.integer("static", "")
            if number == 0 {
                fields.fail("must be a port from 1 to 65535, is 0; remove it to have one chosen", "static", "")
            }
            return PortSpec(label: inner.label(0), number: number ?? 0, to: fields.integer("to", "") ?? 0)
        }
    }

    func refuse(_ fields: [UnsupportedField]) {
        for refusal in fields {
            reader.allow(refusal.hcl)
            let range = reader.body.attributes.first { $0.name == refusal.hcl }?.nameRange
            if let range, let value = reader.value(refusal.hcl), !value.asksForNothing {
                reader.session.fail("\"\(refusal.hcl)\" is not supported", detail: refusal.advice, at: range)
            }
            for block in reader.body.blocks where block.isOrMakes(refusal.hcl) {
                reader.session.fail(
                    "\"\(refusal.hcl)\" blocks are not supported", detail: refusal.advice, at: block.typeRange)
            }
        }
    }

    func fail(_ message: String, _ hcl: String, _ json: String) {
        reader.session.fail("\(path.attribute(hcl)): \(message)", at: reader.range(of: hcl))
    }

    func fail(_ message: String) { reader.session.fail("\(path): \(message)", at: reader.headerRange) }

    private func noted<Value>(_ name: String, _ value: Value?) -> Value? {
        if let attribute = reader.body.attributes.first(where: { $0.name == name }) {
            notes.note(path.attribute(name), attribute: attribute.expression.range, hasValue: value != nil)
        }
        return value
    }

    /// Notes the keys of a block of free form, such as `env`, so that a mistake can point at one of them.
    private func noteEntries(of name: String) {
        for block in reader.body.blocks where block.type == name {
            let inner = path.block(name)
            notes.note(inner, block: block.headerRange, body: block.body.range)
            for attribute in block.body.attributes {
                notes.note(inner.attribute(attribute.name), attribute: attribute.expression.range, hasValue: true)
            }
        }
    }
}

extension Block {
    /// Whether it is a block of `type`, or a dynamic one that makes such blocks.
    fileprivate func isOrMakes(_ type: String) -> Bool {
        self.type == type || self.type == "dynamic" && labels.first?.text == type
    }
}

extension Value {
    /// Whether an unsupported field with this value would change nothing.
    fileprivate var asksForNothing: Bool {
        switch self {
        case .null, .bool(false), .string(""), .number(.integer(0)): true
        case .list(let list): list.isEmpty
        case .object(let object): object.count == 0
        case .bool, .string, .number: false
        }
    }
}

extension ConfigValue {
    /// What a job file states, as drivers get it.
    init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .bool(let bool): self = .bool(bool)
        case .number(.integer(let integer)): self = .int(integer)
        case .number(.double(let double)): self = .double(double)
        case .string(let string): self = .string(string)
        case .list(let list): self = .list(list.map(ConfigValue.init))
        case .object(let object):
            self = .object(Dictionary(object.map { ($0.key, ConfigValue($0.value)) }) { _, last in last })
        }
    }
}
