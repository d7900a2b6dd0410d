import Testing

/// A link in the documents leads somewhere.
struct DocLinks: Rule {
    func findings(in tree: SourceTree) -> [Finding] {
        tree.files.filter(Self.isDocument).flatMap { file in
            var isCode = false
            return file.lines.enumerated().flatMap { index, line -> [Finding] in
                if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
                guard !isCode else { return [] }
                return Self.targets(in: line).filter { !Self.exists($0, from: file, in: tree) }.map {
                    Finding(
                        path: file.path, line: index + 1, subject: $0, what: "the link `\($0)` leads nowhere",
                        instead: "correct the path; it counts from the document's folder")
                }
            }
        }
    }

    private static func isDocument(_ file: SourceFile) -> Bool {
        file.name.hasSuffix(".md") && (file.folders.isEmpty || file.folders.first == "docs")
    }

    /// What stands in `](…)`, without titles and anchors; addresses of other sites are left out.
    private static func targets(in line: Substring) -> [String] {
        line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != " " && $0 != "#" }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    private static func exists(_ target: String, from file: SourceFile, in tree: SourceTree) -> Bool {
        var path = file.folders
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                path.append(part)
            } else if path.popLast() == nil {
                return false
            }
        }
        return path.isEmpty || tree.paths.contains(path.joined(separator: "/"))
    }
}

@Suite struct DocLinksTests {
    private func found(_ text: String) -> [String] {
        let files = [SourceFile("docs/A.md", text), SourceFile("docs/B.md", ""), SourceFile("README.md", "")]
        return DocLinks().findings(in: SourceTree(files)).map { "\($0.line) \($0.subject)" }
    }

    @Test func deadLinksAreRefused() {
        #expect(
            found("\n[a](C.md) [b](../B.md#x) [c](../../README.md)") == ["2 C.md", "2 ../B.md", "2 ../../README.md"])
    }

    @Test func goodLinksAreFine() {
        #expect(
            found("[a](B.md#x) [b](../README.md) [c](#here) [d](https://swift.org) [e](..)\n```\n[f](C.md)\n```") == [])
    }

    @Test func theDocumentsLinkToWhatIsThere() { DocLinks().verify() }
}
