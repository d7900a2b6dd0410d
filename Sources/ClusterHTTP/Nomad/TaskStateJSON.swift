import ClusterKit

extension AnswerWriter {
    /// What is known of the tasks of an allocation, by name.
    ///
    /// Of a task that ran when its node was lost nothing more will be heard: as the allocation is over, so is the task,
    /// and an event says that nobody saw it end.
    mutating func taskStates(of allocation: Allocation) {
        let isLost = allocation.client == .lost
        field("TaskStates", byName: allocation.tasks) { writer, state in
            let isUnseen = isLost && state.phase != .dead
            writer.object {
                $0.field("State", isUnseen ? TaskPhase.dead.rawValue : state.phase.rawValue)
                $0.field("Failed", state.failed)
                $0.field("Restarts", state.restarts)
                $0.field("LastRestart", timestamp: state.lastRestart)
                $0.field("StartedAt", timestamp: state.startedAt)
                let wasRunning = isUnseen && state.phase == .running
                $0.field("FinishedAt", timestamp: wasRunning ? allocation.modifyTime : state.finishedAt)
                $0.name("Events")
                $0.array(state.events.map(ShownTaskEvent.init) + (isUnseen ? [.loss(of: allocation)] : [])) {
                    $0.taskEvent($1)
                }
            }
        }
    }

    private mutating func taskEvent(_ shown: ShownTaskEvent) {
        let event = shown.event
        object {
            $0.field("Type", shown.type)
            $0.field("Time", event.time)
            $0.field("Message", event.message)
            $0.field("DisplayMessage", event.message.isEmpty ? event.kind.displayMessage : event.message)
            $0.field("Details") { writer in
                writer.object { details in
                    for (name, value) in event.details.sorted(by: { $0.key < $1.key }) {
                        details.name(escaping: name)
                        details.string(value)
                    }
                }
            }
            $0.field("FailsTask", event.failsTask)
            $0.field("ExitCode", event.exitCode ?? 0)
            $0.field("Signal", event.signal ?? 0)
            // What older clients expect and no event of this cluster says in a field of its own.
            $0.literal(#""RestartReason":"","SetupError":"","DriverError":"","KillTimeout":0,"KillError":"""#)
            $0.literal(#""KillReason":"","StartDelay":0,"DownloadError":"","ValidationError":"","DiskLimit":0"#)
            $0.literal(#""FailedSibling":"","VaultError":"","TaskSignalReason":"","TaskSignal":"""#)
            $0.literal(#""DriverMessage":"","GenericSource":"""#)
        }
    }
}

/// An event as it is told, which may be one that no agent has told of.
private struct ShownTaskEvent {
    var type: String
    var event: TaskEvent

    init(_ event: TaskEvent) {
        type = event.kind.rawValue
        self.event = event
    }

    /// Why nobody has seen the end of a task.
    static func loss(of allocation: Allocation) -> ShownTaskEvent {
        let reason = allocation.clientDescription.isEmpty ? "" : " (\(allocation.clientDescription))"
        let message = "Node was lost\(reason); nobody has seen how the task ended"
        var shown = ShownTaskEvent(TaskEvent(.terminated, time: allocation.modifyTime, message: message))
        shown.type = "Lost"
        return shown
    }
}

extension TaskEventKind {
    /// What an event says that has no words of its own.
    fileprivate var displayMessage: String {
        switch self {
        case .received: "Task received by client"
        case .setup: "Building Task Directory"
        case .started: "Task started by client"
        case .terminated: "Task ended"
        case .restarting: "Task is started again"
        case .notRestarting: "Task is not started again"
        case .waitingToStop: "Task goes on until nobody is sent to it"
        case .killing: "Task is being stopped"
        case .killed: "Task successfully killed"
        case .driverFailure: "The driver could not start the task"
        case .failedValidation: "The task's configuration is wrong"
        case .setupFailure: "The task's environment could not be made"
        case .restartSignal: "Task was told to restart"
        case .siblingFailed: "Another task of the group failed"
        case .template: "Template"
        case .signaling: "Task being sent a signal"
        case .leaderDead: "Leader Task in Group dead"
        case .mainsDead: "Main tasks in the group died"
        }
    }
}
