#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Watches over one task from its start to its end: writes its output, ends what it leaves behind, records how it
/// ended. It blocks the calling thread all along: a shim's only one, or one of the host's own for each task.
package struct Supervisor: ~Copyable {
    /// Which thread a task hangs on.
    package enum Host: Sendable {
        /// The only thread of a shim, which adopts what the task leaves behind.
        case shim
        /// A thread within a program that has children of its own.
        case thread
    }

    private let order: TaskOrder
    private let host: Host
    private let group: ControlGroup?
    private let state: Descriptor
    private var output: Stream
    private var errors: Stream
    private let buffer: UnsafeMutableRawBufferPointer

    /// How long output is still read once the task and its group have ended: whoever holds the pipe open then ran away.
    private static let drainNanoseconds: Int64 = 2_000_000_000

    private init(
        order: TaskOrder, host: Host, state: consuming Descriptor, output: consuming Stream, errors: consuming Stream
    ) {
        self.order = order
        self.host = host
        self.state = state
        self.output = output
        self.errors = errors
        group = order.group.isEmpty ? nil : ControlGroup(path: order.group)
        buffer = .allocate(byteCount: 32_768, alignment: 16)
    }

    /// Prepares the state folder and the output files.
    package static func prepare(order: TaskOrder, host: Host) throws(LaunchFailure) -> Supervisor {
        guard let state = Descriptor.open(order.state, O_RDONLY | O_DIRECTORY), ExitRecord.reserve(in: state) else {
            throw LaunchFailure(step: .prepare, code: errno)
        }
        let output = try Stream.open("stdout", of: order)
        let errors = try Stream.open("stderr", of: order)
        return Supervisor(order: order, host: host, state: state, output: output, errors: errors)
    }

    deinit { buffer.deallocate() }

    /// Runs the task to its end. `report` is called once, when it runs; an error is thrown when it never does.
    package mutating func run(report: (TaskTrace) -> Void) throws(LaunchFailure) {
        let boot = ProcessIdentity.boot
        guard let own = ProcessIdentity.current(of: getpid()) else {
            throw LaunchFailure(step: .prepare, code: ESRCH)
        }
        var trace = TaskTrace(boot: boot, shim: own, task: nil, group: order.group)
        var lease = LeaseKeeper(order)
        guard lease?.isOver() != true else { throw LaunchFailure(step: .lease, code: ETIME) }
        // Left first, so that a shim that dies while it starts the task can be found.
        try leave(trace)
        if host == .shim { adoptOrphans() }
        let pid = try launch()
        trace.task = ProcessIdentity.current(of: pid)
        do {
            try leave(trace)
        } catch {
            _ = kill(-pid, SIGKILL)
            _ = retrying { waitpid(pid, nil, 0) }
            throw error
        }
        report(trace)
        var record = watch(pid, &lease)
        // While its entry remains, the number of the leader, and with it that of the group, belongs to nobody else.
        _ = kill(-pid, SIGKILL)
        if host == .thread, group == nil { trace.killAll() }
        _ = retrying { waitpid(pid, nil, 0) }
        endGroup()
        if host == .shim { endDescendants() }
        drain()
        record.outOfMemory = record.signal == SIGKILL && group?.ranOutOfMemory == true
        record.dropped = output.dropped + errors.dropped
        leave(record)
    }

    private func leave(_ trace: TaskTrace) throws(LaunchFailure) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
        guard let file = Descriptor.open(TaskTrace.file, in: state, flags, mode: 0o600),
            file.write(Array(trace.text.utf8))
        else { throw LaunchFailure(step: .prepare, code: errno) }
    }

    /// Keeps at it while the disk is full or fails: the record is the only witness. A folder that is gone wants none.
    private func leave(_ record: ExitRecord) {
        while !record.write(in: state) {
            guard errno != ENOENT else { return }
            usleep(200_000)
        }
    }

    private mutating func launch() throws(LaunchFailure) -> Int32 {
        guard let null = Descriptor.open("/dev/null", O_RDWR), let out = output.makePipe(),
            let err = errors.makePipe()
        else { throw LaunchFailure(step: .prepare, code: errno) }
        var launch = Launch(
            path: order.program, arguments: order.arguments, input: null.number, output: out.number,
            error: err.number)
        launch.environment = order.environment
        launch.folder = order.folder
        launch.diesWithThread = true
        let outcome: Launch.Outcome
        if let group {
            guard let members = group.openMembers() else { throw LaunchFailure(step: .joinGroup, code: errno) }
            launch.group = members.number
            outcome = launch.start()
        } else {
            outcome = launch.start()
        }
        switch outcome {
        case .started(let pid): return pid
        case .failed(let failure): throw failure
        }
    }

    /// Moves output until the task's first process ends, at the latest when its lease is over.
    private mutating func watch(_ pid: Int32, _ lease: inout LeaseKeeper?) -> ExitRecord {
        let child = ChildWatch(pid: pid)
        while true {
            switch child.end {
            case .running:
                let left = lease?.act(on: pid, in: group) ?? -1
                // Without a descriptor to wait for, the end has to be looked for.
                let interval: Int32 = child.descriptor < 0 ? 20 : -1
                pump(beside: child.descriptor, timeout: left < 0 ? interval : interval < 0 ? left : min(left, interval))
            case .ended(let code, let signal):
                return ExitRecord(code: code, signal: signal, time: now(CLOCK_REALTIME))
            case .unknown:
                var record = ExitRecord(time: now(CLOCK_REALTIME))
                record.isLost = true
                return record
            }
        }
    }

    /// Moves what is still in the pipes, until both ends are closed or time is up.
    private mutating func drain() {
        let deadline = now(CLOCK_MONOTONIC) + Self.drainNanoseconds
        while output.isOpen || errors.isOpen {
            let rest = (deadline - now(CLOCK_MONOTONIC)) / 1_000_000
            guard rest > 0 else { return }
            pump(beside: -1, timeout: Int32(rest))
        }
    }

    private mutating func pump(beside watched: Int32, timeout: Int32) {
        var polled = (
            pollfd(fd: watched, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0)
        )
        let ready = withUnsafeMutableBytes(of: &polled) { bytes in
            poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 3, timeout)
        }
        guard ready > 0 else { return }
        if polled.1.revents != 0 { output.move(using: buffer) }
        if polled.2.revents != 0 { errors.move(using: buffer) }
    }

    private func now(_ clock: clockid_t) -> Int64 {
        // Two words, not the fields of `timespec`, which Swift 6.3 at times takes for another module's.
        var time: (seconds: Int, nanoseconds: Int) = (0, 0)
        withUnsafeMutableBytes(of: &time) { bytes in
            guard let place = bytes.assumingMemoryBound(to: timespec.self).baseAddress else { return }
            clock_gettime(clock, place)
        }
        return Int64(time.seconds) * 1_000_000_000 + Int64(time.nanoseconds)
    }

    /// Ends what is in the control group, wherever it went. What is not gone in time does not hold up the record.
    private func endGroup() {
        guard let group else { return }
        let deadline = now(CLOCK_MONOTONIC) + Self.drainNanoseconds
        while !group.isEmpty, now(CLOCK_MONOTONIC) < deadline {
            group.kill()
            usleep(1000)
        }
    }

    /// Ends what left the task's process group: as its orphans come to this process, no child left means nothing left.
    private func endDescendants() {
        let deadline = now(CLOCK_MONOTONIC) + Self.drainNanoseconds
        while now(CLOCK_MONOTONIC) < deadline {
            let reaped = retrying { waitpid(-1, nil, WNOHANG) }
            if reaped < 0 { return }
            if reaped > 0 { continue }
            killChildren()
            usleep(2000)
        }
    }
}

/// One output stream: the pipe from the task and the files it goes to.
private struct Stream: ~Copyable {
    private var log: RotatingLog
    private var pipe: Descriptor?

    private init(log: consuming RotatingLog) { self.log = log }

    static func open(_ name: String, of order: TaskOrder) throws(LaunchFailure) -> Stream {
        guard let folder = Descriptor.openFolder(order.logs) else {
            throw LaunchFailure(step: .prepare, code: errno)
        }
        let log = RotatingLog(
            in: folder, name: LogName(task: order.task, stream: name), files: order.logFiles, size: order.logFileSize)
        guard log.isOpen else { throw LaunchFailure(step: .prepare, code: errno) }
        return Stream(log: log)
    }

    var dropped: Int { log.dropped }
    var isOpen: Bool { descriptor >= 0 }
    /// The reading end; -1 once all writing ends are closed.
    private(set) var descriptor: Int32 = -1

    /// Keeps the reading end and returns the writing one.
    mutating func makePipe() -> Descriptor? {
        var ends: [Int32] = [-1, -1]
        guard openPipe(&ends), let reading = Descriptor(ends[0]), let writing = Descriptor(ends[1]) else {
            return nil
        }
        _ = fcntl(reading.number, F_SETFL, O_NONBLOCK)
        descriptor = reading.number
        pipe = consume reading
        return writing
    }

    mutating func move(using buffer: UnsafeMutableRawBufferPointer) {
        let number = descriptor
        let count = retrying { read(number, buffer.baseAddress, buffer.count) }
        if count > 0 {
            log.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } else if count == 0 || errno != EAGAIN {
            pipe = nil
            descriptor = -1
        }
    }
}
