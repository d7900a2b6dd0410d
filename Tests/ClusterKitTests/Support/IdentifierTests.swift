import ClusterKit
import Testing

@Suite struct IdentifierTests {
    @Test func textComesBack() throws {
        let text = "2db03b8b-d53d-2f7c-75e6-4e362e9f15ae"
        let id = try #require(NodeID(text))
        #expect(id.high == 0x2DB0_3B8B_D53D_2F7C && id.low == 0x75E6_4E36_2E9F_15AE)
        #expect(id.description == text && id.short == "2db03b8b")
        #expect(NodeID(text.uppercased()) == id)
        #expect(NodeID(("x" + text).dropFirst()) == id)
        #expect(NodeID(high: 0, low: 0).description == "00000000-0000-0000-0000-000000000000")
        #expect(NodeID(high: .max, low: .max).description == "ffffffff-ffff-ffff-ffff-ffffffffffff")
        var entropy = Entropy(seed: 1)
        for _ in 0..<1000 {
            let id: NodeID = entropy.identifier()
            #expect(NodeID(id.description) == id)
            #expect(try NodeID(decoding: id.encoded) == id)
        }
    }

    @Test(arguments: [
        "", "2db03b8b", "2db03b8b-d53d-2f7c-75e6-4e362e9f15a", "2db03b8b-d53d-2f7c-75e6-4e362e9f15ae0",
        "2db03b8bd53d2f7c75e64e362e9f15ae", "2db03b8b-d53d-2f7c-75e6-4e362e9f15ag",
        "2db03b8b-d53d-2f7c-75e64-e362e9f15ae",
        "2db03b8b_d53d_2f7c_75e6_4e362e9f15ae", "{2db03b8b-d53d-2f7c-75e6-4e362e9f15ae}",
        "２db03b8b-d53d-2f7c-75e6-4e362e9f15ae",
    ])
    func otherTextIsNone(_ text: String) {
        #expect(NodeID(text) == nil)
    }

    @Test func orderIsThatOfTheText() {
        var entropy = Entropy(seed: 2)
        let ids = (0..<200).map { _ in entropy.identifier(of: Node.self) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}
