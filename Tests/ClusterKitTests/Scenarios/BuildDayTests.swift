import ClusterKit
import ClusterTesting
import Testing

/// A whole day of a build cluster: nobody's work is ended by anything but its own failure or its machine's death.
@Suite struct BuildDayTests {
    @Test func aDayOfBuilds() throws {
        var options = WorldOptions(
            machines: BuildDay.machines, script: BuildDay.script, duration: BuildDay.time(24),
            settling: BuildDay.time(1), course: BuildDay.course)
        options.server.heartbeatTTL = .seconds(120)
        let report = SimulatedWorld(options).run()
        #expect(report.violations.isEmpty)
        let day = DayBook(report.chronicle)

        // Checks: all end as they should; what a machine took with it is done again.
        let ends = (0..<BuildDay.checks).map { day.ends(of: "check-\($0).check[0]") }
        for (number, end) in ends.enumerated() {
            let own = BuildDay.isBroken(number) ? "failed" : "complete"
            #expect(end == [own] || end == ["lost", own], "check-\(number): \(end)")
        }
        #expect(ends.contains { $0.first == "lost" })
        #expect(day.machines(whereLost: "check-").isSubset(of: ["lxbuild02", "lxbuild16"]))

        // Changing one platform's builders touched no other.
        for platform in BuildDay.platforms where platform.name != "ubuntu22" {
            for stop in day.stops(of: "builders.\(platform.name)[") {
                let isMeant = stop.contains("is down") || stop.contains("\(BuildDay.drained) is drained")
                #expect(isMeant, "\(platform.name): \(stop)")
            }
        }
        #expect(day.stops(of: "builders.ubuntu22[").count { $0.contains("version 1") } == 3)

        // The bad version was found out with its first instance, and the day ends with the good one.
        #expect(day.mentions("deployment of web version 1 is failed"))
        #expect(day.placements(of: ["web.web["]).count <= 3 + 1 + 3 + 2)
        let web = report.state.allocations(of: JobID("web")).filter(\.isLive)
        #expect(web.count == 3)
        for one in web {
            #expect(report.state.job(of: one)?.groups[0].tasks[0].environment["VERSION"] == "1")
        }

        // Each time began its work once.
        for (name, count) in [("publish", 25), ("mirror", 100)] {
            let begun = day.registered(below: "\(name)/periodic-")
            #expect(begun.count == count && Set(begun).count == count, "\(name): \(begun.count)")
        }

        // The drained machine is empty, and took nothing with it.
        #expect(day.mentions("node \(BuildDay.drained) drains no longer"))

        // Important builds go first, and only the large machines can take them.
        let large = day.placements(of: ["night-", "release-"])
        #expect(Set(large.map(\.node)) == ["lxbig01", "lxbig02"])
        let order = large.map { $0.name.prefix { $0 != "-" } }
        #expect(order.prefix(2).allSatisfy { $0 == "night" })
        let firstRelease = try #require(order.firstIndex(of: "release"))
        #expect(order[firstRelease..<firstRelease + 4].allSatisfy { $0 == "release" })
        #expect(large.count == 12)
        for name in (0..<8).map({ "night-\($0)" }) + (0..<4).map({ "release-\($0)" }) {
            #expect(day.ends(of: "\(name).build[0]") == ["complete"], "\(name)")
        }

        // Every pull request was looked at once, whoever led.
        let looks = day.registered(below: "look/dispatch-")
        #expect(looks.count == BuildDay.looksAtPulls && Set(looks).count == looks.count)
        #expect(report.scriptFailures.isEmpty)
    }
}

/// Reads a chronicle.
struct DayBook {
    private let lines: [Substring]

    init(_ chronicle: [String]) { lines = chronicle.map { $0.dropFirst(12) } }

    /// How the instances of a name ended, in order.
    func ends(of name: String) -> [String] {
        lines.filter { $0.hasPrefix(name) }.compactMap { line in
            ["complete", "failed", "lost"].first { line.contains(" is \($0)") }
        }
    }

    /// What was said when instances were told to stop.
    func stops(of prefix: String) -> [Substring] {
        lines.filter { $0.hasPrefix(prefix) && $0.contains(" is to stop: ") }
    }

    /// Who was placed where, in order.
    func placements(of prefixes: [String]) -> [(name: Substring, node: String)] {
        lines.filter { line in prefixes.contains { line.hasPrefix($0) } && line.contains(" is placed on ") }.map {
            let words = $0.split(separator: " ")
            return (words[0], String(words[5 - 1]))
        }
    }

    func mentions(_ words: String) -> Bool { lines.contains { $0.hasPrefix(words) } }

    /// Jobs that were registered whose names begin so.
    func registered(below prefix: String) -> [Substring] {
        lines.filter { $0.hasPrefix("job \(prefix)") && $0.hasSuffix(" is registered") }
    }

    /// The machines that took work with them.
    func machines(whereLost prefix: String) -> Set<String> {
        Set(
            lines.filter { $0.hasPrefix(prefix) && $0.contains(" is lost: node ") }
                .compactMap { $0.split(separator: "node ").last?.split(separator: " ").first.map(String.init) })
    }
}
