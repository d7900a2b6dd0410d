import ClusterKit
import Testing

/// Tags come from job files of many authors: whatever stands in them, the others are served.
@Suite struct HostileTagsTests {
    private typealias Fixture = RouteFixture
    private static let good = "traefik.http.routers.good.rule=Host(`good`)"

    static let tags: [[String]] = [
        ["traefik.http.routers.x.rule=" + String(repeating: "(", count: 4000)],
        ["traefik.http.routers.x.rule=" + String(repeating: "!", count: 4000) + "Host(`a`)"],
        ["traefik.http.routers.x.rule=Host(`" + String(repeating: "a", count: 1 << 20) + "`)"],
        ["traefik.http.routers." + String(repeating: "x", count: 1 << 20) + ".rule=Host(`a`)"],
        [String(repeating: "traefik.", count: 1 << 17)],
        [
            "traefik.http.routers.x.rule=Host(`a\u{0}b`)", "\u{0}", "traefik.\u{0}=\u{0}",
            "traefik.http.routers.\u{0}.rule=x",
        ],
        ["traefik.http.routers.ü.rule=Host(`a`)", "traefik.http.routers.x.rule=Höst(`a`)"],
        ["traefik.=", "traefik..=", "traefik....=", "traefik.http.=", "traefik.http.routers...=", "=", "", "traefik"],
        [
            "traefik.http.routers.x.rule=Host(`a`)",
            "traefik.http.routers.x.middlewares=" + String(repeating: ",", count: 4000),
        ],
        ["traefik.http.routers.x.priority=-9223372036854775809", "traefik.http.routers.x.rule=Method(`\u{7F}`)"],
    ]

    @Test(arguments: tags) func takesNothingFromOthers(tags: [String]) {
        let table = Fixture.table([
            Fixture.instance("evil", tags: tags), Fixture.instance("fine", number: 2, tags: [Self.good]),
        ])
        #expect(table.routes.map(\.name) == ["good"])
        #expect(table.name("good") == "good")
        #expect(!table.problems.isEmpty)
        #expect(table.problems.allSatisfy { $0.tag.utf8.count < 1100 && $0.description.utf8.count < 5000 })
    }

    /// Each chain names the next one twice: followed blindly, that is 2^40 middlewares.
    @Test func chainsThatGrowAreCutShort() {
        var tags = ["traefik.http.routers.x.rule=Host(`a`)", "traefik.http.routers.x.middlewares=m0"]
        for number in 0..<40 {
            tags.append("traefik.http.middlewares.m\(number).chain.middlewares=m\(number + 1),m\(number + 1)")
        }
        tags.append("traefik.http.middlewares.m40.stripprefix.prefixes=/a")
        let table = Fixture.table(tags: tags)
        #expect(table.routes.isEmpty)
        #expect(table.problems.contains { $0.reason.contains("more than 32 middlewares") })
    }

    @Test func manyHostsAndPathsInOneRule() {
        let hosts = (0..<120).map { "`h\($0)`" }.joined(separator: ",")
        let paths = (0..<120).map { "`/p\($0)`" }.joined(separator: ",")
        let table = Fixture.table(tags: ["traefik.http.routers.x.rule=Host(\(hosts)) && PathPrefix(\(paths))"])
        #expect(table.name("h119", "/p119/x") == "x")
        #expect(table.name("h119", "/p120") == nil)
        #expect(table.name("h120", "/p119") == nil)
    }

    @Test func deepPathsAreFoundAndOthersAreNot() {
        let deep = String(repeating: "/a", count: 200)
        let table = Fixture.table(tags: [
            "traefik.http.routers.deep.rule=PathPrefix(`\(deep)`)", "traefik.http.routers.shallow.rule=Path(`/a`)",
        ])
        #expect(table.problems == [])
        #expect(table.name("h", deep + "/x") == "deep")
        #expect(table.name("h", String(deep.dropLast(2))) == nil)
        #expect(table.name("h", "/a") == "shallow")
        #expect(table.name("h", String(repeating: "/", count: 5000)) == nil)
    }

    /// Rules and tags that are nearly right, cut, doubled and mixed by seed: none may end the process, and a rule that
    /// is read must be read the same again.
    @Test(arguments: 1...8) func neverTraps(seed: UInt64) {
        var entropy = Entropy(seed: seed)
        let words = [
            "Host", "PathPrefix", "Path", "Query", "Headers", "ClientIP", "Method", "(", ")", "`", "\"", "\\", "&&",
            "||", "!", ",", " ", "/", "a", "=", "`a`", "(`/a`)", "(`a=b`)", "(`10.0.0.0/8`)", "(`::1/129`)", "\u{0}",
            "é",
            "traefik.", "http.", "routers.", "middlewares.", "x.", "rule=", "stripprefix.prefixes=", "%2", "\\u12", "{",
            "&",
        ]
        for _ in 0..<1500 {
            let text = (0..<entropy.below(14)).map { _ in words[entropy.below(words.count)] }.joined()
            if let rule = try? RouteRule(text) { #expect((try? RouteRule(rule.text)) == rule) }
            let tags = [
                "traefik.http.routers.x.rule=\(text)", "traefik.http.\(text)", "traefik.\(text)", text, Self.good,
            ]
            let table = Fixture.table(tags: tags)
            #expect(table.name("good") != nil)
            _ = table.route(for: RequestHead(host: "a", path: text, query: text, fields: [(text, text)]))
        }
    }
}
