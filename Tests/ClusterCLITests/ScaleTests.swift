import ArgumentParser
import ClusterKit
import Testing

@testable import ClusterCLI

@Suite struct ScaleTests {
    @Test func aGroupIsNamedWhenThereAreSeveral() throws {
        let short = try JobScale.Wanted(["web", "3"])
        #expect(short.job == "web" && short.group == nil && short.count == 3)
        #expect(try short.group(among: ["only"]) == "only")
        let several = #expect(throws: ClusterError.self) { try short.group(among: ["a", "b"]) }
        #expect(several?.message.contains("a, b") == true)
        let long = try JobScale.Wanted(["web", "b", "0"])
        #expect(long.count == 0)
        #expect(try long.group(among: ["a", "b"]) == "b")
        let unknown = #expect(throws: ClusterError.self) { try long.group(among: ["a"]) }
        #expect(unknown?.code == .notFound && unknown?.message.contains("\"b\"") == true)
    }

    @Test(arguments: [[], ["web"], ["web", "x"], ["web", "-1"], ["web", "g", "1.5"], ["web", "g", "1", "2"]])
    func whatIsNoCountIsRefused(_ words: [String]) {
        #expect(throws: ClusterError.self) { try JobScale.Wanted(words) }
    }

    @Test func flagsMayStandAnywhere() throws {
        let arguments = SingleDash.rewritten(["job", "scale", "-detach", "web", "app", "2"])
        let scale = try #require(try ClusterCommand.parseAsRoot(arguments) as? JobScale)
        #expect(scale.words == ["web", "app", "2"] && scale.aftermath.detach)
    }
}
