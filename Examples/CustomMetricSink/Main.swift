import ClusterKit

@main enum Main {
    static func main() { print("a \(NoMetrics.self)") }
}
