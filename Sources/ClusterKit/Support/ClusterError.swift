/// The one error that the library throws: what kind, and in words what is wrong, where, and what to do.
public struct ClusterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that a caller may act on. Open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name as shown in messages and logs.
        public let description: String

        private init(_ name: String) { description = name }

        /// The request itself is wrong; sending it again changes nothing.
        public static let invalid = Code("invalid")
        /// The object that was named does not exist.
        public static let notFound = Code("not found")
        /// The object moved on since it was read; read it again.
        public static let conflict = Code("conflict")
        /// The caller may not do this.
        public static let denied = Code("denied")
        /// Something that must be exclusive is taken: a port, a data folder.
        public static let inUse = Code("in use")
        /// The store cannot take writes now (a full disk, say); nothing was written, reads go on.
        public static let storeRefused = Code("store refused")
        /// Stored data cannot be read back; it was left untouched.
        public static let corrupt = Code("corrupt")
        /// The peer does not answer or does not lead; try again, perhaps elsewhere.
        public static let unavailable = Code("unavailable")
        /// A limit was exceeded.
        public static let tooLarge = Code("too large")
        /// This side is at fault.
        public static let `internal` = Code("internal")
    }

    /// The kind.
    public let code: Code
    /// What is wrong, where, and what to do.
    public let message: String

    /// Makes an error; `message` is read by an operator.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
