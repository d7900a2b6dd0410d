import ClusterKit

@main enum Main {
    static func main() { print(RequestHead(host: "example.org", path: "/").bytes.count) }
}
