/// A name for a version of a job, which keeps that version.
public struct VersionTag: Hashable, Sendable {
    /// The name, unique within the job.
    public var name: String
    /// Why it was given.
    public var description: String
    /// When it was given.
    public var time: WallTime

    /// Names a version.
    public init(name: String, description: String = "", time: WallTime) {
        self.name = name
        self.description = description
        self.time = time
    }
}

extension VersionTag: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            VersionTag(name: try fields.next(), description: try fields.next(), time: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(description)
            $0.put(time)
        }
    }
}

extension VersionTag {
    /// The longest name, in bytes: names are for people, and stand in lists.
    public static let longestName = 128
}

/// Who changed something, and why.
public struct ChangeNote: Hashable, Sendable {
    /// Who: the name that the client gave, or the part of the cluster.
    public var author: String
    /// Why, in words.
    public var reason: String

    /// Notes who changed something.
    public init(author: String, reason: String = "") {
        self.author = author
        self.reason = reason
    }
}

extension ChangeNote {
    /// The longest name of who, in bytes.
    public static let longestAuthor = 256
    /// The longest reason, in bytes: it is kept with each version, and shown in lists.
    public static let longestReason = 1024
}

extension ChangeNote: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ChangeNote(author: try fields.next(), reason: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(author)
            $0.put(reason)
        }
    }
}
