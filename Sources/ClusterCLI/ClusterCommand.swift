import ArgumentParser

/// `cluster`: the groups of commands, and the short forms that users of Nomad type.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Runs jobs on a cluster and looks at what became of them.",
        discussion: """
            Commands find the server by --address or NOMAD_ADDR, those about secrets by --vault-address or VAULT_ADDR, \
            and take flags with one dash as with two.
            Exit codes: 0 all is well, 1 an error, 2 a job was registered but not all of it could be placed, 3 a \
            roll-out goes on once someone promotes or resumes it. `job plan` and `claim` have codes of their own: see \
            their help.
            """,
        subcommands: [
            JobCommand.self, DeploymentCommand.self, AllocCommand.self, EvalCommand.self, NodeCommand.self,
            NamespaceCommand.self, ServerCommand.self, ScalingCommand.self, OperatorCommand.self, SystemCommand.self,
            SecretCommand.self,
            QueueCommand.self, ClaimCommand.self,
            WhatIf.self,
            VersionCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "Short forms",
                subcommands: [
                    ShortRun.self, ShortPlan.self, ShortStatus.self, ShortStop.self, ShortValidate.self,
                    ShortInspect.self, ShortLogs.self,
                ])
        ])
}

/// `cluster job …`
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Works with jobs.",
        subcommands: [
            JobRun.self, JobPlanCommand.self, JobStatus.self, JobAllocs.self, JobDeployments.self, JobHistory.self,
            JobWhy.self, JobScale.self,
            JobScalingEvents.self,
            JobEval.self, JobDispatch.self, PeriodicCommand.self, JobRestart.self, JobRevert.self, JobPromote.self,
            JobTag.self, JobStop.self, JobInspect.self, JobValidate.self,
        ])
}

/// `cluster alloc …`
struct AllocCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alloc", abstract: "Works with allocations: the placed instances of a job's groups.",
        subcommands: [
            AllocStatus.self, AllocChecks.self, AllocLogs.self, AllocStop.self, AllocRetire.self, AllocSignal.self,
            AllocRestart.self,
        ])
}

/// `cluster node …`
struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Works with nodes: the machines that run jobs.",
        subcommands: [
            NodeStatus.self, NodeDrainCommand.self, NodeEligibilityCommand.self, NodePurge.self, NodePoolCommand.self,
        ])
}

/// `cluster scaling …`
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling", abstract: "Works with the bounds of counts.", subcommands: [ScalingPolicyCommand.self])
}

/// `cluster scaling policy …`
struct ScalingPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Shows the bounds of counts, as autoscalers read them.",
        subcommands: [ScalingPolicyList.self, ScalingPolicyInfo.self])
}

/// `cluster operator …`
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Works with what holds for the whole cluster.",
        subcommands: [SchedulerCommand.self])
}

/// `cluster operator scheduler …`
struct SchedulerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "Works with the rules by which work is placed.",
        subcommands: [SchedulerGetConfig.self, SchedulerSetConfig.self])
}

/// `cluster system …`
struct SystemCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Works with what the servers keep.",
        subcommands: [SystemGC.self, SystemReconcile.self])
}

/// `cluster secret …`
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Works with secrets: values under paths, in versions.",
        discussion: """
            PATH may be written with or without secret/ in front, where all of them are kept.
            """,
        subcommands: [
            SecretPut.self, SecretGet.self, SecretList.self, SecretMetadata.self, SecretDelete.self,
            SecretUndelete.self, SecretDestroy.self,
        ])
}
