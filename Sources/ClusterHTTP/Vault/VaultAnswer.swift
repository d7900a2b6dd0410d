import ClusterKit

/// Answers in the form that Vault's clients look for.
extension VaultServer {
    /// Where the engine of secrets is mounted.
    static let mount = "secret"

    /// A status whose body holds `data` in Vault's envelope; with `alsoAtTop` the same pairs stand beside it, where
    /// older clients look.
    static func envelope(
        status: Int = 200, mountType: String = "kv", alsoAtTop: Bool = false,
        _ pairs: (inout AnswerWriter) throws -> Void
    ) rethrows -> APIAnswer {
        let data = try AnswerWriter.bytes { try $0.object(pairs) }
        var answer = APIAnswer.json { writer in
            writer.object { writer in
                var generator = SystemRandomNumberGenerator()
                let id = Identifier<VaultServer>(high: generator.next(), low: generator.next())
                if alsoAtTop, data.count > 2 { writer.raw(data.dropFirst().dropLast()) }
                writer.field("request_id", id)
                writer.literal(#""lease_id":"","renewable":false,"lease_duration":0"#)
                writer.name("data")
                writer.raw(data)
                writer.literal(#""wrap_info":null,"warnings":null,"auth":null"#)
                writer.field("mount_type", mountType)
            }
        }
        answer.status = status
        return answer
    }

    /// A write that has nothing to say.
    static var done: APIAnswer { APIAnswer(status: 204, content: .bytes([], type: "")) }

    /// Runs `body`; while the store is sealed, what needs its key is refused in the words that clients know.
    static func unsealed(
        _ request: APIRequest, _ body: () async throws -> APIAnswer
    ) async throws -> APIAnswer {
        do {
            return try await body()
        } catch let error as ClusterError where error.code == .unavailable {
            guard await request.server.secrets.seal.isSealed else { throw error }
            return .errors(503, ["Vault is sealed"])
        }
    }
}
