import ClusterKit
import ClusterTesting

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Simulates clusters seed by seed and says what happened and what was broken. It links nothing but the library and its
/// test kit, so what it proves is what embedders get.
@main
struct Main {
    static func main() {
        guard let settings = Settings(Array(CommandLine.arguments.dropFirst())) else {
            print(Settings.usage)
            exit(2)
        }
        guard !settings.listsMutants else {
            for mutant in Mutant.available { print(mutant.rawValue) }
            exit(Mutant.available == Mutant.allCases ? 0 : 1)
        }
        var campaign = Campaign(settings)
        exit(campaign.run() ? 0 : 1)
    }
}
