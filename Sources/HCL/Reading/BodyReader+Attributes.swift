extension BodyReader {
    /// A string; numbers and bools become one.
    public func string(_ name: String, _ presence: Presence = .optional) -> String? {
        read(name, presence, "a string") { $0.asString }
    }

    /// A whole number within bounds; a string that holds one will do.
    public func integer(
        _ name: String, in bounds: ClosedRange<Int> = Int.min...Int.max, _ presence: Presence = .optional
    ) -> Int? {
        guard let integer = read(name, presence, "a whole number", { $0.asNumber?.integer }) else { return nil }
        if bounds.contains(integer) { return integer }
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        let wanted = high == .max ? "at least \(low)" : low == .min ? "at most \(high)" : "from \(low) to \(high)"
        fail("\"\(name)\" must be \(wanted), not \(integer)", at: name)
        return nil
    }

    /// True or false.
    public func bool(_ name: String, _ presence: Presence = .optional) -> Bool? {
        read(name, presence, "true or false") { $0.asBool }
    }

    /// A number.
    public func double(_ name: String, _ presence: Presence = .optional) -> Double? {
        read(name, presence, "a number") { $0.asNumber?.double }
    }

    /// A length of time such as "30s"; not negative. A bare number is refused, as its unit would be a guess.
    public func duration(_ name: String, _ presence: Presence = .optional) -> Duration? {
        guard let value = value(name, presence) else { return nil }
        guard let text = value.asString else {
            reportMismatch(name, "a duration such as \"30s\"", value)
            return nil
        }
        guard let duration = DurationText.parse(text) else {
            guard !DurationText.isTooLong(text) else {
                fail("\"\(name)\" is too large: \(value.literal) is longer than 292 years", at: name)
                return nil
            }
            let isNumber = value.asNumber != nil
            fail(
                "\"\(name)\" must be a duration such as \"30s\", not \(value.literal)",
                detail: isNumber ? "The unit is missing." : "The units are h, m, s, ms, us and ns.", at: name,
                suggestion: isNumber ? "\"\(text)s\"" : nil)
            return nil
        }
        if duration < .zero {
            fail("\"\(name)\" must not be negative", at: name)
            return nil
        }
        return duration
    }

    /// A list of strings; numbers and bools in it become strings.
    public func strings(_ name: String, _ presence: Presence = .optional) -> [String]? {
        guard let value = value(name, presence) else { return nil }
        guard case .list(let list) = value else {
            reportMismatch(name, "a list of strings", value)
            return nil
        }
        var strings: [String] = []
        for (index, element) in list.enumerated() {
            guard let text = element.asString else {
                fail("element \(index) of \"\(name)\" must be a string, not \(element.typeName)", at: name)
                return nil
            }
            strings.append(text)
        }
        return strings
    }

    /// A map of strings, written as `name = { key = "…" }` or as a block `name { key = "…" }`; what is null is
    /// left out.
    public func stringMap(_ name: String, _ presence: Presence = .optional) -> [String: String]? {
        guard let object = object(name, presence) else { return nil }
        var map: [String: String] = [:]
        for (key, value) in object {
            if case .null = value { continue }
            guard let text = value.asString else {
                fail("\"\(key)\" in \"\(name)\" must be a string, not \(value.typeName)", at: name)
                return nil
            }
            map[key] = text
        }
        return map
    }

    /// An object, written as `name = { … }` or as a block `name { … }` with any content.
    ///
    /// Several blocks of the name count as one; a later attribute replaces an earlier one. Blocks within become a list
    /// of objects under their type; labels become keys around the object.
    public func object(_ name: String, _ presence: Presence = .optional) -> ObjectValue? {
        know(block: name)
        if attribute(name) != nil {
            guard let value = value(name, presence) else { return nil }
            if case .object(let object) = value { return object }
            reportMismatch(name, "an object", value)
            return nil
        }
        know(attribute: name)
        let blocks = instances.filter { $0.type == name }
        guard !blocks.isEmpty else {
            if presence == .required { reportMissing(name) }
            return nil
        }
        var object = ObjectValue()
        var isComplete = true
        for block in blocks {
            let content = BodyReader(block, session).contentAsObject()
            isComplete = isComplete && content != nil
            for (key, value) in content ?? ObjectValue() { object[key] = value }
        }
        return isComplete ? object : nil
    }

    /// All attributes and blocks, whatever their names; nothing is left for `finish()` to report.
    public func contentAsObject() -> ObjectValue? {
        allow(body.attributes.map(\.name) + body.blocks.map(\.type))
        var object = ObjectValue()
        var isComplete = true
        for attribute in body.attributes {
            guard let value = session.evaluate(attribute.expression, in: context) else {
                isComplete = false
                continue
            }
            object[attribute.name] = value
        }
        var lists: [String: [Value]] = [:]
        for instance in instances {
            guard let content = BodyReader(instance, session).contentAsObject() else {
                isComplete = false
                continue
            }
            let value = instance.labels.reversed().reduce(Value.object(content)) { inner, label in
                .object(ObjectValue([(label.text, inner)]))
            }
            lists[instance.type, default: []].append(value)
        }
        for (type, list) in lists.sorted(by: { $0.key < $1.key }) { object[type] = .list(list) }
        return isComplete ? object : nil
    }

    private func read<Result>(
        _ name: String, _ presence: Presence, _ wanted: String, _ convert: (Value) -> Result?
    ) -> Result? {
        guard let value = value(name, presence) else { return nil }
        if let converted = convert(value) { return converted }
        reportMismatch(name, wanted, value)
        return nil
    }

    private func reportMismatch(_ name: String, _ wanted: String, _ value: Value) {
        let isShort = if case .list = value { false } else if case .object = value { false } else { true }
        let shown = isShort && value.literal.utf8.count <= 40 ? value.literal : value.typeName
        fail("\"\(name)\" must be \(wanted), not \(shown)", at: name)
    }
}
