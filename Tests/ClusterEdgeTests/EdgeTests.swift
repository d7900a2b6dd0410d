import ClusterEdge
import Testing

struct EdgeTests {
    @Test func listensOnLoopbackUnlessToldOtherwise() {
        #expect(ProxyConfiguration().host == "127.0.0.1")
    }
}
