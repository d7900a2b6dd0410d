/// What the middlewares of a route make of a request on its way to an instance.
public struct Rewritten: Hashable, Sendable {
    /// The path that the instance is asked for: a place in the bytes of the head. It begins with exactly one `/`.
    public var path: Range<Int>
    /// Header lines to add, each with its `\r\n`, ready to be written.
    public var fieldLines: [UInt8]

    /// States what becomes of a request.
    public init(path: Range<Int>, fieldLines: [UInt8]) {
        self.path = path
        self.fieldLines = fieldLines
    }
}

extension Route {
    /// What goes to the instance in the place of what came; `nil` when the request goes on as it is.
    ///
    /// Allocates nothing as long as one middleware at most has something to do.
    public func rewriting(_ head: borrowing RequestHead) -> Rewritten? {
        guard !steps.isEmpty, head.path.upperBound <= head.bytes.count else { return nil }
        var result: Rewritten?
        for step in steps {
            guard let next = step.applied(to: result?.path ?? head.path, of: head.bytes) else { continue }
            if var lines = result?.fieldLines, !lines.isEmpty {
                lines += next.fieldLines
                result = Rewritten(path: next.path, fieldLines: lines)
            } else {
                result = next
            }
        }
        return result
    }
}

/// A middleware made ready, once for all requests of a route.
struct RewriteStep: Sendable {
    private struct Prefix: Sendable {
        var path: PathPattern
        var fieldLine: [UInt8]
    }

    private let prefixes: [Prefix]

    init(_ middleware: Middleware) {
        switch middleware {
        case .stripPrefix(let texts):
            prefixes = texts.map { text in
                let path = PathPattern(prefix: text)
                return Prefix(path: path, fieldLine: Array("X-Forwarded-Prefix: ".utf8) + path.bytes + [0x0D, 0x0A])
            }
        }
    }

    /// Takes the first prefix off that the path begins with; `nil` when there is none.
    func applied(to path: Range<Int>, of bytes: [UInt8]) -> Rewritten? {
        bytes.withUnsafeBufferPointer { buffer in
            let view = UnsafeBufferPointer(rebasing: buffer[path])
            guard let prefix = prefixes.first(where: { $0.path.matches(view) }) else { return nil }
            let rest = Self.rest(of: view, after: prefix.path.bytes.count)
            let moved = (path.lowerBound + rest.lowerBound)..<(path.lowerBound + rest.upperBound)
            return Rewritten(path: moved, fieldLines: prefix.fieldLine)
        }
    }

    /// What is left of a path, from the last of the slashes that it begins with: two of them would name a host to
    /// whoever builds a redirect from it. Where nothing is left, it is the slash that the path itself begins with.
    private static func rest(of path: UnsafeBufferPointer<UInt8>, after count: Int) -> Range<Int> {
        var start = count
        while start < path.count, path[start] == UInt8(ascii: "/") { start += 1 }
        if start == path.count { return 0..<min(1, path.count) }
        return (start - 1)..<path.count
    }
}
