import ClusterKit

/// What only some drivers can do: nothing is asked of the others.
extension TaskDriverConformance {
    func checkSignals(_ findings: inout Findings) async throws {
        guard let driver = try await makeDriver() as? any TaskSignaling else { return }
        let stubborn = try await startReady(tasks.stubborn, with: driver, &findings)
        findings.expect(
            try await !ends(stubborn, with: driver, within: .milliseconds(500)), "the stubborn task ended by itself")
        try await signal(stubborn, "SIGTERM", with: driver)
        findings.expect(
            try await !ends(stubborn, with: driver, within: .milliseconds(500)), "SIGTERM ended a task that ignores it")
        do {
            try await signal(stubborn, "SIGNONE", with: driver)
            findings.add("a signal that does not exist was sent")
        } catch let error as ClusterError {
            findings.expect(error.code == .invalid, "a signal that does not exist gives \(error.code), not invalid")
        }
        try await stop(stubborn, with: driver, grace: .zero)
        try await signal(stubborn, "SIGTERM", with: driver)
        try await remove(stubborn, with: driver)

        let lasting = try await startReady(tasks.lasting, with: driver, &findings)
        findings.expect(
            try await !ends(lasting, with: driver, within: .milliseconds(500)), "the lasting task ended by itself")
        // As after a restart of the agent.
        guard let later = try await makeDriver() as? any TaskSignaling else { return }
        try await signal(lasting, "SIGTERM", with: later)
        if try await ends(lasting, with: driver, within: limit) {
            let exit = try await wait(for: lasting, with: driver)
            findings.expect(exit.signal != 9, "the task was killed")
        } else {
            findings.add("SIGTERM did not reach the task")
            try await stop(lasting, with: driver, grace: .zero)
        }
        try await remove(lasting, with: driver)
    }

    func checkCommand(_ findings: inout Findings) async throws {
        try await withLastingTask(&findings) { driver, handle, folders, findings in
            for code in [0, 3] {
                let end = try await run("echo out; echo err >&2; exit \(code)", handle, folders, driver)
                let text = String(decoding: end.output, as: UTF8.self)
                findings.expect(
                    end.code == code && end.signal == 0 && !end.timedOut, "a command with exit code \(code) gave \(end)"
                )
                findings.expect(text.contains("out") && text.contains("err"), "the output is \"\(text)\"")
            }
            let many = try await run(
                "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done", handle, folders, driver)
            findings.expect(
                many.code == 0 && many.output.count <= TaskExecution.longestOutput,
                "of a long output \(many.output.count) bytes were kept")
            do {
                var command = TaskCommand(["/no/such/program"], folders: folders, timeout: limit)
                command.environment = environment
                _ = try await driver.execute(command, in: handle)
                findings.add("a program that is not there was run")
            } catch let error as ClusterError {
                findings.expect(error.code == .invalid, "a program that is not there gives \(error.code), not invalid")
            }
        }
    }

    func checkCommandPlace(_ findings: inout Findings) async throws {
        try await withLastingTask(&findings) { driver, handle, folders, findings in
            let script = "echo \"$CONFORMANCE_WORD\"; echo mark > local/mark"
            let end = try await run(script, handle, folders, driver, ["CONFORMANCE_WORD": "a word"])
            let text = String(decoding: end.output, as: UTF8.self)
            findings.expect(text == "a word\n", "the environment is not the one that was given: \"\(text)\"")
            let again = try await run("echo \"$CONFORMANCE_WORD\"; cat local/mark", handle, folders, driver)
            let rest = String(decoding: again.output, as: UTF8.self)
            findings.expect(rest == "\nmark\n", "another command in the same folder finds \"\(rest)\"")
        }
    }

    func checkCommandTime(_ findings: inout Findings) async throws {
        try await withLastingTask(&findings) { driver, handle, folders, findings in
            let beating = "i=0; while :; do i=$((i+1)); echo $i > local/beat; sleep 0.05; done"
            var command = TaskCommand(tasks.shell + [beating], folders: folders, timeout: .milliseconds(300))
            command.environment = environment
            let asked = command
            let end = try await bounded("execute") { try await driver.execute(asked, in: handle) }
            findings.expect(end.timedOut, "a command that took longer than its timeout gave \(end)")
            command.timeout = limit
            let given = command
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await driver.execute(given, in: handle) }
                try? await Task.sleep(for: .milliseconds(300))
                group.cancelAll()
            }
            // What is killed last may beat once more.
            var (last, still) = ([UInt8](), 0)
            for _ in 0..<100 where still < 5 {
                let beat = try await run("cat local/beat 2>/dev/null || true", handle, folders, driver).output
                still = beat == last ? still + 1 : 0
                last = beat
                try await Task.sleep(for: .milliseconds(100))
            }
            findings.expect(still >= 5, "what it had begun went on afterwards")
        }
    }

    func checkCommandLife(_ findings: inout Findings) async throws {
        try await withLastingTask(&findings) { driver, handle, folders, findings in
            var command = TaskCommand(tasks.shell + ["sleep 3600"], folders: folders, timeout: .seconds(3600))
            command.environment = environment
            let asked = command
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await bounded("a command beside a task that ended") {
                        // The end of the task may be told, or the end of the command.
                        do {
                            _ = try await driver.execute(asked, in: handle)
                        } catch let error as ClusterError where error.code == .notFound {}
                    }
                }
                try await Task.sleep(for: .milliseconds(300))
                try await stop(handle, with: driver, grace: .zero)
                try await group.waitForAll()
            }
            do {
                _ = try await run("true", handle, folders, driver)
                findings.add("a command ran beside a task that had ended")
            } catch let error as ClusterError {
                findings.expect(error.code == .notFound, "a task that has ended gives \(error.code), not notFound")
            }
        }
    }

    // MARK: - Help

    /// Has a task run meanwhile, if the driver can run commands beside it.
    private func withLastingTask(
        _ findings: inout Findings,
        _ body: (any TaskExecuting, TaskHandle, TaskFolders, inout Findings) async throws -> Void
    ) async throws {
        guard let driver = try await makeDriver() as? any TaskExecuting else { return }
        let request = try request(tasks.lasting)
        let handle = try await bounded("start") { try await driver.start(request) }
        do {
            try await body(driver, handle, request.folders, &findings)
        } catch {
            findings.add("threw \(type(of: error)): \(error)")
        }
        try await stop(handle, with: driver, grace: .zero)
        try await remove(handle, with: driver)
    }

    private func run(
        _ script: String, _ handle: TaskHandle, _ folders: TaskFolders, _ driver: any TaskExecuting,
        _ variables: [String: String] = [:]
    ) async throws -> TaskExecution {
        let environment = environment.merging(variables) { _, new in new }
        let command = TaskCommand(tasks.shell + [script], environment: environment, folders: folders, timeout: limit)
        return try await bounded("execute") { try await driver.execute(command, in: handle) }
    }

    private func signal(_ handle: TaskHandle, _ name: String, with driver: any TaskSignaling) async throws {
        try await bounded("signal") { try await driver.signal(handle, name) }
    }
}
