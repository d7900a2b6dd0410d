/// A folder of a machine that its operator lets jobs use.
public struct HostVolume: Hashable, Sendable {
    /// The folder.
    public var path: String
    /// Whether nobody may write to it.
    public var readOnly: Bool

    /// Offers a folder.
    public init(path: String, readOnly: Bool = false) {
        self.path = path
        self.readOnly = readOnly
    }
}

extension HostVolume: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            HostVolume(path: try fields.next(), readOnly: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(path)
            $0.put(readOnly)
        }
    }
}

/// A volume that a group needs on its node.
public struct VolumeRequest: Hashable, Sendable {
    /// The name by which the group means it.
    public var name: String
    /// `host` is the one kind that nodes offer.
    public var kind: String
    /// The volume's name on the node.
    public var source: String
    /// Whether reading is enough; a volume that nobody may write to takes only such requests.
    public var readOnly: Bool

    /// Asks for a volume.
    public init(name: String, kind: String = "host", source: String, readOnly: Bool = false) {
        self.name = name
        self.kind = kind
        self.source = source
        self.readOnly = readOnly
    }
}

extension VolumeRequest: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            VolumeRequest(
                name: try fields.next(), kind: try fields.next(), source: try fields.next(),
                readOnly: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(kind)
            $0.put(source)
            $0.put(readOnly)
        }
    }
}
