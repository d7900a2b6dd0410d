import ClusterKit
import FoundationEssentials

extension TaskDriverConformance {
    func checkFingerprint(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        findings.expect(!driver.name.isEmpty, "its name is empty")
        let status = await driver.fingerprint()
        findings.expect(status.healthy, "fingerprint says: \(status.description)")
    }

    func checkExitCodes(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        for (config, code) in [(tasks.succeeding, 0), (tasks.failing, tasks.failureCode)] {
            let handle = try await start(config, with: driver, &findings)
            let exit = try await wait(for: handle, with: driver)
            findings.expect(
                exit.code == code && exit.signal == 0 && exit.cause == .exited,
                "expected code \(code), got code \(exit.code), signal \(exit.signal), \(exit.cause.rawValue)")
            await expectNothingRuns(of: handle, after: "wait", &findings)
            try await remove(handle, with: driver)
        }
    }

    func checkRepeatedWait(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        let handle = try await start(tasks.failing, with: driver, &findings)
        async let other = wait(for: handle, with: driver)
        let first = try await wait(for: handle, with: driver)
        let second = try await other
        let third = try await wait(for: handle, with: driver)
        findings.expect(first == second && first == third, "got \(first), \(second) and \(third)")
        try await remove(handle, with: driver)
    }

    func checkRestart(_ findings: inout Findings) async throws {
        let lasting = try await startReady(tasks.lasting, with: makeDriver(), &findings)
        let ended = try await start(tasks.failing, with: makeDriver(), &findings)
        let exit = try await wait(for: ended, with: makeDriver())
        let copies = try [lasting, ended].map { try TaskHandle(decoding: $0.encoded) }
        findings.expect(copies == [lasting, ended], "a handle changes when it is stored and read back")
        let later = try await wait(for: copies[1], with: makeDriver())
        findings.expect(later == exit, "the end that was \(exit) is \(later) after a restart")
        findings.expect(
            try await !ends(copies[0], with: makeDriver(), within: .milliseconds(200)),
            "a task that runs seems to have ended after a restart")
        try await stop(copies[0], with: makeDriver(), grace: limit)
        findings.expect(
            try await wait(for: copies[0], with: makeDriver()).cause != .supervisorLost,
            "a task stopped after a restart counts as lost")
        for copy in copies { try await remove(copy, with: makeDriver()) }
    }

    func checkStop(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        let handle = try await startReady(tasks.lasting, with: driver, &findings)
        findings.expect(
            try await !ends(handle, with: driver, within: .milliseconds(200)), "the lasting task ended by itself")
        try await stop(handle, with: driver, grace: limit)
        await expectNothingRuns(of: handle, after: "stop", &findings)
        let exit = try await wait(for: handle, with: driver)
        findings.expect(exit.signal != 9, "it was killed, although it had time to end")
        try await stop(handle, with: driver, grace: limit)
        let again = try await wait(for: handle, with: driver)
        findings.expect(again == exit, "the end that was \(exit) is \(again) after another stop")
        try await remove(handle, with: driver)
        try await stop(handle, with: driver, grace: limit)
    }

    func checkStubborn(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        let handle = try await startReady(tasks.stubborn, with: driver, &findings)
        findings.expect(
            try await !ends(handle, with: driver, within: .milliseconds(500)), "the stubborn task ended by itself")
        try await stop(handle, with: driver, grace: .milliseconds(100))
        await expectNothingRuns(of: handle, after: "stop", &findings)
        let exit = try await wait(for: handle, with: driver)
        // Containers report a kill as code 137.
        findings.expect(
            exit.signal == 9 || exit.code == 137, "expected signal 9, got code \(exit.code), signal \(exit.signal)")
        try await remove(handle, with: driver)
    }

    func checkRemove(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        let handle = try await start(tasks.succeeding, with: driver, &findings)
        _ = try await wait(for: handle, with: driver)
        try await remove(handle, with: driver)
        try await remove(handle, with: driver)
        findings.expect(
            try await wait(for: handle, with: driver).cause == .supervisorLost, "it still knows a task that was removed"
        )

        let running = try await start(tasks.stubborn, with: driver, &findings)
        try await stop(running, with: driver, grace: .zero)
        try await remove(running, with: makeDriver())
        await expectNothingRuns(of: running, after: "remove", &findings)
    }

    func checkUnknown(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        let request = try request(tasks.succeeding)
        let strange = TaskHandle(driver: driver.name, allocation: request.allocation, task: request.task)
        let exit = try await wait(for: strange, with: driver)
        findings.expect(exit.cause == .supervisorLost, "expected supervisor lost, got \(exit.cause.rawValue)")
        try await stop(strange, with: driver, grace: .zero)
        try await remove(strange, with: driver)
    }

    func checkUnstartable(_ findings: inout Findings) async throws {
        let driver = try await makeDriver()
        do {
            let handle = try await start(tasks.unstartable, with: driver, &findings)
            findings.add("it started")
            try await stop(handle, with: driver, grace: .zero)
            try await remove(handle, with: driver)
        } catch let failure as TaskStartFailure {
            findings.expect(!failure.description.isEmpty, "the failure does not say why")
        }
    }
}

extension TaskDriverConformance {
    func start(
        _ config: [String: ConfigValue], with driver: any TaskDriver, _ findings: inout Findings
    ) async throws -> TaskHandle {
        try await start(request(config), with: driver, &findings)
    }

    /// Starts a task and gives it the time to set up how it takes signals.
    func startReady(
        _ config: [String: ConfigValue], with driver: any TaskDriver, _ findings: inout Findings
    ) async throws -> TaskHandle {
        let request = try request(config)
        let handle = try await start(request, with: driver, &findings)
        guard let ready = tasks.ready else {
            try await Task.sleep(for: .milliseconds(500))
            return handle
        }
        let end = ContinuousClock.now + limit
        while !FileManager.default.fileExists(atPath: request.folders.task + "/" + ready) {
            guard ContinuousClock.now < end else {
                findings.add("the task did not make \(ready) within \(limit)")
                break
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        return handle
    }

    private func start(
        _ request: TaskRequest, with driver: any TaskDriver, _ findings: inout Findings
    ) async throws -> TaskHandle {
        let handle = try await bounded("start") { try await driver.start(request) }
        findings.expect(
            handle.driver == driver.name && handle.allocation == request.allocation && handle.task == request.task,
            "the handle \(handle) does not name the driver, the allocation and the task")
        return handle
    }

    func wait(for handle: TaskHandle, with driver: any TaskDriver) async throws -> TaskExit {
        try await bounded("wait") { try await driver.wait(for: handle) }
    }

    func stop(_ handle: TaskHandle, with driver: any TaskDriver, grace: Duration) async throws {
        try await bounded("stop") { try await driver.stop(handle, signal: "SIGTERM", grace: grace) }
    }

    func remove(_ handle: TaskHandle, with driver: any TaskDriver) async throws {
        try await bounded("remove") { try await driver.remove(handle) }
    }

    /// Whether a task ends within a short time.
    func ends(
        _ handle: TaskHandle, with driver: any TaskDriver, within time: Duration
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    _ = try await driver.wait(for: handle)
                    return true
                } catch is CancellationError {
                    return false
                }
            }
            group.addTask {
                try await Task.sleep(for: time)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func expectNothingRuns(
        of handle: TaskHandle, after call: String, _ findings: inout Findings
    ) async {
        let rest = await leftOvers(handle)
        findings.expect(rest.isEmpty, "after \(call) there still run: \(rest.joined(separator: ", "))")
    }
}
