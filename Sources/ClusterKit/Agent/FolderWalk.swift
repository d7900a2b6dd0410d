import CLinux
import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Adds up what a folder takes on disk, in steps that can be as short as wanted: a cache of a build holds millions of
/// files.
///
/// It follows no link and leaves no file system, as it stays in folders that it has open: a task cannot lead it
/// elsewhere by renaming. A file with several names counts once. Folders deeper than `deepest` are not looked into.
struct FolderWalk: ~Copyable {
    /// The bytes that were found so far: what files take on disk, not how long they are.
    private(set) var bytes: UInt64 = 0
    /// The files and folders that were found so far.
    private(set) var files = 0

    private var levels: [Level] = []
    private let device: UInt64
    private var linked: Set<UInt64> = []

    /// As many folders are open at once.
    private static let deepest = 64
    /// As many files with several names are remembered; beyond that each name counts.
    private static let mostLinked = 1_000_000

    private struct Level {
        let folder: Int32
        let names: UnsafeMutableRawPointer
    }

    /// Begins at a folder; `nil` when it cannot be opened.
    static func begin(at path: String) -> FolderWalk? {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        guard let names = cluster_open_names(opened) else {
            close(opened)
            return nil
        }
        return FolderWalk(Level(folder: opened, names: names))
    }

    private init(_ top: Level) {
        device = UInt64(cluster_device(top.folder))
        levels = [top]
    }

    deinit {
        for level in levels { cluster_close_names(level.names) }
    }

    /// Goes on until `limit` names were looked at or `isEnough` says so, which is asked now and then.
    /// Gives whether all is done.
    mutating func advance(limit: Int = .max, until isEnough: () -> Bool = { false }) -> Bool {
        var looked = 0
        while let level = levels.last {
            guard looked < limit else { return false }
            if looked % 64 == 63, isEnough() { return false }
            looked += 1
            guard let name = cluster_next_name(level.names) else {
                cluster_close_names(level.names)
                levels.removeLast()
                continue
            }
            count(name, in: level.folder)
        }
        return true
    }

    private mutating func count(_ name: UnsafePointer<CChar>, in folder: Int32) {
        var found = stat()
        guard fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0, UInt64(found.st_dev) == device else { return }
        let isFolder = found.st_mode & S_IFMT == S_IFDIR
        if !isFolder, found.st_nlink > 1, linked.count < Self.mostLinked,
            !linked.insert(UInt64(found.st_ino)).inserted
        {
            return
        }
        files += 1
        bytes &+= UInt64(max(0, found.st_blocks)) &* 512
        if isFolder { descend(name, in: folder) }
    }

    private mutating func descend(_ name: UnsafePointer<CChar>, in folder: Int32) {
        guard levels.count < Self.deepest else { return }
        let opened = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { return }
        guard let names = cluster_open_names(opened) else {
            close(opened)
            return
        }
        levels.append(Level(folder: opened, names: names))
    }
}
