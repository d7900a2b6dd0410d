import Testing

@testable import ClusterKit

/// No mistake tells a value: not of a secret, nor of anything else that a template was given.
@Suite struct TemplateLeakTests {
    /// What no message may hold, each as it would be shown; 7177 is the length of `long`.
    private static let traces = ["CANARY", "☃", "91827", "7177"]
    private static let secret = TemplateQuery.secret(SecretPath("p"), version: nil)

    /// The canaries by the name of their field.
    private static let fields: [String: ConfigValue] = [
        "text": .string("CANARY"), "format": .string("%☃CANARY%d"), "digits": .string("91827"), "whole": .int(91827),
        "less": .int(-91827), "half": .double(91827.5), "json": .string(#"{"CANARY": ☃"#),
        "long": .string("CANARY" + String(repeating: "x", count: 7171)), "list": .list([.string("CANARY")]),
        "map": .object(["CANARY": .string("CANARY")]),
    ]

    /// The message of the mistake; `nil` when there is none.
    private func mistake(_ body: String) throws -> String? {
        let text = #"{{ with secret "secret/data/p" }}\#(body){{ end }}"#
        let template = try Template(parsing: text)
        do throws(TemplateError) {
            let value = TemplateValue.known(.object(["data": .object(Self.fields)]))
            _ = try template.render(with: [Self.secret: value], environment: ["HOME": "x"], failsOnMissingKey: true)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func expectSilence(_ body: String) throws -> Bool {
        guard let message = try mistake(body) else { return false }
        for trace in Self.traces { #expect(!message.contains(trace), "\(body): \(message)") }
        return true
    }

    /// Every function, with a canary in each place, and piped.
    @Test(arguments: TemplateFunctionTests.golden) func noFunctionTellsWhatItIsGiven(name: String) throws {
        var mistakes = 0
        for field in Self.fields.keys.sorted() {
            let canary = ".Data.data.\(field)"
            for other in [#""a""#, "1", "9", ".Data.data.list", ".Data.data.map", canary] {
                for count in 0..<4 {
                    let others = [String](repeating: other, count: count)
                    for place in 0...count {
                        let words = others[..<place] + [canary] + others[place...]
                        if try expectSilence("{{ \(name) \(words.joined(separator: " ")) }}") { mistakes += 1 }
                    }
                    let call = ([name] + others).joined(separator: " ")
                    if try expectSilence("{{ \(canary) | \(call) }}") { mistakes += 1 }
                }
            }
        }
        #expect(mistakes > 0 || ["and", "or", "print", "println"].contains(name))
    }

    @Test(arguments: [
        "{{ range .Data.data.text }}{{ end }}", "{{ range .Data.data.whole | multiply 9 }}{{ end }}",
        "{{ .Data.data.text.x }}", "{{ .Data.data.map.x }}", "{{ .Data.data.list.x }}", "{{ .text }}",
        "{{ $x := .Data.data.text }}{{ $x.y }}",
        "{{ template \"t\" .Data.data.text }}{{ define \"t\" }}{{ .x }}{{ end }}",
    ])
    func noActionTellsAValue(body: String) throws { #expect(try expectSilence(body)) }

    @Test func literalsAreNamed() throws {
        #expect(try mistake(#"{{ mustEnv "NOPE" }}"#)?.contains(#"no variable "NOPE""#) == true)
        #expect(try mistake(#"{{ "NOPE" | mustEnv }}"#)?.contains(#"no variable "NOPE""#) == true)
        #expect(try mistake("{{ index .Data.data.list 5 }}")?.contains("no element 5") == true)
        #expect(try mistake(#"{{ printf "%d" "a" }}"#)?.contains("%d does not show") == true)
    }
}
