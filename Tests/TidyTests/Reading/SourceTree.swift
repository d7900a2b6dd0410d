import Foundation

/// The files that the rules read.
struct SourceTree {
    let files: [SourceFile]
    /// The paths of everything in the package, files and folders, whether read or not.
    let paths: Set<String>

    init(_ files: [SourceFile]) {
        self.files = files.sorted { $0.path < $1.path }
        paths = Set(files.map(\.path))
    }

    /// A tree of one file, for trying a rule on a snippet.
    init(_ path: String, _ text: String) {
        self.init([SourceFile(path, text)])
    }

    /// Everything below the package's root that a rule may want: sources, tests, manifest, scripts and documents.
    static let package = SourceTree(root: URL(filePath: #filePath).ancestor(4))

    private init(root: URL) {
        var files: [SourceFile] = []
        var paths: Set<String> = []
        let entries = FileManager.default.enumerator(atPath: root.path())
        while let path = entries?.nextObject() as? String {
            if Self.isSkipped(path) {
                entries?.skipDescendants()
                continue
            }
            paths.insert(path)
            guard Self.isRead(path), let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
            else {
                continue
            }
            files.append(SourceFile(path, text))
        }
        self.files = files.sorted { $0.path < $1.path }
        self.paths = paths
    }

    var swiftFiles: [SourceFile] { files.filter(\.isSwift) }
    var sources: [SourceFile] { swiftFiles.filter { $0.module != nil } }

    func file(_ path: String) -> SourceFile? {
        files.first { $0.path == path }
    }

    /// Build folders, the repository's own folder and the generated site hold nothing that is ours.
    private static func isSkipped(_ path: String) -> Bool {
        path == ".git" || path == ".swiftpm" || path == "docs/.site" || path.hasPrefix(".build")
    }

    private static func isRead(_ path: String) -> Bool {
        let endings = [".swift", ".md", ".h"]
        return path == "Makefile" || path.hasPrefix("scripts/") || path.hasPrefix(".ci/")
            || endings.contains { path.hasSuffix($0) }
    }
}

extension URL {
    fileprivate func ancestor(_ levels: Int) -> URL {
        (0..<levels).reduce(self) { url, _ in url.deletingLastPathComponent() }
    }
}
