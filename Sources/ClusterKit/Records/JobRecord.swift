/// A job as the store keeps it: the statement, its version, and what became of it.
public struct JobRecord: Hashable, Sendable {
    /// The statement of the newest version.
    public var job: Job
    /// Counts the changed registrations from 0.
    public var version: Int
    /// The version that last asked for the work of a batch job to be done: what was done since is not done again. A
    /// registration and a return to an older version ask anew; a count that is changed by itself does not.
    public var workVersion: Int
    /// Whether nothing of it shall run.
    public var stopped: Bool
    /// When this version was registered.
    public var submitTime: WallTime
    /// The text it was made from, when the client sent it along.
    public var source: JobSource?
    /// Whether all instances of this version were well at one time: what a failed roll-out returns to.
    public var isStable = false
    /// The name under which this version is kept; `nil` for versions that have none.
    public var tag: VersionTag?
    /// Who registered this version, and why.
    public var note: ChangeNote?
    /// When it was stopped; `nil` while it is not.
    public var stopTime: WallTime?
    /// The revision that first held the job.
    public var createRevision: Revision = .zero
    /// The revision that last changed anything of this record.
    public var modifyRevision: Revision = .zero
    /// The revision that last changed the statement.
    public var jobModifyRevision: Revision = .zero

    /// Makes a record; the store fills in the revisions.
    public init(
        job: Job, version: Int = 0, stopped: Bool = false, submitTime: WallTime, source: JobSource? = nil
    ) {
        self.job = job
        self.version = version
        workVersion = version
        self.stopped = stopped
        self.submitTime = submitTime
        self.source = source
    }
}

extension JobRecord: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var record = JobRecord(
                job: try fields.next(), version: try fields.next(), stopped: try fields.next(),
                submitTime: try fields.next(), source: try fields.next())
            record.createRevision = try fields.next()
            record.modifyRevision = try fields.next()
            record.jobModifyRevision = try fields.next()
            record.isStable = try fields.next(or: false)
            record.tag = try fields.next(or: nil)
            record.note = try fields.next(or: nil)
            record.stopTime = try fields.next(or: nil)
            record.workVersion = try fields.next(or: record.version)
            return record
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(job)
            $0.put(version)
            $0.put(stopped)
            $0.put(submitTime)
            $0.put(source)
            $0.put(createRevision)
            $0.put(modifyRevision)
            $0.put(jobModifyRevision)
            $0.put(isStable)
            $0.put(tag)
            $0.put(note)
            $0.put(stopTime)
            $0.put(workVersion)
        }
    }
}

/// The text a job was made from.
public struct JobSource: Hashable, Sendable {
    /// The text as the client sent it.
    public var text: String
    /// `hcl2` or `json`.
    public var format: String

    /// Keeps `text`.
    public init(text: String, format: String) {
        self.text = text
        self.format = format
    }
}

extension JobSource: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            JobSource(text: try fields.next(), format: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(text)
            $0.put(format)
        }
    }
}

/// One version of one job: what an allocation names instead of carrying a copy.
public struct JobVersion: Hashable, Comparable, Sendable {
    /// The job.
    public var job: JobID
    /// The version, from 0.
    public var version: Int

    /// Names a version.
    public init(_ job: JobID, _ version: Int) {
        self.job = job
        self.version = version
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.job, left.version) < (right.job, right.version)
    }
}

extension JobVersion: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(try reader.next(), try reader.next())
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(job)
        writer.put(version)
    }
}
