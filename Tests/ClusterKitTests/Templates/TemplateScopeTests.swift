import Testing

@testable import ClusterKit

/// What a server takes a template to be able to ask for.
@Suite struct TemplateScopeTests {
    private func scope(_ text: String) throws -> TemplateScope {
        var scope = TemplateScope()
        scope.add(try Template(parsing: text))
        return scope
    }

    private static func secret(_ path: String, mount: String = "secret", version: Int? = nil) -> TemplateQuery {
        .secret(SecretPath(path, mount: mount), version: version)
    }

    private static let offered = TemplateQuery.offered

    @Test(arguments: [
        (#"{{ with secret "secret/data/db" }}{{ .Data.data.x }}{{ end }}"#, secret("db")),
        (#"{{ with secret "secret/db?version=2" }}x{{ end }}"#, secret("db", version: 2)),
        (#"{{ if true }}{{ else }}{{ "secret/data/db" | secret }}{{ end }}"#, secret("db")),
        (#"{{ range secrets "secret/metadata/team" }}{{ . }}{{ end }}"#, .secretList(SecretPath("team"))),
        (#"{{ key "/app/color" }}"#, .key("app/color")),
        (#"{{ keyOrDefault "app/color" (env "HOME") }}"#, .key("app/color")),
        (#"{{ if keyExists "app/color" | not }}x{{ end }}"#, .key("app/color")),
        (#"{{ range $i, $e := ls "app" }}{{ $i }}{{ end }}"#, .keys(prefix: "app/")),
        (#"{{ $x := or (key "a") (key "app/color") }}"#, .key("app/color")),
        (#"{{ define "t" }}{{ key "app/color" }}{{ end }}{{ template "t" }}"#, .key("app/color")),
        (#"{{ template "t" (key "app/color") }}{{ define "t" }}{{ . }}{{ end }}"#, .key("app/color")),
        (
            #"{{ range service "v1.web|any" }}x{{ end }}"#,
            .service(name: "web", tag: "v1", health: [.passing, .warning, .critical])
        ),
        (#"{{ range nomadService "web" }}x{{ end }}"#, .service(name: "web", tag: nil, health: offered)),
        (#"{{ range services }}x{{ end }}"#, .services),
    ])
    func literalCallsCanAskForWhatTheySayAlone(_ text: String, _ query: TemplateQuery) throws {
        let scope = try scope(text)
        #expect(scope.allows(query))
        let others: [TemplateQuery] = [
            Self.secret("other"), Self.secret("db/x"), Self.secret("db", mount: "kv"), .secretList(SecretPath("")),
            .secretList(SecretPath("team/x")), .key("other"), .key("app/color/x"), .keys(prefix: ""),
            .keys(prefix: "app"), .service(name: "other", tag: nil, health: Self.offered),
        ]
        for other in others { #expect(!scope.allows(other), "\(other)") }
    }

    /// What rendering asks for is in the scope, whatever the template computes.
    @Test(arguments: [
        #"{{ secret (printf "secret/data/%s" (env "NAME")) }}"#,
        #"{{ env "NAME" | printf "secret/data/%s" | secret }}"#,
        #"{{ secret (printf "secret/a%s" (env "NAME")) }}"#, #"{{ secret (printf "secret/b?version=%d" 3) }}"#,
        #"{{ $p := "secret/b" }}{{ secret $p }}"#, #"{{ key (printf "app/%s" (env "NAME")) }}"#,
        #"{{ key (env "NAME") }}"#, #"{{ range tree (printf "/app/%s" (env "NAME")) }}{{ end }}"#,
        #"{{ range secrets (printf "secret/metadata/%s" "x") }}{{ end }}"#, #"{{ service (env "NAME") }}"#,
        #"{{ range secrets (printf "secret/metadata/team/%s" "") }}{{ end }}"#,
        #"{{ service "web" (env "HEALTH") }}"#, #"{{ with "app/a" }}{{ key . }}{{ end }}"#,
        #"{{ range (split "," "app/a,app/b") }}{{ keyOrDefault . "" }}{{ end }}"#,
        #"{{ define "t" }}{{ key . }}{{ end }}{{ template "t" "app/a" }}"#,
    ])
    func whatIsComputedIsAllowed(_ text: String) throws {
        let template = try Template(parsing: text)
        let environment = ["NAME": "app/x", "HEALTH": "critical"]
        let used = try template.render(environment: environment).used
        let scope = try scope(text)
        #expect(!used.isEmpty)
        for query in used { #expect(scope.allows(query), "\(query)") }
    }

    @Test func aComputedPathStaysBelowItsLiteralBeginning() throws {
        let secrets = try scope(#"{{ secret (printf "secret/data/team/%s" (env "NAME")) }}"#)
        #expect(secrets.allows(Self.secret("team/db")) && secrets.allows(Self.secret("team/db", version: 4)))
        #expect(!secrets.allows(Self.secret("other/db")) && !secrets.allows(Self.secret("team/db", mount: "kv")))
        #expect(!secrets.allows(.secretList(SecretPath("team/x"))) && !secrets.allows(.key("secret/data/team/x")))
        let keys = try scope(#"{{ key (printf "app/%d" 1) }}{{ ls (printf "%s" "x") }}"#)
        #expect(keys.allows(.key("app/1")) && !keys.allows(.key("other")))
        #expect(keys.allows(.keys(prefix: "any/")))
        let any = try scope(#"{{ secret (env "PATH_OF_SECRET") }}"#)
        #expect(any.allows(Self.secret("other/db", mount: "kv")) && !any.allows(.key("other")))
    }

    @Test func textAndMistakesAskForNothing() throws {
        let scope = try scope(#"secret "secret/data/db" {{ "key" }} {{/* key "a" */}} {{ secret "" }} {{ key 1 }}"#)
        #expect(!scope.allows(Self.secret("db")) && !scope.allows(.key("a")) && !scope.allows(.key("1")))
    }
}
