/// Names a question of a server to an agent.
public typealias InquiryID = Identifier<Inquiry>

/// What a server wants of an agent beside its orders: to know of files on the agent's machine, or to have something
/// done to tasks at once. Each is answered once, with a bounded amount; whoever follows a file asks again from where
/// the last answer ended. None is asked again when its answer is lost.
public struct Inquiry: Hashable, Sendable {
    /// The identifier.
    public var id: InquiryID
    /// The allocation that it is about.
    public var allocation: AllocationID
    /// What is asked.
    public var question: Question

    /// What may be asked.
    public enum Question: Hashable, Sendable {
        /// A part of a task's output.
        case logs(LogRequest)
        /// To send a signal to a task, or to all that run when none is named.
        case signal(task: String, name: String)
        /// To stop a task that runs, or all that do, and start it again.
        case restart(task: String)
    }

    /// Asks about an allocation.
    public init(id: InquiryID, allocation: AllocationID, question: Question) {
        self.id = id
        self.allocation = allocation
        self.question = question
    }
}

/// What an agent found.
public enum InquiryAnswer: Hashable, Sendable {
    /// A part of a task's output.
    case logs(LogChunk)
    /// The question cannot be answered: there is no such allocation or task on the machine.
    case notFound(String)
    /// The question cannot be answered: something is wrong on the machine.
    case failed(String)
    /// It is done.
    case done
    /// It cannot be done as things are: no such task runs.
    case invalid(String)
}

extension Inquiry: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            let id: InquiryID = try fields.next()
            let allocation: AllocationID = try fields.next()
            switch try fields.byte() {
            case 0: return Inquiry(id: id, allocation: allocation, question: .logs(try fields.next()))
            case 1:
                let question = Question.signal(task: try fields.next(), name: try fields.next())
                return Inquiry(id: id, allocation: allocation, question: question)
            case 2: return Inquiry(id: id, allocation: allocation, question: .restart(task: try fields.next()))
            case let other: throw RecordError("expected a question, found kind \(other)")
            }
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(allocation)
            switch question {
            case .logs(let request):
                $0.varint(0)
                $0.put(request)
            case .signal(let task, let name):
                $0.varint(1)
                $0.put(task)
                $0.put(name)
            case .restart(let task):
                $0.varint(2)
                $0.put(task)
            }
        }
    }
}

extension InquiryAnswer: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .logs(try reader.next())
        case 1: self = .notFound(try reader.next())
        case 2: self = .failed(try reader.next())
        case 3: self = .done
        case 4: self = .invalid(try reader.next())
        case let other: throw RecordError("expected an answer, found kind \(other)")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .logs(let chunk):
            writer.varint(0)
            writer.put(chunk)
        case .notFound(let text):
            writer.varint(1)
            writer.put(text)
        case .failed(let text):
            writer.varint(2)
            writer.put(text)
        case .done: writer.varint(3)
        case .invalid(let text):
            writer.varint(4)
            writer.put(text)
        }
    }
}
