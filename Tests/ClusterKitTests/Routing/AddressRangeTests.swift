import ClusterKit
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        "", "/", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1",
        "1.2.3.4/+8", "1.2.3.4/8/8", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "12345::", "g::", "+1::", "::/129", "1.2.3.4::", "::1.2.3", "::1%eth0", "1:2:3:4:5:6:7:1.2.3.4",
    ])
    func refuses(text: String) { #expect(AddressRange(text) == nil) }

    @Test func readsVersion6() throws {
        let short = try #require(AddressRange("2001:db8::a:0:1"))
        #expect(short.base == SIMD16(0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0, 0, 0, 1))
        #expect(AddressRange("2001:0DB8:0:0:0:a:0:1") == short)
        #expect(AddressRange("::")?.base == .zero)
        #expect(AddressRange("::ffff:1.2.3.4") == AddressRange("1.2.3.4"))
        #expect(AddressRange("1:2:3:4:5:6:7::") == AddressRange("1:2:3:4:5:6:7:0"))
    }

    @Test func networksLeaveBitsOpen() throws {
        let network = try #require(AddressRange("fd00:1234::/20"))
        #expect(network.contains(try #require(AddressRange("fd00:1fff::1")).base))
        #expect(!network.contains(try #require(AddressRange("fd00:2000::1")).base))
        #expect(AddressRange("10.9.9.9/8") == AddressRange("10.0.0.0/8"))
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(RouteFixture.address(9, 9, 9, 9)))
        #expect(try !#require(AddressRange("0.0.0.0/0")).contains(#require(AddressRange("::1")).base))
    }
}
