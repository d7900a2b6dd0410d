import ClusterKit
import GRDB

/// What an error of SQLite means for the store.
enum DatabaseFailure {
    /// Of a transaction that did not commit: whether it is certain that nothing of it is on the disk.
    ///
    /// A write that failed left no valid frame behind, so the transaction does not exist. After a failed `fsync` the
    /// kernel may have dropped the pages and may report success next time: only a restart tells what is there.
    static func append(_ error: any Error, _ path: String) -> AppendFailure {
        guard let error = error as? DatabaseError else { return .unknown("\(path): \(error)") }
        if error.resultCode == .SQLITE_FULL {
            return .refused("\(path): the disk is full; nothing was written: make room and try again")
        }
        if error.resultCode == .SQLITE_TOOBIG {
            return .refused("\(path): a batch is larger than SQLite takes; nothing was written")
        }
        if error.extendedResultCode == .SQLITE_IOERR_WRITE {
            return .refused("\(path): cannot be written (\(text(error))); nothing was written: check the disk")
        }
        return .unknown("\(path): \(text(error))")
    }

    /// Of opening and reading.
    static func opening(_ error: any Error, _ path: String) -> ClusterError {
        switch error {
        case let error as ClusterError: return error
        case let damage as Damage: return corrupt(path, damage.what)
        case let error as DatabaseError: return opening(error, path)
        default: return ClusterError(.internal, "\(path): \(error)")
        }
    }

    private static func opening(_ error: DatabaseError, _ path: String) -> ClusterError {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return ClusterError(.inUse, "\(path) is open in another program: close that program")
        case .SQLITE_FULL:
            return ClusterError(.storeRefused, "\(path): the disk is full: make room and start again")
        case .SQLITE_IOERR where error.extendedResultCode != .SQLITE_IOERR_SHORT_READ,
            .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_NOMEM, .SQLITE_AUTH:
            return ClusterError(.unavailable, "\(path): \(text(error)): check the disk and the permissions")
        default:
            return corrupt(path, text(error))
        }
    }

    /// Data that cannot be what the store wrote.
    static func corrupt(_ path: String, _ what: String) -> ClusterError {
        ClusterError(
            .corrupt,
            """
            \(path): \(what). The file was left as it is: put a backup of the whole data folder in its place, \
            or move the folder away to start with an empty cluster
            """)
    }

    private static func text(_ error: DatabaseError) -> String {
        "\(error.message ?? "no message") (SQLite code \(error.extendedResultCode.rawValue))"
    }
}
