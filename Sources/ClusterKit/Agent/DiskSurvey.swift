import Dispatch
import Synchronization

/// Measures, slowly and again and again, what the folders of allocations take on disk.
///
/// All folders take turns, each for `slice` at most, so that a huge one does not keep the others from being looked at;
/// and after each turn nineteen times as long passes, so that at most a twentieth of one core and of the disk's time
/// goes into it. A folder of a few files is thus measured anew each time around, one of ten million within minutes,
/// and `age` says how long ago.
final class DiskSurvey: Sendable {
    /// What the last whole look through a folder found.
    struct Finding: Hashable, Sendable {
        var bytes: UInt64
        var files: Int
        /// When it was finished.
        var at: Uptime
    }

    /// A walk that is under way; taken out while somebody goes on with it.
    private final class Walk: @unchecked Sendable {
        // Only the one thread that took this out of the list touches it.
        var walk: FolderWalk
        init?(_ path: String) {
            guard let walk = FolderWalk.begin(at: path) else { return nil }
            self.walk = walk
        }
    }

    private struct State {
        var findings: [AllocationID: Finding] = [:]
        var walks: [AllocationID: Walk] = [:]
    }

    private let state = Mutex(State())
    private let root: String
    private let time: any TimeSource
    private static let slice: Duration = .milliseconds(20)
    /// How many times as long as it works it rests.
    private static let rest = 19

    /// Measures folders below `root`.
    init(root: String, time: any TimeSource) {
        self.root = root
        self.time = time
    }

    /// What is known of an allocation.
    func finding(_ id: AllocationID) -> Finding? { state.withLock { $0.findings[id] } }

    /// Measures until it is canceled. `current` says what runs; a round through all begins every `interval` at most.
    func run(every interval: Duration, of current: @Sendable () -> [AllocationID]) async {
        while !Task.isCancelled {
            let ids = current()
            forgetAll(but: Set(ids))
            let began = time.now().uptime
            var isOver = true
            for id in ids {
                let worked = time.now().uptime
                if await !advance(id) { isOver = false }
                let pause = (time.now().uptime - worked) * Self.rest
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
            let spent = time.now().uptime - began
            // A walk that is not over goes on at once: its rest was taken.
            let pause = isOver ? max(.milliseconds(100), interval - spent) : .milliseconds(1)
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }

    /// Works for a slice on one folder. Gives whether the walk through it is over.
    private func advance(_ id: AllocationID) async -> Bool {
        // Disks hold up whoever reads them: never one of the few threads that run everything else.
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { [self] in continuation.resume(returning: step(id)) }
        }
    }

    /// Goes on with the walk through one folder.
    func step(_ id: AllocationID) -> Bool {
        guard let walk = state.withLock({ $0.walks.removeValue(forKey: id) }) ?? Walk("\(root)/\(id)") else {
            return true
        }
        let end = time.now().uptime + Self.slice
        let isDone = walk.walk.advance { time.now().uptime >= end }
        let finding = Finding(bytes: walk.walk.bytes, files: walk.walk.files, at: time.now().uptime)
        state.withLock { state in
            if isDone { state.findings[id] = finding } else { state.walks[id] = walk }
        }
        return isDone
    }

    private func forgetAll(but ids: Set<AllocationID>) {
        state.withLock { state in
            state.findings = state.findings.filter { ids.contains($0.key) }
            state.walks = state.walks.filter { ids.contains($0.key) }
        }
    }
}
