import COpenSSL

/// OpenSSL could not do what it was asked for.
enum OpenSSLFailure {
    /// The error that says so, with OpenSSL's own reason, and takes all reasons from its queue.
    static func error(_ what: String) -> ClusterError {
        var reason = "no reason given"
        let code = ERR_get_error()
        if code != 0 {
            reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                ERR_error_string_n(code, buffer.baseAddress, buffer.count)
                return buffer.baseAddress.map { String(cString: $0) } ?? reason
            }
        }
        ERR_clear_error()
        return ClusterError(.internal, "OpenSSL could not \(what): \(reason)")
    }

    /// Throws unless OpenSSL says that it worked.
    static func check(_ status: Int32, _ what: @autoclosure () -> String) throws(ClusterError) {
        guard status == 1 else { throw error(what()) }
    }
}
