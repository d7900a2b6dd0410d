import ClusterKit

/// What is asked of drivers that keep to a lease.
extension TaskDriverConformance {
    func checkLease(_ findings: inout Findings) async throws {
        guard let driver = try await makeDriver() as? any TaskLeasing else { return }
        let clock = SystemTime()
        var over = try request(tasks.lasting)
        over.lease = TaskLease(until: clock.now().uptime, signal: "SIGTERM", grace: .zero)
        let late = over
        do {
            let handle = try await bounded("start") { try await driver.start(late) }
            findings.add("a task started after its lease")
            try await remove(handle, with: driver)
        } catch is TaskStartFailure {
            // As it shall be.
        }

        var leased = try request(tasks.lasting)
        leased.lease = TaskLease(until: clock.now().uptime + .seconds(2), signal: "SIGTERM", grace: .seconds(1))
        let timely = leased
        let handle = try await bounded("start") { try await driver.start(timely) }
        try await bounded("renewLease") {
            try await driver.renewLease(of: handle, until: clock.now().uptime + .seconds(5))
            try await driver.renewLease(of: handle, until: clock.now().uptime)
        }
        findings.expect(
            try await !ends(handle, with: driver, within: .seconds(3)), "a task ended before its renewed lease")
        findings.expect(try await ends(handle, with: driver, within: limit), "a task did not end with its lease")
        try await remove(handle, with: driver)
        try await bounded("renewLease") { try await driver.renewLease(of: handle, until: clock.now().uptime) }
    }
}
