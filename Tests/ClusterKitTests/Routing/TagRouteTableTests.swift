import ClusterKit
import Testing

@Suite struct TagRouteTableTests {
    private typealias Fixture = RouteFixture

    private func rule(_ router: String, _ rule: String) -> String { "traefik.http.routers.\(router).rule=\(rule)" }

    @Test func anEmptyCatalogServesNobody() {
        let table = Fixture.table([])
        #expect(table.routes.isEmpty && table.problems.isEmpty && table.notes.isEmpty)
        #expect(table.name("a") == nil)
    }

    // MARK: Order

    @Test func theLongerRuleComesFirst() {
        let table = Fixture.table(tags: [
            rule("short", "Host(`a`)"), rule("long", "Host(`a`) && PathPrefix(`/x`)"), rule("same", "Host(`b`)"),
        ])
        #expect(table.routes.map(\.name) == ["long", "same", "short"])
        #expect(table.routes.map(\.priority) == [29, 9, 9])
        #expect(table.name("a", "/x") == "long")
        #expect(table.name("a", "/y") == "short")
    }

    @Test func aPriorityOverridesTheLength() {
        let table = Fixture.table(tags: [
            rule("short", "Host(`a`)"), "traefik.http.routers.short.priority=1000",
            rule("long", "Host(`a`) && PathPrefix(`/x`)"), "traefik.http.routers.long.priority=0",
            rule("negative", "PathPrefix(`/`)"), "traefik.http.routers.negative.priority=-5",
        ])
        #expect(table.routes.map(\.priority) == [1000, 29, 15])
        #expect(table.name("a", "/x") == "short")
    }

    @Test func tiesGoByName() {
        let table = Fixture.table(tags: [
            rule("b", "PathPrefix(`/x`)"), rule("a", "PathPrefix(`/y`)"), rule("c", "PathPrefix(`/x`)"),
        ])
        #expect(table.routes.map(\.name) == ["a", "b", "c"])
        #expect(table.name("h", "/x") == "b")
    }

    // MARK: Exposure

    @Test func aServiceIsExposedByATag() {
        let plain = Fixture.instance("plain.svc", tags: ["urlprefix-/x", "traefik"])
        let enabled = Fixture.instance("my_web.svc", tags: ["traefik.enable=true"])
        let disabled = Fixture.instance("off", tags: ["traefik.enable=false", rule("off", "Host(`off`)")])
        let table = Fixture.table([plain, enabled, disabled])
        #expect(table.routes.map(\.name) == ["my-web-svc"])
        #expect(table.routes.map(\.rule) == ["Host(`my-web-svc`)"])
        #expect(table.routes.map(\.service) == ["my_web.svc"])
        #expect(table.problems == [])
        var options = TagRouteTable.Options()
        options.exposedByDefault = true
        options.defaultDomain = "example.org"
        let all = Fixture.table([plain, enabled, disabled], options: options)
        #expect(all.routes.map(\.rule) == ["Host(`my-web-svc.example.org`)", "Host(`plain-svc.example.org`)"])
    }

    @Test func aSwitchThatCannotBeReadIsOff() {
        for tags in [["traefik.enable=ja"], ["traefik.enable=true", "traefik.enable=false"], ["traefik.enable"]] {
            let table = Fixture.table(tags: tags + [rule("r", "Host(`a`)")])
            #expect(table.routes.isEmpty)
            #expect(table.problems.map(\.router) == ["traefik.enable"])
        }
    }

    @Test func aRouterWithoutRuleHasTheStandardOne() {
        let table = Fixture.table(tags: ["traefik.http.routers.other.priority=7"])
        #expect(table.routes.map(\.rule) == ["Host(`web`)"])
        #expect(table.name("web") == "other")
    }

    @Test func middlewaresAloneExposeNothing() {
        let table = Fixture.table(tags: ["traefik.http.middlewares.m.stripprefix.prefixes=/a"])
        #expect(table.routes.isEmpty && table.problems.isEmpty)
    }

    // MARK: Targets

    @Test func onlyInstancesThatCanServeAreTargets() throws {
        let tags = [rule("r", "Host(`a`)")]
        let table = Fixture.table([
            Fixture.instance("web", number: 4, tags: tags),
            Fixture.instance("web", number: 1, tags: tags, health: .warning),
            Fixture.instance("web", number: 2, tags: tags, health: .critical),
            Fixture.instance("web", number: 3, tags: tags, port: 0),
            Fixture.instance("web", number: 5, tags: tags, address: ""),
            // The same endpoint under another name.
            Fixture.instance("web", number: 6, tags: tags, address: "10.0.0.4"),
        ])
        #expect(table.problems == [])
        #expect(try #require(table.routes.first).targets.map(\.address) == ["10.0.0.1", "10.0.0.4"])
    }

    @Test func anOlderEpochOfAnAllocationNeverCounts() throws {
        let tags = [rule("r", "Host(`a`)")]
        let table = Fixture.table([
            Fixture.instance("web", number: 1, tags: tags, allocation: 9, epoch: 3),
            Fixture.instance("web", number: 2, tags: tags, allocation: 9, epoch: 4),
            Fixture.instance("web", number: 3, tags: tags, allocation: 8, epoch: 1),
        ])
        #expect(try #require(table.routes.first).targets.map(\.address) == ["10.0.0.2", "10.0.0.3"])
    }

    @Test func aRouteStaysWhileAllItsInstancesFail() throws {
        let table = Fixture.table([Fixture.instance("web", tags: [rule("r", "Host(`a`)")], health: .critical)])
        #expect(table.problems == [])
        #expect(try #require(table.route(for: RequestHead(host: "a", path: "/"))).targets.isEmpty)
    }

    @Test func aServiceWithoutPortIsToldAbout() {
        let table = Fixture.table([Fixture.instance("web", tags: [rule("r", "Host(`a`)")], port: 0)])
        #expect(table.routes.isEmpty)
        #expect(table.problems.map(\.tag) == [rule("r", "Host(`a`)")])
        #expect(table.problems.first?.reason.hasPrefix("no instance of web has a port") == true)
    }

    @Test func aTagOverridesThePortAndTheHost() throws {
        let table = Fixture.table(tags: [
            rule("r", "Host(`a`)"), "traefik.http.services.s.loadbalancer.server.port=9999",
            "traefik.http.services.s.loadbalancer.passhostheader=false",
        ])
        let route = try #require(table.routes.first)
        #expect(route.targets.map(\.port) == [9999])
        #expect(route.service == "s")
        #expect(!route.passesHost)
        #expect(Fixture.table(tags: [rule("r", "Host(`a`)")]).routes.first?.passesHost == true)
    }

    // MARK: Names

    @Test func keysAndNamesIgnoreCase() throws {
        let table = Fixture.table(tags: [
            "TRAEFIK.HTTP.Routers.Job.RULE=Host(`a`)", "traefik.http.routers.job.Middlewares= Strip@consulcatalog",
            "traefik.http.middlewares.STRIP.StripPrefix.Prefixes=/a , /b", "traefik.http.routers.jOB.Priority=5",
        ])
        let route = try #require(table.routes.first)
        #expect(table.problems == [])
        #expect(route.name == "Job" && route.priority == 5)
        #expect(route.middlewares == [.stripPrefix(["/a", "/b"])])
    }

    @Test func middlewaresAndServicesMayStandElsewhere() throws {
        let table = Fixture.table([
            Fixture.instance(
                "a",
                tags: [
                    rule("r", "Host(`a`)"), "traefik.http.routers.r.service=shared@consulcatalog",
                    "traefik.http.routers.r.middlewares=outer",
                ]),
            Fixture.instance(
                "b", number: 2,
                tags: [
                    "traefik.http.services.shared.loadbalancer.server.port=81",
                    "traefik.http.middlewares.outer.chain.middlewares=one,two@nomad,one",
                    "traefik.http.middlewares.one.stripprefix.prefixes=/1",
                    "traefik.http.middlewares.two.stripprefix.prefixes=/2",
                ]),
        ])
        #expect(table.problems == [])
        let route = try #require(table.routes.first)
        #expect(route.targets.map(\.address) == ["10.0.0.2"] && route.service == "shared")
        #expect(route.middlewares == [.stripPrefix(["/1"]), .stripPrefix(["/2"]), .stripPrefix(["/1"])])
    }

    @Test func whatHasNoEffectIsNoted() {
        let table = Fixture.table(tags: [
            rule("r", "Host(`a`)"), "traefik.http.routers.r.entrypoints=websecure", "traefik.http.routers.r.tls=true",
            "traefik.http.routers.r.tls.certresolver=le", "traefik.http.routers.q.tls=false",
        ])
        #expect(table.problems == [])
        #expect(table.routes.map(\.name) == ["q", "r"])
        #expect(
            table.notes.map(\.tag) == [
                "traefik.http.routers.r.entrypoints=websecure", "traefik.http.routers.r.tls.certresolver=le",
                "traefik.http.routers.r.tls=true",
            ])
    }
}
