import Testing

@testable import ClusterKit

/// What a template makes of known answers.
@Suite struct TemplateTests {
    static let answers: [TemplateQuery: TemplateValue] = [
        .secret(SecretPath("db"), version: nil): .secret(
            ["user": "web", "password": "s3cr\"et", "port": 5432, "ratio": .double(0.5), "on": true],
            version: SecretRecord.Version(number: 3, createTime: WallTime(nanoseconds: 0))),
        .secret(SecretPath("db"), version: 2): .secret(
            ["password": "old"], version: SecretRecord.Version(number: 2, createTime: WallTime(nanoseconds: 0))),
        .secretList(SecretPath("team")): .names(["a", "b/"]),
        .key("app/color"): .known("green"),
        .key("app/none"): .absent,
        .keys(prefix: "app/"): .keys(
            ["app/", "app/color", "app/size/x", "app/size/y"].map { KeyRecord(key: $0, value: Array("v-\($0)".utf8)) }),
        .keys(prefix: "none/"): .keys([]),
        .service(name: "web", tag: nil, health: TemplateQuery.offered): .instances([.sample(1), .sample(2)]),
        .service(name: "web", tag: "v1.2", health: TemplateQuery.offered): .instances([.sample(1)]),
        .service(name: "web", tag: nil, health: [.passing, .warning, .critical]): .instances([.sample(3)]),
        .services: .services([("db", []), ("web", ["blue", "green"])]),
    ]

    private func render(_ text: String) throws -> String {
        let rendering = try Template(parsing: text).render(
            with: Self.answers, environment: ["NOMAD_PORT_http": "8080", "EMPTY": ""])
        guard case .complete(let result) = rendering.outcome else { return "missing: \(rendering.outcome)" }
        return result
    }

    @Test(arguments: [
        // Text, blanks, comments
        ("plain", "plain"), ("", ""), ("a{{/* no */}}b", "ab"), ("a {{- /* no */ -}} b", "ab"),
        ("a \n{{- 1 -}}\n b", "a1b"), ("a {{ 1 -}} b", "a 1b"), ("a {{- 1 }} b", "a1 b"), ("}} {", "}} {"),
        // Literals
        (#"{{ "a\tb\"\u00e9\x41" }}"#, "a\tb\"éA"), ("{{ `a\\n` }}", "a\\n"), ("{{ 'a' }}", "97"), ("{{ 0x1F }}", "31"),
        ("{{ -7 }}", "-7"), ("{{ 1.50 }}", "1.5"), ("{{ 1e3 }}", "1000"), ("{{ 1e21 }}", "1e+21"),
        ("{{ 0.00001 }}", "1e-05"), ("{{ true }}", "true"), ("{{ print nil }}", "<no value>"), ("{{ 1_000 }}", "1000"),
        // Secrets
        (
            #"{{ with secret "secret/data/db" }}{{ .Data.data.user }}:{{ .Data.data.password }}{{ end }}"#,
            "web:s3cr\"et"
        ),
        (#"{{ with secret "secret/db" }}{{ .Data.metadata.version }}{{ end }}"#, "3"),
        (#"{{ (secret "secret/data/db?version=2").Data.data.password }}"#, "old"),
        (
            #"{{ with secret "secret/data/db" }}{{ range $k, $v := .Data.data }}{{ $k }}={{ $v }};{{ end }}{{ end }}"#,
            "on=true;password=s3cr\"et;port=5432;ratio=0.5;user=web;"
        ),
        (#"{{ with secret "secret/data/db" }}{{ .Data.data.nothing }}{{ end }}"#, "<no value>"),
        (#"{{ range secrets "secret/metadata/team" }}{{ . }},{{ end }}"#, "a,b/,"),
        // Keys
        (#"{{ key "app/color" }}"#, "green"), (#"{{ key "/app/color" | toUpper }}"#, "GREEN"),
        (#"{{ keyExists "app/color" }} {{ keyExists "app/none" }}"#, "true false"),
        (#"{{ keyOrDefault "app/none" "red" }} {{ keyOrDefault "app/color" "red" }}"#, "red green"),
        (#"{{ range ls "app" }}{{ .Key }}={{ .Value }} {{ end }}"#, "color=v-app/color "),
        (
            #"{{ range tree "app" }}{{ .Key }}@{{ .Path }} {{ end }}"#,
            "color@app/color size/x@app/size/x size/y@app/size/y "
        ),
        (
            #"{{range $g, $p := tree "app" | byKey}}{{$g}}:{{range $k, $v := $p}}{{$k}}={{.Value}} {{end}}{{end}}"#,
            "size:x=v-app/size/x y=v-app/size/y "
        ),
        (#"{{ (tree "app" | explode).size.x }}"#, "v-app/size/x"),
        (#"{{ range ls "none" }}x{{ else }}empty{{ end }}"#, "empty"),
        // Services
        (
            #"{{ range service "web" }}{{ .Name }} {{ .Address }}:{{ .Port }} {{ end }}"#,
            "web 10.0.0.1:8001 web 10.0.0.2:8002 "
        ),
        (#"{{ range service "v1.2.web" }}{{ .Port }}{{ end }}"#, "8001"),
        (#"{{ range service "web|any" }}{{ .Port }} {{ .Status }} {{ .Node }}{{ end }}"#, "8003 passing node-3"),
        (#"{{ with index (service "web") 1 }}{{ .Tags | join "," }} {{ .ServiceMeta.team }}{{ end }}"#, "blue,v2 core"),
        (#"{{ len (service "web" "passing,warning") }}"#, "2"),
        (#"{{ range services }}{{ .Name }}{{ .Tags }} {{ end }}"#, "db[] web[blue green] "),
        (#"{{ range $t, $s := service "web" | byTag }}{{ $t }}={{ len $s }} {{ end }}"#, "blue=2 v1=1 v2=1 "),
        // Environment
        (#"{{ env "NOMAD_PORT_http" }}{{ env "HOME" }}{{ env "PATH" }}"#, "8080"),
        (#"{{ envOrDefault "EMPTY" "d" }}{{ mustEnv "NOMAD_PORT_http" }}"#, "d8080"),
        // Control
        ("{{ if 0 }}a{{ else if 1 }}b{{ else }}c{{ end }}", "b"), ("{{ if \"\" }}a{{ end }}", ""),
        ("{{ with 0 }}a{{ else with 2 }}{{ . }}{{ else }}c{{ end }}", "2"),
        ("{{ range loop 3 }}{{ . }}{{ end }}{{ range loop 5 7 }}{{ . }}{{ end }}", "01256"),
        ("{{ range $i, $e := split \",\" \"a,b\" }}{{ $i }}{{ $e }}{{ end }}", "0a1b"),
        (
            "{{range loop 9}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}",
            "013"
        ),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
        ("{{ with $x := \"a\" }}{{ $x }}{{ $ }}{{ end }}", "a<no value>"),
        ("{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" 7 }}{{ block \"b\" 8 }}<{{ . }}>{{ end }}", "[7]<8>"),
        // Comparison and logic
        (
            "{{ eq 1 1 }}{{ eq 1 2 1 }}{{ ne \"a\" \"b\" }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt \"b\" \"a\" }}{{ ge 1.5 2 }}",
            "truetruetruetruetruetruefalse"
        ),
        ("{{ and 1 0 2 }}{{ or 0 \"x\" }}{{ not 0 }}", "0xtrue"), ("{{ and 0 (index (split \",\" \"a\") 9) }}", "0"),
        ("{{ eq (print \"a\") \"a\" | not }}", "false"),
        // Texts
        ("{{ \"aBc\" | toLower }}{{ \"aBc\" | toUpper }}{{ \"ab cd\" | toTitle }}", "abcABCAb Cd"),
        (
            "{{trimSpace \"  a \"}}{{trim \"-\" \"--b-\"}}{{trimPrefix \"x\" \"xc\"}}{{trimSuffix \"y\" \"dy\"}}",
            "abcd"
        ),
        ("{{ regexMatch \"^(a+)+$\" \"\(String(repeating: "a", count: 5000))b\" }}", "false"),
        ("{{ regexReplaceAll \"(a*)*c\" \"\" \"\(String(repeating: "a", count: 50))b\" | len }}", "51"),
        ("{{ if regexMatch \"^a+$\" \"aaa\" }}1{{ end }}{{ if \"b\" | regexMatch \"a\" }}2{{ end }}", "1"),
        (
            "{{ regexReplaceAll \"(\\\\w+)@\" \"$1 at \" \"ann@x\" }}{{ \"abc\" | regexReplaceAll `[ac]` \"\" }}",
            "ann at xb"
        ),
        ("{{ replaceAll \"aa\" \"b\" \"aaaa-a\" }}{{ \"x.y\" | split \".\" | join \"/\" }}", "bb-ax/y"),
        ("{{ indent 2 \"a\\n\\nb\" }}", "  a\n\n  b"), ("{{ contains \"b\" \"abc\" }}{{ in (loop 3) 2 }}", "truetrue"),
        ("{{ containsAll (loop 2) (loop 3) }}{{ containsAny (loop 1) (loop 2 4) }}", "truefalse"),
        ("{{ print 1 2 \"a\" 3 }}{{ println \"x\" 1 }}", "1 2a3x 1\n"),
        (
            "{{ printf \"%s|%5d|%-4s|%05.1f|%x|%q|%v|%%\" \"a\" 42 \"b\" 2.25 255 \"q\\\"\" true }}",
            "a|   42|b   |002.2|ff|\"q\\\"\"|true|%"
        ),
        ("{{ len \"héé\" }}{{ slice \"abcdef\" 1 3 }}{{ index (split \",\" \"a,b\") 1 }}", "5bcb"),
        // Numbers
        ("{{ 5 | subtract 2 }}{{ add 1 2 }}{{ multiply 2 1.5 }}{{ 7 | divide 2 }}{{ 7 | modulo 4 }}", "33333"),
        (
            "{{ parseInt \"12\" | add 1 }}{{ parseFloat \"1.5\" }}{{ parseBool \"t\" }}{{ parseUint \"7\" }}",
            "131.5true7"
        ),
        ("{{ minimum 1 2 }}{{ maximum 1 2 }}", "12"),
        // Encodings
        ("{{ base64Encode \"hello\" }} {{ base64Decode \"aGVsbG8=\" }}", "aGVsbG8= hello"),
        (
            "{{ $j := parseJSON `{\"b\":[1,2.5,null],\"a\":{\"x\":\"<y>\"}}` }}{{ $j.a.x }}{{ toJSON $j }}",
            "<y>{\"a\":{\"x\":\"<y>\"},\"b\":[1,2.5,null]}"
        ),
        ("{{ parseJSON `{\"a\":[]}` | toJSONPretty }}", "{\n  \"a\": []\n}"),
        ("{{ parseJSON `{\"a\":1}` }}", "map[a:1]"),
    ])
    func renders(text: String, result: String) throws { #expect(try render(text) == result, "\(text)") }

    @Test(arguments: [
        ("a\n  {{ if }}", "line 2, column 3: a value or a function is missing here"),
        ("{{ if 1 }}x", "this \"if\" has no \"end\""), ("{{ end }}", "\"end\" closes nothing"),
        ("{{ 1", "is not closed"),
        ("{{ else }}", "\"else\" belongs to no"), ("{{ }}", "an empty action"), ("{{ $x }}", "there is no variable $x"),
        ("{{ $x = 1 }}", "there is no variable $x"), ("{{ if $y := 1 }}{{ end }}{{ $y }}", "there is no variable $y"),
        ("{{ nope 1 }}", "there is no function \"nope\""), ("{{ toupper }}", "did you mean toUpper?"),
        ("{{ \"a\nb\" }}", "not closed on its line"), ("{{ \"a\\q\" }}", "no such escape"),
        ("{{ 1 2 }}", "only functions take"),
        ("{{ 1 | 2 }}", "must be a function"), ("{{ (1 }}", "the parenthesis that opens here"),
        ("{{ 1) }}", ") cannot stand"),
        ("{{ break }}", "stands in no range"), ("{{ \"a\".b }}", "a literal has no fields"),
        ("{{ ! }}", "means nothing"),
        ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", "a second \"else\""), ("{{ define 1 }}{{ end }}", "takes the name"),
        ("{{ 99999999999999999999999x }}", "no number"), ("{{ plugin \"x\" }}", "is refused: it runs a program"),
        ("{{ file \"/etc/passwd\" }}", "is refused"), ("{{ executeTemplate \"x\" }}", "is refused"),
        ("{{ 'ab' }}", "hold one character"), ("{{ template \"x\" }}", "no template is defined"),
        ("{{/* x }}", "a comment is"),
        // While rendering
        ("{{ toUpper 1 }}", "toUpper: argument 1 must be a text, is a whole number"),
        ("{{ len }}", "takes 1 arguments, is given 0"),
        ("{{ range 1.5 }}{{ end }}", "range goes over lists and maps"),
        ("{{ index (loop 2) 2 }}", "there is no element 2"),
        ("{{ lt 1 \"a\" }}", "cannot order"), ("{{ divide 0 1 }}", "division by zero"),
        ("{{ (loop 1).x }}", "a list has no field x"),
        ("{{ add 9223372036854775807 1 }}", "too large"), ("{{ parseInt \"x\" }}", "no whole number"),
        ("{{ parseJSON \"{secret\" }}", "the text is no JSON"), ("{{ base64Decode \"*\" }}", "no base64"),
        ("{{ range service \"web\" }}{{ .Prot }}{{ end }}", "has no field Prot; it has Address"),
        ("{{ mustEnv \"X\" }}", "no variable"),
        ("{{ service \"a|b\" }}", "the filter of a service"), ("{{ secret \"secret\" }}", "MOUNT/data/PATH"),
        ("{{ secret \"secret/data/a\" \"x=1\" }}", "cannot write secrets"),
        ("{{ printf \"%d\" \"a\" }}", "%d does not show a text"),
        (
            "{{ regexMatch \"a(\" \"a\" }}",
            "regexMatch: argument 1 is no regular expression: byte 1: a group is not closed"
        ),
        ("{{ regexReplaceAll (print \"(\") \"\" \"a\" }}", "regexReplaceAll: argument 1 is no regular expression"),
        ("{{ regexReplaceAll \"\" (indent 900 \"a\") (indent 999 \"a\\na\") }}", "beyond 1 MiB"),
        (
            "{{ regexMatch \"(a{1000}){1000}\" \"a\" }}",
            "takes more than 10000 instructions; repeat less often, or use a shorter pattern"
        ),
        ("{{ range loop 9999 }}{{ regexMatch \"(?:a?){999}\" \"\" }}{{ end }}", "steps"),
        ("{{ loop 1000000 }}", "counts further"), ("{{ printf \"%2000d\" 1 }}", "end at 1000"),
        ("{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}", "nested more than"),
        ("{{ range loop 100000 }}{{ range loop 100000 }}{{ end }}{{ end }}", "steps"),
        ("{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range loop 30 }}{{ $x = print $x $x }}{{ end }}", "beyond 1 MiB"),
        ("{{ range loop 100000 }}aaaaaaaaaaaaaaaa{{ end }}", "beyond 1 MiB"),
        ("{{ $x := indent 900 \"a\" }}{{ range loop 9 }}{{ $x = replaceAll \" \" $x $x }}{{ end }}", "beyond 1 MiB"),
    ])
    func saysWhatIsWrong(text: String, words: String) {
        do {
            let made = try render(text)
            Issue.record("\(text) made \(made.prefix(80))")
        } catch {
            #expect("\(error)".contains(words), "\(text): \(error)")
            #expect(error is TemplateError)
        }
    }

    @Test func deepNestingIsRefused() {
        for text in [
            String(repeating: "{{ if 1 }}", count: 5000), "{{ " + String(repeating: "(", count: 5000),
            String(repeating: "{{ if 0 }}{{ else ", count: 500), "{{ 1" + String(repeating: " | print", count: 3000),
        ] {
            #expect(throws: TemplateError.self) { try render(text) }
        }
        // Depth of values is bounded by whoever makes them.
        let json = String(repeating: "[", count: 100_000)
        #expect(throws: TemplateError.self) { try render("{{ parseJSON `\(json)` }}") }
    }

    @Test func otherDelimitersCanBeUsed() throws {
        let template = try Template(parsing: "{{ x }} [[ 1 ]]", leftDelimiter: "[[", rightDelimiter: "]]")
        #expect(try template.render().outcome == .complete("{{ x }} 1"))
        #expect(throws: TemplateError.self) { try Template(parsing: "", leftDelimiter: "") }
    }

    @Test func missingKeysAreAMistakeWhenAskedFor() throws {
        let template = try Template(parsing: #"{{ with secret "secret/db" }}{{ .Data.data.nothing }}{{ end }}"#)
        let error = #expect(throws: TemplateError.self) {
            try template.render(with: Self.answers, failsOnMissingKey: true)
        }
        #expect(error?.message.contains("the map has no \"nothing\"") == true)
        #expect(error?.message.contains("s3cr") == false)
    }

    @Test func allThatIsMissingIsCollected() throws {
        let template = try Template(
            parsing: """
                {{ (secret "secret/x").Data.data.y | toUpper }}{{ key "a" }}{{ range service "w" }}{{ .Port }}{{ end }}
                """)
        let first = try template.render()
        #expect(first.outcome == .missing([.secret(SecretPath("x"), version: nil)]))
        let soft = try Template(
            parsing: #"{{ with secret "secret/x" }}{{ key "b" }}{{ end }}{{ key "a" }}{{ keyExists "c" }}"#)
        let rendering = try soft.render(with: [.key("c"): .absent])
        #expect(rendering.outcome == .missing([.secret(SecretPath("x"), version: nil), .key("a")]))
        #expect(rendering.used == [.secret(SecretPath("x"), version: nil), .key("a"), .key("c")])
        let sealed = try soft.render(
            with: [
                .secret(SecretPath("x"), version: nil): .unavailable("sealed"), .key("a"): .known("1"),
                .key("c"): .absent,
            ])
        #expect(sealed.outcome == .missing([.secret(SecretPath("x"), version: nil)]))
    }

    @Test func safeListsWaitForTheirFirstKey() throws {
        let query = TemplateQuery.keys(prefix: "none/")
        let rendering = try Template(parsing: #"{{ range safeLs "none" }}{{ end }}"#).render(with: Self.answers)
        #expect(rendering.outcome == .missing([query]))
    }

    @Test func valuesDoNotShowThemselves() {
        let value = TemplateValue.secret(["a": "hidden"], version: .init(number: 1, createTime: .init(nanoseconds: 0)))
        var dumped = ""
        dump(["x": value], to: &dumped)
        for text in ["\(value)", String(reflecting: value), "\([value])", dumped] { #expect(!text.contains("hidden")) }
    }

    @Test func queriesAndValuesSurviveTheirBytes() throws {
        for (query, value) in Self.answers {
            #expect(try TemplateQuery(decoding: query.encoded) == query)
            #expect(try TemplateValue(decoding: value.encoded) == value)
        }
        let answer = TemplateAnswer(values: Self.answers, revision: Revision(7))
        #expect(try TemplateAnswer(decoding: answer.encoded) == answer)
    }
}

extension ServiceInstance {
    fileprivate static func sample(_ number: Int) -> ServiceInstance {
        ServiceInstance(
            id: ServiceInstanceID("i\(number)"), name: "web", job: JobID("web"),
            allocation: AllocationID(high: 1, low: UInt64(number)), epoch: Epoch(1), node: NodeID(high: 1, low: 1),
            nodeName: "node-\(number)", nodeAddress: "10.0.0.\(number)", address: "10.0.0.\(number)",
            port: 8000 + number, tags: ["blue", "v\(number)"], meta: ["team": "core"])
    }
}
