/// Keeps web pages from using a server on the user's own machine through the user's browser.
///
/// A server that listens on loopback only has no passwords of its own. A page from elsewhere may let its name resolve
/// to 127.0.0.1, which shows in `Host`, or send a form across, which shows in `Origin`: both are refused.
struct HostRule: Sendable {
    private static let names: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Whether only names of this machine are taken.
    let isLoopbackOnly: Bool

    /// What is wrong with a request; `nil` when nothing is.
    func refusal(host: String?, origin: String?) -> String? {
        if isLoopbackOnly, let host, !Self.isOwn(Self.name(of: host)) {
            return "this server listens on this machine only and takes requests for localhost, not for \"\(host)\""
        }
        guard let origin else { return nil }
        let authority = origin.firstRange(of: "://").map { String(origin[$0.upperBound...]) } ?? origin
        if let host, authority.lowercased() == host.lowercased() { return nil }
        return "requests from web pages of other sites (\"\(origin)\") are refused"
    }

    /// Whether a name can only mean this machine. All of 127.0.0.0/8 does, but not a name that begins so.
    private static func isOwn(_ name: String) -> Bool {
        if names.contains(name) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.dropFirst().allSatisfy { (UInt8($0).map(String.init) ?? "") == $0 }
    }

    /// The name in `name:port`, in small letters.
    private static func name(of host: String) -> String {
        let lower = host.lowercased()
        if lower.first == "[" { return String(lower.prefix { $0 != "]" }) + "]" }
        return String(lower.prefix { $0 != ":" })
    }
}
