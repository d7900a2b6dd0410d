/// The events of tasks in the words that tools written for Nomad show and search for.
extension TaskEvent {
    static func received(at time: WallTime) -> TaskEvent {
        TaskEvent(.received, time: time, message: "Task received by client")
    }

    static func setup(at time: WallTime) -> TaskEvent {
        let message = "Building Task Directory"
        return TaskEvent(.setup, time: time, message: message, details: ["message": message])
    }

    static func started(at time: WallTime) -> TaskEvent {
        TaskEvent(.started, time: time, message: "Task started by client")
    }

    static func terminated(_ exit: TaskExit, at time: WallTime) -> TaskEvent {
        // Of a task whose supervisor is gone nobody knows the code, and 0 would look like success.
        var parts = exit.cause == .supervisorLost ? [] : ["Exit Code: \(exit.code)"]
        var details = ["exit_code": "\(exit.code)", "signal": "\(exit.signal)"]
        if exit.signal != 0 { parts.append("Signal: \(exit.signal)") }
        switch exit.cause {
        case .exited: break
        case .outOfMemory:
            parts.append("Exit Message: \"OOM Killed\"")
            details["oom_killed"] = "true"
        case .diskFull:
            parts.append("Exit Message: \"no space left on the disk\"")
            details["exit_message"] = "no space left on the disk"
        case .supervisorLost:
            parts.append("Exit Message: \"supervisor lost\"")
            details["exit_message"] = "supervisor lost"
        }
        return TaskEvent(
            .terminated, time: time, message: parts.joined(separator: ", "), exitCode: exit.code, signal: exit.signal,
            details: details)
    }

    static func restarting(after delay: Duration, reason: String, at time: WallTime) -> TaskEvent {
        let wait = "Task restarting in \(delay.goText)"
        return TaskEvent(
            .restarting, time: time, message: reason == "Restart within policy" ? wait : "\(reason) - \(wait)",
            details: ["restart_reason": reason, "start_delay": String(delay.nanoseconds)])
    }

    static func notRestarting(reason: String, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .notRestarting, time: time, message: reason, failsTask: true,
            details: ["restart_reason": reason, "fails_task": "true"])
    }

    static func waitingToStop(_ delay: Duration, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .waitingToStop, time: time,
            message: "Waiting for shutdown_delay of \(delay.goText) before killing the task.")
    }

    static func killing(signal: String, grace: Duration, reason: String, at time: WallTime) -> TaskEvent {
        let sent = signal == "SIGINT" ? "Sent interrupt." : "Sent \(signal)."
        return TaskEvent(
            .killing, time: time, message: "\(sent) Waiting \(grace.goText) before force killing",
            details: reason.isEmpty
                ? ["kill_timeout": grace.goText] : ["kill_timeout": grace.goText, "kill_reason": reason])
    }

    static func killed(at time: WallTime) -> TaskEvent {
        TaskEvent(.killed, time: time, message: "Task successfully killed")
    }

    static func restartSignaled(_ reason: String, at time: WallTime) -> TaskEvent {
        TaskEvent(.restartSignal, time: time, message: reason, details: ["restart_reason": reason])
    }

    static func signaling(_ signal: String, reason: String, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .signaling, time: time, message: reason,
            details: ["task_signal": signal, "task_signal_reason": reason])
    }

    static func siblingFailed(_ sibling: String, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .siblingFailed, time: time, message: "Task's sibling \"\(sibling)\" failed",
            details: ["failed_sibling": sibling])
    }

    static func leaderDead(at time: WallTime) -> TaskEvent {
        TaskEvent(.leaderDead, time: time, message: "Leader Task in Group dead")
    }

    static func mainsDead(at time: WallTime) -> TaskEvent {
        TaskEvent(.mainsDead, time: time, message: "Main tasks in the group died")
    }

    static func driverFailure(_ failure: TaskStartFailure, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .driverFailure, time: time, message: failure.description, details: ["driver_error": failure.description])
    }

    static func setupFailure(_ reason: String, at time: WallTime) -> TaskEvent {
        TaskEvent(
            .setupFailure, time: time, message: reason, failsTask: true,
            details: ["setup_error": reason, "fails_task": "true"])
    }
}
