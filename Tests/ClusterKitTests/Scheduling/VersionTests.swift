import Testing

@testable import ClusterKit

@Suite struct VersionTests {
    @Test(arguments: [
        ("1.2.3", "1.2.3", true), ("1.2", "1.2.0", true), ("v1.2", "= 1.2", true), ("1.2.3+abc", "1.2.3", true),
        ("1.2.3-rc1", "1.2.3", false), ("1.2.3-rc1", "= 1.2.3-rc1", true), ("1.2.3rc1", "= 1.2.3-rc1", true),
        ("1.2.3-rc1", "!= 1.2.3", true), ("1.2.3", "!= 1.2.3+x", false),
        // Several bounds hold together.
        ("1.5", ">= 1.2, < 2", true), ("2.0", ">= 1.2, < 2", false), ("1.5", ">=1.2,<2", true),
        ("1.2.0", "> 1.2", false), ("1.10", "> 1.9", true), ("1.2", "<= 1.2.0", true),
        // A pre-release is below its version, and meets only bounds that name one of the same version.
        ("1.3.0-beta", ">= 1.2", false), ("1.3.0-beta", "< 2.0", false), ("1.3.0-beta", "> 1.3.0-alpha", true),
        ("1.3.0-beta", "> 1.2.9-alpha", false), ("1.3.0-beta.2", "< 1.3.0-beta.11", true),
        ("1.3.0-beta.2", "< 1.3.0-beta.x", true), ("1.3.0-beta", "< 1.3.0-beta.1", true),
        ("1.3.0", "> 1.3.0-beta", true), ("1.4.0", ">= 1.3.0-beta", true),
        // The last number that is stated may grow, and all behind it.
        ("1.2.9", "~> 1.2.3", true), ("1.2.2", "~> 1.2.3", false), ("1.3.0", "~> 1.2.3", false),
        ("1.9", "~> 1.2", true), ("2.0", "~> 1.2", false), ("7", "~> 1", true), ("1.2.3.9", "~> 1.2.3", true),
        ("1.2.3", "~> 1.2.3-beta", false), ("1.2.3-rc", "~> 1.2.3-beta", true), ("1.2.4-rc", "~> 1.2.3", false),
        // What cannot be read holds for nothing.
        ("one", ">= 0", false), ("1.2", ">= one", false), ("1.2", ">= 1,", false), ("", ">= 0", false),
        ("1..2", ">= 0", false), ("1.2-", ">= 0", false), ("1.2+", ">= 0", false), ("1.2.3-a..b", "!= 0", false),
        ("99999999999999999999", ">= 0", false), ("1.2", "=> 1", false),
    ])
    func loose(version: String, bounds: String, holds: Bool) {
        #expect((VersionBounds(bounds)?.admit(version) ?? false) == holds)
    }

    @Test(arguments: [
        ("1.2.3", "1.2.3", true), ("v1.2.3", "= 1.2.3", true), ("1.2.3+abc", "= v1.2.3", true),
        ("1.2.3-rc.1", "!= 1.2.3", true),
        // A pre-release stands below its version and above all earlier ones.
        ("1.3.0-beta", ">= 1.2.0", true), ("1.3.0-beta", "< 1.3.0", true), ("1.3.0-beta", "> 1.2.9", true),
        ("1.0.0-alpha", "< 1.0.0-alpha.1", true), ("1.0.0-alpha.1", "< 1.0.0-alpha.beta", true),
        ("1.0.0-alpha.beta", "< 1.0.0-beta", true), ("1.0.0-beta.2", "< 1.0.0-beta.11", true),
        ("1.0.0-beta.11", "< 1.0.0-rc.1", true), ("1.0.0-rc.1", "< 1.0.0", true), ("1.0.0", "<= 1.0.0-rc.1", false),
        ("1.5.0", ">= 1.2.0, < 2.0.0", true),
        // As many numbers as there are, of which those left out are 0.
        ("9.4", ">= 9.0.0", true), ("22.04", ">= 20.4, < 22.10", true), ("8", "= 8.0.0", true),
        ("1.2.3", ">= 1.2", true), ("1.2.3.4", "> 1.2.3", true), ("1.2", "< 1.2.0.1", true),
        ("1.2-rc.1", "< 1.2.0", true), ("01.2.3", "= 1.2.3", true), ("1.2.3-01", ">= 1.0.0", true),
        ("1.2.3-0a", ">= 1.0.0", true), ("1.2.3-a~b", "> 1.2.2", true), ("1.2.3+01", "= 1.2.3", true),
        // A pre-release stands behind a dash, and `~>` is not known.
        ("1.2.3rc1", ">= 1.0.0", false), ("1.2.3", ">= 1.2.3rc1", false), ("1.2.3~a", ">= 1.0.0", false),
        ("1.2.3", "~> 1.2.0", false), ("1.2.3-", ">= 1.0.0", false), ("1..3", ">= 1.0.0", false),
        ("99999999999999999999", ">= 1.0.0", false), ("9.x", ">= 1.0.0", false),
    ])
    func semantic(version: String, bounds: String, holds: Bool) {
        #expect((VersionBounds(semantic: bounds)?.admit(version) ?? false) == holds)
    }
}
