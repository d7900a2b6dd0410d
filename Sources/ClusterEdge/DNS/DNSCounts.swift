import ClusterKit

/// What is counted between two reports. The types and codes are a closed set, so that a stranger's questions cannot
/// make up series.
struct DNSCounts {
    private static let types: [(type: RecordType, name: String)] = [
        (.a, "A"), (.aaaa, "AAAA"), (.srv, "SRV"), (.txt, "TXT"), (.ptr, "PTR"), (.soa, "SOA"), (.ns, "NS"),
        (.any, "ANY"),
    ]
    private static let typeCount = types.count + 1

    private var queries = [UInt64](
        repeating: 0, count: DNSTransport.allCases.count * typeCount * ResponseCode.allCases.count)
    private var truncated: [UInt64] = [0, 0]
    private var dropped: [UInt64] = [0, 0]
    /// Connections that were closed because too many were open.
    var refusedConnections: UInt64 = 0

    /// Counts what became of a query.
    mutating func count(_ outcome: DNSOutcome, over transport: DNSTransport) {
        guard outcome.length > 0 else {
            dropped[transport.rawValue] += 1
            return
        }
        queries[Self.place(transport, Self.index(of: outcome.type), outcome.code)] += 1
        if outcome.isTruncated { truncated[transport.rawValue] += 1 }
    }

    /// What was counted since the last time; what did not grow is left out.
    mutating func take() -> [Sample] {
        var samples: [Sample] = []
        func add(_ metric: Metric, _ labels: [String], _ count: UInt64) {
            if count > 0 { samples.append(Sample(metric, labels, .increment(Double(count)))) }
        }
        for transport in DNSTransport.allCases {
            for type in 0..<Self.typeCount {
                let name = type < Self.types.count ? Self.types[type].name : "other"
                for code in ResponseCode.allCases {
                    add(.dnsQueries, [transport.name, name, code.name], queries[Self.place(transport, type, code)])
                }
            }
            add(.dnsTruncated, [transport.name], truncated[transport.rawValue])
            add(.dnsDropped, [transport.name], dropped[transport.rawValue])
        }
        add(.dnsRefusedConnections, [], refusedConnections)
        self = DNSCounts()
        return samples
    }

    private static func place(_ transport: DNSTransport, _ type: Int, _ code: ResponseCode) -> Int {
        // The codes are 0 to 5 and one above 15.
        let code = min(Int(code.rawValue), ResponseCode.allCases.count - 1)
        return (transport.rawValue * typeCount + type) * ResponseCode.allCases.count + code
    }

    private static func index(of type: RecordType?) -> Int {
        switch type {
        case .a?: 0
        case .aaaa?: 1
        case .srv?: 2
        case .txt?: 3
        case .ptr?: 4
        case .soa?: 5
        case .ns?: 6
        case .any?: 7
        default: 8
        }
    }
}
