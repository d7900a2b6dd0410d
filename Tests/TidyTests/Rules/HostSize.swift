import Testing

/// The hosts read settings, compose and run; whatever is more belongs to the library, where embedders have it too.
struct HostSize: Rule {
    static let limit = 250
    static let modules = ["ClusterServer", "ClusterAgent"]

    func findings(in tree: SourceTree) -> [Finding] {
        let files = tree.sources.filter { Self.modules.contains($0.module ?? "") }
        let lines = files.reduce(0) { $0 + $1.lines.count }
        guard lines > Self.limit, let longest = files.max(by: { $0.lines.count < $1.lines.count }) else { return [] }
        return [
            Finding(
                path: longest.path, line: 1,
                what: "server and agent together have \(lines) lines, more than \(Self.limit)",
                instead: "move what embedders could use into the library")
        ]
    }
}

@Suite struct HostSizeTests {
    private func tree(_ server: Int, _ agent: Int) -> SourceTree {
        SourceTree([
            SourceFile("Sources/ClusterServer/Main.swift", String(repeating: "a()\n", count: server)),
            SourceFile("Sources/ClusterAgent/Main.swift", String(repeating: "a()\n", count: agent)),
            SourceFile("Sources/ClusterKit/Main.swift", String(repeating: "a()\n", count: 300)),
        ])
    }

    @Test func bothCountTogether() {
        #expect(HostSize().findings(in: tree(150, 100)) == [])
        #expect(HostSize().findings(in: tree(150, 101)).map(\.path) == ["Sources/ClusterServer/Main.swift"])
    }

    @Test func theHostsAreThin() { HostSize().verify() }
}
