import Synchronization

/// Files of a task that have changed and are not written yet: they are when the task is restarted or signaled, after a
/// random wait that keeps instances from acting all at once. An agent that is started anew meanwhile finds the old
/// files, and so the change.
final class TemplateChanges: Sendable {
    private let texts = Mutex<[Int: String]>([:])

    /// Adds the newest texts by the places of their templates. Gives whether there were none: then a wait begins.
    func add(_ new: [Int: String]) -> Bool {
        texts.withLock { texts in
            defer { texts.merge(new) { _, newest in newest } }
            return texts.isEmpty
        }
    }

    /// Whether nothing waits.
    var isEmpty: Bool { texts.withLock(\.isEmpty) }

    /// Takes them all out.
    func take() -> [Int: String] {
        texts.withLock { texts in
            defer { texts = [:] }
            return texts
        }
    }
}
