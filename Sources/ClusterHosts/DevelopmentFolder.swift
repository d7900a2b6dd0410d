package import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A data folder for trying things out: it carries a mark, and the key to its own secrets lies in it.
package enum DevelopmentFolder {
    private static let mark = "development"
    private static let markText = "The key to the secrets in this folder lies in it: it is for trying things out.\n"

    /// Marks a new folder when it is for trying things out. Throws `.invalid`, and changes nothing, when a folder of
    /// one kind is about to be used as the other.
    package static func claim(_ folder: String, isDev: Bool) throws {
        let files = FileManager.default
        switch (isDev, files.fileExists(atPath: folder + "/" + mark)) {
        case (false, false), (true, true): return
        case (false, true):
            throw ClusterError(
                .invalid,
                "\(folder) was made by --dev, and the key to its secrets lies in it: start with --dev, or with another "
                    + "--data-dir")
        case (true, false):
            guard !files.fileExists(atPath: folder + "/store") else {
                throw ClusterError(
                    .invalid,
                    "\(folder) is that of a server without --dev: leave out --dev, or name another --data-dir")
            }
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(markText.utf8).write(to: URL(filePath: folder + "/" + mark), options: .atomic)
        }
    }

    /// The path of the folder's own key file, which is made when it is not there.
    fileprivate static func ownKey(in folder: String) throws -> String {
        let key = folder + "/seal.key"
        if !FileManager.default.fileExists(atPath: key) {
            _ = try SealKey.create(file: key, allowsUnlockedMemory: true)
        }
        return key
    }
}

extension SealedSecretStore {
    /// Unseals with the key in a file, or with that of a folder for trying things out; without either it stays sealed.
    ///
    /// Throws what is wrong with the file, and when secrets are there that another key has sealed.
    package func unseal(file: String?, dataFolder: String, isDev: Bool) throws {
        guard let path = try file ?? (isDev ? DevelopmentFolder.ownKey(in: dataFolder) : nil) else { return }
        do {
            // The key of a folder for trying things out lies in it.
            let outside = isDev && file == nil ? nil : dataFolder
            try unseal(with: SealKey(file: path, outside: outside, allowsUnlockedMemory: isDev))
        } catch let error as ClusterError {
            let advice =
                error.code == .notFound
                ? "; make one, and keep a copy where the secrets are not: (umask 077; openssl rand -hex 32 > \(path))"
                : ""
            throw ClusterError(error.code, "--seal-key \(path): \(error.message)\(advice)")
        }
    }
}
