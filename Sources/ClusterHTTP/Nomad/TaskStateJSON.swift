import ClusterKit

extension AnswerWriter {
    /// What is known of the tasks of an allocation, by name.
    mutating func taskStates(_ tasks: [String: TaskState]) {
        field("TaskStates", byName: tasks) { writer, state in
            writer.object {
                $0.field("State", state.phase.rawValue)
                $0.field("Failed", state.failed)
                $0.field("Restarts", state.restarts)
                $0.field("LastRestart", timestamp: state.lastRestart)
                $0.field("StartedAt", timestamp: state.startedAt)
                $0.field("FinishedAt", timestamp: state.finishedAt)
                $0.name("Events")
                $0.array(state.events) { $0.taskEvent($1) }
            }
        }
    }

    private mutating func taskEvent(_ event: TaskEvent) {
        object {
            $0.field("Type", event.kind.rawValue)
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
