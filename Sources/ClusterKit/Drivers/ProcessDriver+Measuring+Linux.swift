#if os(Linux)
    import ClusterShimCore
    import Dispatch

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    extension ProcessDriver: TaskMeasuring {
        /// Asks the task's control group as far as that counts, and the task's processes for the rest. Without a group
        /// the processor time of processes that ended is known only as far as others of the task waited for them.
        public func usage(of handle: TaskHandle) async throws -> TaskUsage {
            guard let trace = TaskTrace(facts: handle.facts), handle.driver == name else {
                throw ClusterError(.notFound, "task \(handle.task) was not started by the driver \(name)")
            }
            // A build has thousands of processes: looking at them takes a thread that may be held up.
            let usage = await withCheckedContinuation { continuation in
                DispatchQueue.global(qos: .utility).async {
                    continuation.resume(returning: TaskUsage(of: trace))
                }
            }
            guard let usage else { throw ClusterError(.notFound, "task \(handle.task) does not run") }
            return usage
        }
    }

    extension TaskUsage {
        /// Measures a task; `nil` when nothing of it runs.
        init?(of trace: TaskTrace) {
            guard trace.boot == ProcessIdentity.boot else { return nil }
            let group = ControlGroup(path: trace.group)
            let members = group.map(Self.members) ?? Self.session(of: trace)
            guard !members.isEmpty else { return nil }
            self.init()
            add(members)
            if let group { take(group) }
        }

        /// The processes in a group and in those below it.
        private static func members(of group: ControlGroup) -> [Int32] {
            guard let folder = Descriptor.open(group.path, O_RDONLY | O_DIRECTORY) else { return [] }
            let inner = names(in: folder).filter { !$0.contains(".") }
                .compactMap { ControlGroup(path: group.path + "/" + $0) }
            return group.members + inner.flatMap(members)
        }

        private static func session(of trace: TaskTrace) -> [Int32] {
            guard let task = trace.task else { return [] }
            return ProcessStatus.all()
                .filter { $0.status.session == task.pid && $0.status.start >= task.start && $0.status.state != "Z" }
                .map(\.pid)
        }

        private mutating func add(_ members: [Int32]) {
            var (user, system) = (0, 0)
            var (resident, swapped, count) = (0, 0, 0)
            for member in members {
                guard let line = contents(of: "/proc/\(member)/stat"), let end = line.lastIndex(of: ")") else {
                    continue
                }
                let fields = line[line.index(after: end)...].split(separator: " ")
                guard fields.count > 21 else { continue }
                // The time of children that were waited for is in the third and fourth.
                user += Self.sum(fields[11], fields[13])
                system += Self.sum(fields[12], fields[14])
                count += 1
                let status = KeyedNumbers(contents(of: "/proc/\(member)/status") ?? "")
                resident += (status["VmRSS:"] ?? 0) << 10
                swapped += (status["VmSwap:"] ?? 0) << 10
            }
            let tick = 1_000_000_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
            userTime = .nanoseconds(user) * tick
            systemTime = .nanoseconds(system) * tick
            residentMemory = resident
            swap = swapped
            processes = count
        }

        private static func sum(_ first: Substring, _ second: Substring) -> Int {
            max(0, Int(first) ?? 0) + max(0, Int(second) ?? 0)
        }

        /// What the group counts is better than sums over processes: it includes those that ended.
        mutating func take(_ group: ControlGroup) {
            func text(_ file: String) -> String? { contents(of: group.path + "/" + file) }
            if let text = text("cpu.stat") { takeProcessor(KeyedNumbers(text)) }
            guard let stat = text("memory.stat") else { return }
            takeMemory(
                KeyedNumbers(stat), current: text("memory.current").flatMap(Self.number),
                peak: text("memory.peak").flatMap(Self.number), swap: text("memory.swap.current").flatMap(Self.number))
        }

        /// Reads version 2's `cpu.stat`.
        mutating func takeProcessor(_ stat: KeyedNumbers) {
            if let user = stat["user_usec"], let system = stat["system_usec"] {
                userTime = .microseconds(user)
                systemTime = .microseconds(system)
            }
            throttledPeriods = stat["nr_throttled"] ?? throttledPeriods
            if let held = stat["throttled_usec"] { throttledTime = .microseconds(held) }
        }

        /// Reads version 2's files on memory.
        mutating func takeMemory(_ stat: KeyedNumbers, current: Int?, peak: Int?, swap: Int?) {
            memory = current
            peakMemory = peak
            residentMemory = stat["anon"] ?? residentMemory
            cache = stat["file"]
            kernelMemory = stat["kernel"] ?? stat["slab"]
            self.swap = swap ?? self.swap
        }

        private static func number(_ text: String) -> Int? { Int(text.prefix { $0.isNumber }) }
    }

    /// A text of lines that are each a name, a number and maybe a unit.
    struct KeyedNumbers {
        private var numbers: [Substring: Int] = [:]

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
                if words.count > 1, let number = Int(words[1]), number >= 0 { numbers[words[0]] = number }
            }
        }

        subscript(name: Substring) -> Int? { numbers[name] }
    }
#endif
