/// One of the two streams that a task writes.
public enum LogStream: String, StoredWord {
    /// Its results.
    case stdout
    /// Its complaints.
    case stderr
}

/// A part of a task's output.
public struct LogRequest: Hashable, Sendable {
    /// The task.
    public var task: String
    /// The stream.
    public var stream: LogStream
    /// Where to begin, in bytes: counted from the first byte ever written to the stream, or back from the end.
    /// What rotation has deleted is skipped.
    public var offset: Int
    /// Whether `offset` counts back from the end.
    public var fromEnd: Bool
    /// The most bytes to return.
    public var limit: Int
    /// How long to wait for the first byte before answering with none; zero answers at once.
    public var wait: Duration

    /// Asks for a part of the output.
    public init(
        task: String, stream: LogStream, offset: Int = 0, fromEnd: Bool = false, limit: Int = 262_144,
        wait: Duration = .zero
    ) {
        self.task = task
        self.stream = stream
        self.offset = offset
        self.fromEnd = fromEnd
        self.limit = limit
        self.wait = wait
    }
}

/// A part of a task's output that was found.
public struct LogChunk: Hashable, Sendable {
    /// The bytes.
    public var data: [UInt8]
    /// Where they begin, counted from the first byte ever written to the stream.
    public var offset: Int
    /// The name of the file that holds the first of them, for example `web.stdout.0`.
    public var file: String
    /// Whether nothing follows and nothing ever will, because the task has ended for good.
    public var isEnd: Bool

    /// States what was found.
    public init(data: [UInt8], offset: Int, file: String, isEnd: Bool) {
        self.data = data
        self.offset = offset
        self.file = file
        self.isEnd = isEnd
    }
}

extension LogRequest: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            LogRequest(
                task: try fields.next(), stream: try fields.next(), offset: try fields.next(),
                fromEnd: try fields.next(), limit: try fields.next(), wait: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(task)
            $0.put(stream)
            $0.put(offset)
            $0.put(fromEnd)
            $0.put(limit)
            $0.put(wait)
        }
    }
}

extension LogChunk: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            LogChunk(
                data: Array(try fields.blob()), offset: try fields.next(), file: try fields.next(),
                isEnd: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.blob(data)
            $0.put(offset)
            $0.put(file)
            $0.put(isEnd)
        }
    }
}
