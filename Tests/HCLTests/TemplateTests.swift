import HCL
import Testing

@Suite struct TemplateTests {
    @Test(arguments: [
        (#""a\n\t\"\\\r""#, "a\n\t\"\\\r"), (#""\u00e9\U0001F600""#, "é😀"),
        (#""$${x} %%{y} $x %y $$""#, "${x} %{y} $x %y $$"),
        (#""${s}-${n}""#, "text-3"), (#""${1.50} ${1e21} ${1e-7} ${0.1}""#, "1.5 1000000000000000000000 0.0000001 0.1"),
        (#""${true}!""#, "true!"), (#""${"in ${"ner"}"} x""#, "in ner x"), (#""a ${~ s ~} b""#, "atextb"),
        (#""%{ if n > 2 }big%{ else }small%{ endif }""#, "big"), (#""%{ if n > 5 }big%{ endif }""#, ""),
        (#""%{ for x in list }${x},%{ endfor }""#, "1,2,3,"),
        (#""%{ for i, x in list }${i}${x}%{ endfor }""#, "011223"),
        (#""${ { a = "}" }.a }x""#, "}x"), (#""ünï""#, "ünï"),
    ])
    func strings(_ text: String, _ expected: String) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == .string(expected))
    }

    @Test func aSingleInterpolationKeepsItsType() {
        #expect(evaluate(#""${list}""#).value == [1, 2, 3])
        #expect(evaluate(#""${n}""#).value == 3)
    }

    @Test(arguments: [
        ("x = <<EOT\nhello\n  world\nEOT\n", "hello\n  world\n"),
        ("x = <<-EOT\n    a\n      b\n    c\n    EOT\n", "a\n  b\nc\n"),
        ("x = <<-EOT\n    a\n\n  b\n  EOT\n", "  a\n\nb\n"),
        ("x = <<-EOT\n  a ${s}\n    ${s}\n  EOT\n", "a text\n  text\n"),
        ("x = <<-EOT\n    a\n${s}\n  EOT\n", "    a\ntext\n"),
        ("x = <<EOT\n\\n \"q\" EOT\nEOTX\n  EOT\n", "\\n \"q\" EOT\nEOTX\n"),
        ("x = <<EOT\nEOT\n", ""), ("x = <<EOT\r\na\r\nEOT\r\n", "a\r\n"),
        ("x = <<EOT\n%{ for x in list ~}\n${x}\n%{ endfor ~}\nEOT\n", "1\n2\n3\n"),
        ("x = <<EOT\n{{ env \"X\" }} $${y}\nEOT", "{{ env \"X\" }} ${y}\n"),
    ])
    func heredocs(_ text: String, _ expected: String) {
        let (value, errors) = evaluateAttribute(text)
        #expect(errors.isEmpty)
        #expect(value == .string(expected))
    }

    @Test(arguments: [
        (#""${NOMAD_PORT_http}""#, "${NOMAD_PORT_http}"), (#""a ${attr.kernel.name} b""#, "a ${attr.kernel.name} b"),
        (#""${ meta["a b"] }/${s}""#, #"${ meta["a b"] }/text"#),
        (#""${env["HOME"]}:${node.class}""#, #"${env["HOME"]}:${node.class}"#),
        (#""${attr.unique.network.ip-address}:${attr.cpu.0}""#, "${attr.unique.network.ip-address}:${attr.cpu.0}"),
    ])
    func runtimeReferencesStay(_ text: String, _ expected: String) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == .string(expected))
    }

    @Test(arguments: [
        #""${upper(NOMAD_JOB_NAME)}""#, #""${node.class == "x" ? 1 : 2}""#, #""a ${meta[s]}""#, #""a ${attr.*.x}""#,
        #""%{ if node.x }a%{ endif }""#,
    ])
    func runtimeReferencesHaveNoValue(_ text: String) {
        let (value, errors) = evaluate(text)
        #expect(value == nil && errors.count == 1)
    }

    @Test func aVariableHidesARuntimeReference() {
        #expect(evaluate(#"[for node in ["x"] : "${node}!"]"#).value == ["x!"])
    }

    @Test(arguments: [
        (#""\q""#, "unknown escape \"\\q\""), (#""\u12""#, "invalid Unicode escape"),
        (#""\uD800""#, "invalid Unicode escape"),
        (#""%{ if true }""#, "expected \"%{ endif }\" for the directive on line 1"),
        (#""%{ endfor }""#, "this directive ends nothing"), (#""%{ unless x }""#, "unknown directive \"unless\""),
        ("\"abc", "this string is not closed"), ("<<EOT\nabc", "this heredoc is not closed"),
        ("<< x", "a heredoc needs a marker"), ("\"${s\"", "this string is not closed"),
    ])
    func mistakes(_ text: String, _ expected: String) {
        #expect(evaluate(text).errors == [expected])
    }
}
