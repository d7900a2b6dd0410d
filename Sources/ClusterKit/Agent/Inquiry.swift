/// Names a question of a server to an agent.
public typealias InquiryID = Identifier<Inquiry>

/// A question of a server to an agent about files on the agent's machine. Each is answered once, with a bounded amount;
/// whoever follows a file asks again from where the last answer ended.
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
}

extension Inquiry: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            let id: InquiryID = try fields.next()
            let allocation: AllocationID = try fields.next()
            switch try fields.byte() {
            case 0: return Inquiry(id: id, allocation: allocation, question: .logs(try fields.next()))
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
        }
    }
}
