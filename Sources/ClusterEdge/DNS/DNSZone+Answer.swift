/// What became of a query.
struct DNSOutcome: Equatable {
    /// How long the answer is; 0 for silence.
    var length = 0
    /// What was asked for; `nil` when that could not be read.
    var type: RecordType?
    /// What the answer says.
    var code = ResponseCode.noError
    /// Whether it says that it is not whole.
    var isTruncated = false
}

extension DNSZone {
    /// Answers a query into `memory`, which holds the longest message of its transport. `turn` chooses which of several
    /// records comes first; equal turns give equal answers.
    ///
    /// Whatever the query holds, this returns: with an answer, with a refusal, or with silence for what is no query.
    func answer(
        _ packet: UnsafeRawBufferPointer, over transport: DNSTransport, turn: UInt64,
        into memory: UnsafeMutableRawBufferPointer
    ) -> DNSOutcome {
        switch DNSQuery.read(packet) {
        case .silence: return DNSOutcome()
        case .refusal(let code):
            var answer = Answer(packet, nil, limit: DNSTransport.plainDatagramLimit, into: memory)
            return answer.finish(code)
        case .query(let query):
            let limit =
                switch transport {
                case .tcp: DNSTransport.streamLimit
                case .udp:
                    min(
                        max(query.extension?.payload ?? 0, DNSTransport.plainDatagramLimit),
                        DNSTransport.datagramLimit)
                }
            var answer = Answer(packet, query, limit: limit, into: memory)
            let code = resolve(query, packet, over: transport, turn: turn, into: &answer)
            return answer.finish(code)
        }
    }

    private func resolve(
        _ query: DNSQuery, _ packet: UnsafeRawBufferPointer, over transport: DNSTransport, turn: UInt64,
        into answer: inout Answer
    ) -> ResponseCode {
        if let version = query.extension?.version, version != 0 { return .badVersion }
        guard query.class == 1, !query.type.isTransferOrObsolete else { return .refused }
        let start = DNSQuery.headerLength
        let name = UnsafeRawBufferPointer(rebasing: packet[start..<(start + query.nameLength)])
        guard isKnown else { return contains(name) ? .failure : .refused }
        if let (part, entry) = find(name) {
            answer.isAuthoritative = true
            if query.type == .any, transport == .udp, !entry.sets.isEmpty {
                answer.put(refusalOfAny)
                return .noError
            }
            for set in entry.sets where query.type == .any || part.sets[set].type == query.type {
                answer.put(part.sets[set], of: part, turn: turn)
            }
            if answer.isEmpty, entry.kind != .reverse { answer.put(negative, domainLength: domain.bytes.count) }
            return .noError
        }
        guard contains(name) else { return .refused }
        answer.isAuthoritative = true
        if let isAnswered = spelledAddress(
            name, { answer.put(address: $0, asked: query.type, timeToLive: timeToLive) })
        {
            if !isAnswered { answer.put(negative, domainLength: domain.bytes.count) }
            return .noError
        }
        answer.put(negative, domainLength: domain.bytes.count)
        return .noSuchName
    }
}
