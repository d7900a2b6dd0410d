/// What a device is: `nvidia/gpu/a100` in full.
public struct DeviceName: Hashable, Sendable {
    /// Who makes it, `nvidia`.
    public var vendor: String
    /// What kind it is, `gpu`.
    public var kind: String
    /// Which model it is.
    public var model: String

    /// Names a device.
    public init(vendor: String, kind: String, model: String) {
        self.vendor = vendor
        self.kind = kind
        self.model = model
    }
}

extension DeviceName: Comparable, CustomStringConvertible {
    public static func < (left: Self, right: Self) -> Bool {
        (left.vendor, left.kind, left.model) < (right.vendor, right.kind, right.model)
    }

    /// `vendor/kind/model`.
    public var description: String { "\(vendor)/\(kind)/\(model)" }
}

extension DeviceName: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DeviceName(vendor: try fields.next(), kind: try fields.next(), model: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(vendor)
            $0.put(kind)
            $0.put(model)
        }
    }
}

/// Equal devices of one machine.
public struct DeviceGroup: Hashable, Sendable {
    /// What they are.
    public var name: DeviceName
    /// What is known of each of them, by Nomad's names: `memory`, `cuda_cores`; units stand in the value, `40 GiB`.
    public var attributes: [String: String]
    /// The single devices.
    public var instances: [DeviceInstance]

    /// Groups equal devices.
    public init(name: DeviceName, attributes: [String: String] = [:], instances: [DeviceInstance] = []) {
        self.name = name
        self.attributes = attributes
        self.instances = instances
    }
}

extension DeviceGroup: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DeviceGroup(name: try fields.next(), attributes: try fields.next(), instances: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(attributes)
            $0.put(instances)
        }
    }
}

/// One device that one task may hold.
public struct DeviceInstance: Hashable, Sendable {
    /// What its vendor calls it, unique on the machine.
    public var id: String
    /// Whether it can be given out.
    public var healthy: Bool

    /// Names a device.
    public init(_ id: String, healthy: Bool = true) {
        self.id = id
        self.healthy = healthy
    }
}

extension DeviceInstance: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DeviceInstance(try fields.next(), healthy: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(healthy)
        }
    }
}

/// Devices that a task asks for.
public struct DeviceRequest: Hashable, Sendable {
    /// A kind (`gpu`), vendor and kind (`nvidia/gpu`), or all three (`nvidia/gpu/a100`), as Nomad reads it.
    public var name: String
    /// How many, all of one group.
    public var count: Int
    /// Demands on their attributes, `${device.attr.memory}` for example.
    public var constraints: [Constraint]
    /// Wishes about their attributes.
    public var affinities: [Affinity]

    /// Asks for devices.
    public init(name: String, count: Int = 1, constraints: [Constraint] = [], affinities: [Affinity] = []) {
        self.name = name
        self.count = count
        self.constraints = constraints
        self.affinities = affinities
    }
}

extension DeviceRequest: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DeviceRequest(
                name: try fields.next(), count: try fields.next(), constraints: try fields.next(),
                affinities: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(count)
            $0.put(constraints)
            $0.put(affinities)
        }
    }
}

/// Devices that one task of an allocation holds.
public struct AllocatedDevice: Hashable, Sendable {
    /// The task.
    public var task: String
    /// What they are.
    public var name: DeviceName
    /// Which ones, by their vendor's names.
    public var instances: [String]

    /// Gives devices to `task`.
    public init(task: String, name: DeviceName, instances: [String]) {
        self.task = task
        self.name = name
        self.instances = instances
    }
}

extension AllocatedDevice: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            AllocatedDevice(task: try fields.next(), name: try fields.next(), instances: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(task)
            $0.put(name)
            $0.put(instances)
        }
    }
}
