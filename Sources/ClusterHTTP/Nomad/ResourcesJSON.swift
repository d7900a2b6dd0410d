import ClusterKit

/// What allocations and nodes hold, in the form of today and in that of older clients.
extension AnswerWriter {
    /// What an allocation holds, by task and shared.
    mutating func allocatedResources(_ allocation: Allocation, in snapshot: Snapshot) {
        let group = snapshot.job(of: allocation)?.group(allocation.group)
        let tasks = group?.tasks ?? []
        name("AllocatedResources")
        object { writer in
            writer.field("Tasks") { writer in
                writer.object { named in
                    for task in tasks {
                        named.name(escaping: task.name)
                        named.taskResources(
                            snapshot.schedulingRules.granted(task.resources), named: task.name, allocation.resources)
                    }
                }
            }
            writer.field("TaskLifecycles") { writer in
                writer.object { named in
                    for task in tasks {
                        named.name(escaping: task.name)
                        named.null()
                    }
                }
            }
            writer.field("Shared") { writer in
                writer.object {
                    $0.networks(allocation.resources.ports, of: group)
                    $0.field("DiskMB", allocation.resources.total.diskMiB)
                    $0.name("Ports")
                    $0.arrayOrNull(allocation.resources.ports) { writer, port in
                        writer.object {
                            $0.field("Label", port.label)
                            $0.field("Value", port.value)
                            $0.field("To", port.to)
                            $0.field("HostIP", port.hostIP)
                        }
                    }
                }
            }
        }
    }

    private mutating func taskResources(
        _ resources: TaskResources, named task: String, _ held: AllocatedResources
    ) {
        object {
            $0.field("Cpu") { writer in
                writer.object {
                    $0.field("CpuShares", resources.cpuMHz)
                    $0.name("ReservedCores")
                    $0.arrayOrNull(held.cores[task] ?? []) { $0.number($1) }
                }
            }
            $0.field("Memory") { writer in
                writer.object {
                    $0.field("MemoryMB", resources.memoryMiB)
                    $0.field("MemoryMaxMB", resources.memoryMaxMiB)
                }
            }
            $0.literal(#""Networks":null"#)
            $0.devices(held.devices.filter { $0.task == task })
        }
    }

    /// The same by the names that clients of old read.
    mutating func olderResources(_ allocation: Allocation, in snapshot: Snapshot) {
        let group = snapshot.job(of: allocation)?.group(allocation.group)
        let ports = allocation.resources.ports
        name("Resources")
        amounts(allocation.resources.total) { $0.networks(ports, of: group) }
        name("SharedResources")
        amounts(Resources(diskMiB: allocation.resources.total.diskMiB)) { $0.networks(ports, of: group) }
        name("TaskResources")
        object { writer in
            for task in group?.tasks ?? [] {
                writer.name(escaping: task.name)
                let held = Resources(cpuMHz: task.resources.cpuMHz, memoryMiB: task.resources.memoryMiB)
                writer.amounts(held) { $0.literal(#""Networks":null"#) }
            }
        }
    }

    mutating func amounts(_ resources: Resources, _ networks: (inout AnswerWriter) -> Void) {
        object {
            $0.field("CPU", resources.cpuMHz)
            $0.field("MemoryMB", resources.memoryMiB)
            $0.field("DiskMB", resources.diskMiB)
            $0.literal(#""IOPS":0,"Devices":null"#)
            networks(&$0)
        }
    }

    private mutating func networks(_ ports: [PortMapping], of group: TaskGroup?) {
        name("Networks")
        guard let first = ports.first else { return null() }
        let fixed = Set((group?.network?.ports ?? []).filter { $0.number != 0 }.map(\.label))
        objectInArray { writer in
            writer.field("Mode", group?.network?.mode ?? "")
            writer.literal(#""Device":"","CIDR":"","MBits":0,"DNS":null"#)
            writer.field("IP", first.hostIP)
            writer.field("ReservedPorts") { $0.portList(ports.filter { fixed.contains($0.label) }) }
            writer.field("DynamicPorts") { $0.portList(ports.filter { !fixed.contains($0.label) }) }
        }
    }

    private mutating func portList(_ ports: [PortMapping]) {
        arrayOrNull(ports) { writer, port in
            writer.object {
                $0.field("Label", port.label)
                $0.field("Value", port.value)
                $0.field("To", port.to)
                $0.literal(#""HostNetwork":"default""#)
            }
        }
    }

    private mutating func objectInArray(_ pairs: (inout AnswerWriter) -> Void) {
        array(CollectionOfOne(())) { writer, _ in writer.object(pairs) }
    }
}
