/// Runs one part of the edge alone, so that it can be measured beside its peers.
@main
struct EdgeHost {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        switch (CommandLine.arguments.dropFirst().first, numbers.first) {
        case ("dns", let port?): try await DNSPart.run(port: port)
        case ("proxy", let port?) where numbers.count > 1:
            try await ProxyPart.run(port: port, targets: Array(numbers.dropFirst()))
        default: print("usage: EdgeHost dns PORT | EdgeHost proxy PORT TARGET-PORT…")
        }
    }
}
