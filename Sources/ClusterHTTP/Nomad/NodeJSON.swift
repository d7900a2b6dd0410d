import ClusterKit

extension AnswerWriter {
    /// A node as lists show it.
    mutating func nodeStub(_ node: Node, withResources: Bool) {
        object { writer in
            writer.nodeHead(node)
            writer.lastDrain(LastDrain(of: node))
            writer.field("Address", node.address)
            writer.field("Version", node.version)
            if withResources { writer.nodeResources(node) }
        }
    }

    /// A node with everything that is known of it.
    mutating func node(_ node: Node) {
        object { writer in
            writer.nodeHead(node)
            writer.literal(#""SecretID":"","TLSEnabled":false,"Links":null,"ComputedClass":"""#)
            writer.literal(#""CSIControllerPlugins":null,"CSINodePlugins":null"#)
            writer.field("HTTPAddr", "")
            writer.drain(node.drain)
            writer.lastDrain(LastDrain(of: node))
            writer.field("Attributes", node.attributes)
            writer.field("Meta", node.meta)
            writer.nodeResources(node)
            writer.name("Resources")
            writer.amounts(node.capacity) { $0.literal(#""Networks":null"#) }
            writer.name("Reserved")
            writer.amounts(node.reserved) { $0.literal(#""Networks":null"#) }
            writer.field("StatusUpdatedAt", node.statusTime.nanoseconds / 1_000_000_000)
            writer.name("Events")
            writer.array(node.events) { writer, event in
                writer.object {
                    $0.field("Message", event.message)
                    $0.field("Subsystem", event.subsystem)
                    $0.field("Timestamp", timestamp: event.time)
                    $0.literal(#""Details":null,"CreateIndex":0"#)
                }
            }
        }
    }

    private mutating func nodeHead(_ node: Node) {
        field("ID", node.id)
        field("Name", node.name)
        field("Datacenter", node.datacenter)
        field("NodeClass", node.nodeClass)
        field("NodePool", node.pool)
        field("Drain", node.drain != nil)
        field("SchedulingEligibility", node.eligibility.rawValue)
        field("Status", node.status.rawValue)
        field("StatusDescription", node.statusDescription)
        hostVolumes(node.hostVolumes)
        field("CreateIndex", node.createRevision)
        field("ModifyIndex", node.modifyRevision)
        field("Drivers") { writer in
            writer.object { named in
                for (name, driver) in node.drivers.sorted(by: { $0.key < $1.key }) {
                    named.name(escaping: name)
                    named.object {
                        $0.field("Attributes", driver.attributes)
                        $0.field("Detected", true)
                        $0.field("Healthy", driver.healthy)
                        $0.field("HealthDescription", driver.description)
                        $0.field("UpdateTime", timestamp: node.statusTime)
                    }
                }
            }
        }
    }

    private mutating func drain(_ drain: NodeDrain?) {
        name("DrainStrategy")
        guard let drain else { return null() }
        let deadline = drain.isForced ? -1 : drain.deadline.map { ($0 - drain.startedAt).nanoseconds } ?? 0
        object { writer in
            writer.field("Deadline", deadline)
            writer.field("IgnoreSystemJobs", drain.ignoresSystemJobs)
            // Ours: Nomad keeps it apart, as the last drain's.
            if !drain.reason.isEmpty { writer.field("Reason", drain.reason) }
            if let deadline = drain.deadline {
                writer.field("ForceDeadline", timestamp: deadline)
            } else {
                // Go's zero time.
                writer.literal(#""ForceDeadline":"0001-01-01T00:00:00Z""#)
            }
            writer.field("StartedAt", timestamp: drain.startedAt)
        }
    }

    private mutating func nodeResources(_ node: Node) {
        name("NodeResources")
        object { writer in
            writer.cpuMemoryDisk(node.capacity) { writer in
                let kept = Set(node.reservedCores)
                writer.field("TotalCpuCores", node.cores)
                writer.name("ReservableCpuCores")
                writer.arrayOrNull((0..<node.cores).filter { !kept.contains($0) }) { $0.number($1) }
            }
            writer.devices(node.devices)
            writer.literal(#""Networks":[{"Mode":"host","Device":"","CIDR":"","MBits":0,"DNS":null"#)
            writer.field("IP", node.address)
            writer.literal(#""ReservedPorts":null,"DynamicPorts":null}],"NodeNetworks":null"#)
            writer.field("MinDynamicPort", node.dynamicPorts.lowerBound)
            writer.field("MaxDynamicPort", node.dynamicPorts.upperBound)
        }
        name("ReservedResources")
        object { writer in
            writer.cpuMemoryDisk(node.reserved) { writer in
                writer.name("ReservedCpuCores")
                writer.arrayOrNull(node.reservedCores) { $0.number($1) }
            }
            writer.field("Networks") { writer in
                let ports = node.reservedPorts.map(String.init).joined(separator: ",")
                writer.object { $0.field("ReservedHostPorts", ports) }
            }
        }
    }

    private mutating func cpuMemoryDisk(_ resources: Resources, cores: (inout Self) -> Void) {
        field("Cpu") { writer in
            writer.object {
                $0.field("CpuShares", resources.cpuMHz)
                cores(&$0)
            }
        }
        field("Memory") { writer in writer.object { $0.field("MemoryMB", resources.memoryMiB) } }
        field("Disk") { writer in writer.object { $0.field("DiskMB", resources.diskMiB) } }
    }
}
