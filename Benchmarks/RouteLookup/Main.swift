import ClusterKit

/// What one lookup costs among 10 to 10,000 rules: `RouteLookup [--json]`.
@main enum Main {
    static func main() {
        let isJSON = CommandLine.arguments.contains("--json")
        if !isJSON {
            print("ns per lookup, median of \(rounds) rounds of \(lookups) lookups")
            print(row(["rules", "kind", "first", "last", "miss", "table built in"]))
        }
        for kind in Kind.allCases {
            for count in [10, 100, 1_000, 10_000] {
                let catalog = kind.catalog(count)
                let start = ContinuousClock.now
                let table = TagRouteTable(catalog)
                let built = ContinuousClock.now - start
                guard table.routes.count == count else { return print("mounted \(table.routes.count) of \(count)") }
                let results = [("first", 0), ("last", count - 1), ("miss", count)].map { name, number in
                    (name, median(table, kind.request(number), isHit: number < count))
                }
                if isJSON {
                    for (name, cost) in results {
                        let fields = "\"benchmark\":\"route-lookup\",\"rules\":\(count),\"kind\":\"\(kind)\""
                        let request = "\"request\":\"\(name)\",\"nanoseconds\":\(tenths(cost))"
                        print("{\(fields),\(request)}")
                    }
                } else {
                    let costs = results.map { tenths($0.1) }
                    print(row(["\(count)", "\(kind)"] + costs + ["\(tenths(built / .milliseconds(1))) ms"]))
                }
            }
        }
    }

    private static let rounds = 9
    private static let lookups = 20_000

    private static func median(_ table: TagRouteTable, _ head: RequestHead, isHit: Bool) -> Double {
        var costs: [Double] = []
        for _ in 0..<rounds {
            var hits = 0
            let start = ContinuousClock.now
            for _ in 0..<lookups where table.route(for: head) != nil { hits += 1 }
            costs.append((ContinuousClock.now - start) / .nanoseconds(1) / Double(lookups))
            guard hits == (isHit ? lookups : 0) else {
                print("\(hits) of \(lookups) lookups found a route")
                return .nan
            }
        }
        return costs.sorted()[rounds / 2]
    }

    private static func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

    private static func row(_ cells: [String]) -> String {
        cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined(separator: "  ")
    }
}

/// How the rules of a table differ from each other.
enum Kind: CaseIterable {
    /// Each has a host of its own.
    case hosts
    /// All are about one host; each has a path of its own.
    case prefixes
    /// Ten for each host: paths, methods, header lines, parameters, networks, nested.
    case mixed
    /// All are about one host and one path and differ in a header line: nothing to look up by.
    case headers

    private func rule(_ number: Int) -> String {
        switch self {
        case .hosts: return "Host(`service-\(number).example.org`)"
        case .prefixes: return "Host(`example.org`) && PathPrefix(`/api/service-\(number)`)"
        case .headers: return "Host(`example.org`) && PathPrefix(`/api`) && Headers(`X-Tenant`, `\(number)`)"
        case .mixed:
            let host = "Host(`service-\(number / 10).example.org`)"
            switch number % 10 {
            case 0: return host
            case 1: return "\(host) && PathPrefix(`/api`)"
            case 2: return "\(host) && PathPrefix(`/api/v2`) && Method(`POST`, `PUT`)"
            case 3: return "\(host) && Path(`/health`)"
            case 4: return "\(host) && Headers(`X-Canary`, `true`)"
            case 5: return "\(host) && Query(`debug=1`)"
            case 6: return "\(host) && ClientIP(`10.0.0.0/8`, `fd00::/8`) && PathPrefix(`/admin`)"
            case 7: return "\(host) && (PathPrefix(`/a`) || PathPrefix(`/b`)) && !Method(`DELETE`)"
            case 8: return "PathPrefix(`/shared/\(number)`)"
            default: return "\(host) && PathPrefix(`/static/`, `/assets/`)"
            }
        }
    }

    func catalog(_ count: Int) -> ServiceCatalog {
        var entropy = Entropy(seed: 1)
        let instances = (0..<count).map { number in
            let allocation = entropy.identifier(of: Allocation.self)
            // Priorities make the first rule the first that is tried.
            let tags = [
                "traefik.http.routers.r\(number).rule=\(rule(number))",
                "traefik.http.routers.r\(number).priority=\(count - number)",
            ]
            return ServiceInstance(
                id: ServiceInstanceID(allocation, key: "group-web-http"), name: "service-\(number)",
                job: JobID("service-\(number)"), allocation: allocation, epoch: Epoch(1),
                node: entropy.identifier(), nodeName: "node", nodeAddress: "10.0.0.1", address: "10.0.0.1",
                port: 1 + number % 65_535, tags: tags)
        }
        return ServiceCatalog(instances: instances)
    }

    /// A request for one rule, as a browser sends it; beyond the last rule, one that none is meant for.
    func request(_ number: Int) -> RequestHead {
        var fields = [
            ("Host", "example.org"), ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"),
            ("Accept", "text/html,application/xhtml+xml"), ("Accept-Language", "en-US,en;q=0.5"),
            ("Accept-Encoding", "gzip, deflate, br"), ("Connection", "keep-alive"), ("Cookie", "session=0123456789"),
        ]
        switch self {
        case .hosts: return RequestHead(host: "service-\(number).example.org", path: "/some/page", fields: fields)
        case .prefixes:
            return RequestHead(host: "example.org", path: "/api/service-\(number)/items/17", fields: fields)
        case .headers:
            fields.append(("X-Tenant", "\(number)"))
            return RequestHead(host: "example.org", path: "/api/items/17", fields: fields)
        case .mixed:
            let path = number % 10 == 9 ? "/static/page.css" : "/some/page"
            return RequestHead(host: "service-\(number / 10).example.org", path: path, fields: fields)
        }
    }
}
