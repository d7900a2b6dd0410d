/// Runs one part of the edge alone, so that it can be measured beside its peers.
@main
struct EdgeHost {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.first == "dns", let port = arguments.dropFirst().first.flatMap({ Int($0) }) else {
            print("usage: EdgeHost dns PORT")
            return
        }
        try await DNSPart.run(port: port)
    }
}
