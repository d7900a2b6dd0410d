extension TemplateFunctions {
    static let encodings: [String: Entry] = [
        "base64Encode": Entry(1...1) { arguments throws(TemplateFault) in
            .text(Base64.encode(Array(try arguments.text(0).utf8)))
        },
        "base64Decode": Entry(1...1) { arguments throws(TemplateFault) in
            guard let bytes = Base64.decode(try arguments.text(0)) else { throw TemplateFault("the text is no base64") }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TemplateFault("what was encoded is no text; a template makes text only")
            }
            return .text(text)
        },
        "toJSON": Entry(1...1) { arguments throws(TemplateFault) in
            var output = TemplateOutput()
            try writeJSON(arguments[0], to: &output, indent: nil)
            return .text(output.text)
        },
        "toJSONPretty": Entry(1...1) { arguments throws(TemplateFault) in
            var output = TemplateOutput()
            try writeJSON(arguments[0], to: &output, indent: 0)
            return .text(output.text)
        },
        "parseJSON": Entry(1...1, parseJSON),
    ]

    private static func parseJSON(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        let text = try arguments.text(0)
        if text.isEmpty { return .map([:]) }
        do throws(JSONError) {
            return TemplateDatum(try JSONParser.parse(Array(text.utf8)))
        } catch {
            // Where the mistake is, never what stands there.
            throw TemplateFault("the text is no JSON: \(error)")
        }
    }

    private static func writeJSON(
        _ value: TemplateDatum, to output: inout TemplateOutput, indent: Int?
    ) throws(TemplateFault) {
        let inner = indent.map { $0 + 1 }
        switch value {
        case .nothing: try output.append("null")
        case .bool(let value): try output.append(value ? "true" : "false")
        case .integer(let value): try output.append(String(value))
        case .double(let value): try output.append(value.isFinite ? value.goText : "null")
        case .text(let text):
            var writer = JSONWriter(capacity: 64)
            writer.string(text)
            try output.append(bytes: writer.bytes)
        case .list(let values):
            try output.append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { try output.append(",") }
                try breakLine(inner, &output)
                try writeJSON(value, to: &output, indent: inner)
            }
            if !values.isEmpty { try breakLine(indent, &output) }
            try output.append("]")
        case .map(let values), .object(_, let values):
            try output.append("{")
            for (index, name) in values.keys.sorted().enumerated() {
                if index > 0 { try output.append(",") }
                try breakLine(inner, &output)
                try writeJSON(.text(name), to: &output, indent: nil)
                try output.append(indent == nil ? ":" : ": ")
                try writeJSON(values[name] ?? .nothing, to: &output, indent: inner)
            }
            if !values.isEmpty { try breakLine(indent, &output) }
            try output.append("}")
        }
    }

    private static func breakLine(_ indent: Int?, _ output: inout TemplateOutput) throws(TemplateFault) {
        guard let indent else { return }
        try output.append("\n")
        for _ in 0..<indent { try output.append("  ") }
    }
}
