import ClusterKit
import Testing

/// What takes a router out, and that it takes nothing else.
@Suite struct TagProblemTests {
    private typealias Fixture = RouteFixture
    private static let good = "traefik.http.routers.good.rule=Host(`good`)"
    private static let bad = "traefik.http.routers.bad.rule=Host(`bad`)"
    private static let key = "traefik.http.routers.bad"

    struct Row: CustomStringConvertible, Sendable {
        /// Of these, the last is at fault.
        var tags: [String]
        var words: String

        init(_ tags: [String], _ words: String) {
            self.tags = tags
            self.words = words
        }

        var description: String { tags.last ?? "" }
    }

    static let rows: [Row] = [
        Row(["\(key).rule=Host(`bad`) &&"], "column 15: found the end of the rule"),
        Row(["\(key).rule="], "the rule is empty"),
        Row(["\(key).rule"], "it states no `=VALUE`"),
        Row([bad, "\(key).priority=high"], "\"high\" is no whole number"),
        Row([bad, "\(key).priority=99999999999999999999"], "is no whole number"),
        Row([bad, "\(key).middleware=x"], "no option `middleware` of a router; did you mean `middlewares`?"),
        Row([bad, "\(key).rule.x=y"], "no option `rule.x` of a router"),
        Row([bad, "\(key).middlewares="], "its list has an empty place"),
        Row([bad, "\(key).middlewares=m,,n"], "its list has an empty place"),
        Row([bad, "\(key).middlewares=auth"], "there is no middleware `auth` in any tag"),
        Row([bad, "\(key).middlewares=auth@file"], "`@file` is no provider here"),
        Row([bad, "\(key).service=nowhere"], "there is no service `nowhere` in any tag"),
        Row([bad, "\(key).service=s@docker"], "`@docker` is no provider here"),
        Row(
            [bad, "\(key).middlewares=auth", "traefik.http.middlewares.auth.basicauth.users=admin:x"],
            "middleware `auth`: the middleware `basicauth` of Traefik is not among those of this proxy"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefixx.prefixes=/a"],
            "there is no middleware `stripprefixx`; did you mean `stripprefix`?"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefix=/a"],
            "no option `prefix` of `stripprefix`; did you mean `prefixes`?"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefixes=a"],
            "the prefix \"a\" does not begin with `/`"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefixes=/a\r\nX: 1"],
            "holds what no path does"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.forceslash=true"],
            "middleware `m` states no prefixes"),
        Row(
            [
                bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefixes=/a",
                "traefik.http.middlewares.m.stripprefix.forceslash=perhaps",
            ], "\"perhaps\" is neither true nor false"),
        Row(
            [
                bad, "\(key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefixes=/a",
                "traefik.http.middlewares.m.chain.middlewares=m",
            ], "a middleware is of one kind; this one is `stripprefix` already"),
        Row(
            [bad, "\(key).middlewares=m", "traefik.http.middlewares.m.chain.middlewares=m"],
            "the chain leads back to itself: m, m"),
        Row([bad, "\(key).rule=Host(`other`)"], "it is stated twice, also as \"\(bad)\""),
        Row(
            [bad, "\(key).service=s", "traefik.http.services.s.loadbalancer.server.port=70000"],
            "70000 is no port; they are 1 to 65535"),
        Row(
            [bad, "\(key).service=s", "traefik.http.services.s.loadbalancer.server.scheme=https"],
            "instances are spoken to in `http`, not in `https`"),
        Row(
            [bad, "\(key).service=s", "traefik.http.services.s.loadbalancer.sticky.cookie=true"],
            "no option `sticky.cookie` of a load balancer here"),
        Row(
            [bad, "\(key).service=s", "traefik.http.services.s.weighted.services=a"],
            "services are of the kind `loadbalancer` here, not `weighted`"),
        Row([bad, "\(key).rule=" + String(repeating: "x", count: 5000)], "it is stated twice"),
    ]

    @Test(arguments: rows) func takesOutItsRouterOnly(row: Row) throws {
        let table = Fixture.table([
            Fixture.instance("broken", tags: row.tags), Fixture.instance("fine", number: 2, tags: [Self.good]),
        ])
        #expect(table.routes.map(\.name) == ["good"])
        let problem = try #require(table.problems.first { $0.reason.contains(row.words) }, "\(table.problems)")
        #expect(problem.router == "bad")
        #expect(problem.services == ["broken"])
        #expect(problem.tag == row.tags.last || row.description.utf8.count > 1024)
        #expect(problem.description.hasPrefix("router bad is not mounted: "))
    }

    @Test(arguments: [
        ("traefik.tcp.routers.x.rule=HostSNI(`*`)", "TCP and UDP routes are not served"),
        ("traefik.udp.services.x.loadbalancer.server.port=1", "TCP and UDP routes are not served"),
        ("traefik.frontend.rule=Host:a", "this is Traefik 1"), ("traefik.consulcatalog.connect=true", "no effect here"),
        ("traefik.htp.routers.x.rule=Host(`a`)", "did you mean `http`?"),
        ("traefik.http.router.x.rule=Host(`a`)", "did you mean `routers`?"), ("traefik.http", "goes on with"),
        ("traefik.http.routers.rule=Host(`a`)", "traefik.http.routers.NAME.OPTION=VALUE"),
        ("traefik.http.routers..rule=Host(`a`)", "traefik.http.routers.NAME.OPTION=VALUE"),
        ("traefik.http.routers.a b.rule=Host(`a`)", "traefik.http.routers.NAME.OPTION=VALUE"),
        ("traefik.", "there is no `traefik.`"),
        ("traefik.http.middlewares.unused.basicauth.users=a:b", "`basicauth` of Traefik is not among those"),
    ])
    func aTagOfNoRouterIsNamed(tag: String, words: String) throws {
        let table = Fixture.table(tags: [Self.good, tag])
        #expect(table.routes.map(\.name) == ["good"])
        let problem = try #require(table.problems.first)
        #expect(table.problems.count == 1 && problem.tag == tag)
        #expect(problem.reason.contains(words), "\(problem)")
        #expect(problem.description.hasPrefix("the tag \"\(tag)\" has no effect: "))
    }

    @Test func severalServicesNeedAChoice() {
        let services = ["a", "b"].map { "traefik.http.services.\($0).loadbalancer.server.port=80" }
        let table = Fixture.table(tags: [Self.bad] + services)
        #expect(table.routes.isEmpty)
        #expect(table.problems.first?.reason.contains("which of a, b it leads to") == true)
    }

    // MARK: Many instances

    @Test func equalInstancesMerge() throws {
        let table = Fixture.table((1...3).map { Fixture.instance("web", number: $0, tags: [Self.good]) })
        #expect(table.problems == [])
        #expect(try #require(table.routes.first).targets.count == 3)
    }

    @Test func instancesThatDisagreeTakeTheirRouterOut() throws {
        let table = Fixture.table([
            Fixture.instance("web", tags: [Self.bad, Self.good]),
            Fixture.instance("web", number: 2, tags: ["\(Self.key).rule=Host(`else`)", Self.good]),
        ])
        #expect(table.routes.map(\.name) == ["good"])
        let problem = try #require(table.problems.first)
        #expect(problem.router == "bad" && problem.tag == "\(Self.key).rule=Host(`else`)")
        #expect(problem.reason.contains("instances of web disagree about \"bad\": others state \"\(Self.bad)\""))
    }

    @Test func servicesThatDisagreeTakeTheirRouterOut() throws {
        let table = Fixture.table([
            Fixture.instance("one", tags: [Self.bad]), Fixture.instance("two", number: 2, tags: [Self.bad]),
        ])
        #expect(table.routes.isEmpty)
        let problem = try #require(table.problems.first)
        #expect(problem.services == ["one", "two"] && problem.tag == Self.bad)
        #expect(problem.reason.contains("one and two disagree"))
    }

    @Test func aFailingInstanceTakesNothingFromTheGoodOnes() throws {
        let table = Fixture.table([
            Fixture.instance("web", tags: [Self.good]),
            Fixture.instance("web", number: 2, tags: ["traefik.http.routers.good.rule=broken"], health: .critical),
        ])
        #expect(table.problems == [])
        #expect(try #require(table.routes.first).targets.count == 1)
    }

    @Test func middlewaresThatDisagreeTakeTheirRoutersOut() {
        let table = Fixture.table([
            Fixture.instance(
                "a",
                tags: [Self.bad, "\(Self.key).middlewares=m", "traefik.http.middlewares.m.stripprefix.prefixes=/a"]),
            Fixture.instance("b", number: 2, tags: [Self.good, "traefik.http.middlewares.m.stripprefix.prefixes=/b"]),
        ])
        #expect(table.routes.map(\.name) == ["good"])
        #expect(table.problems.map(\.router) == ["bad"])
        #expect(table.problems.first?.tag == "traefik.http.middlewares.m.stripprefix.prefixes=/b")
    }
}
