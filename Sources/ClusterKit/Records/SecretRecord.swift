/// Where a secret is kept.
public struct SecretPath: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The engine it belongs to, `secret` usually.
    public var mount: String
    /// The path within that, without a `/` at either end.
    public var path: String

    /// Names a place.
    public init(_ path: String, mount: String = "secret") {
        self.mount = mount
        self.path = path
    }

    public var description: String { "\(mount)/\(path)" }

    public static func < (left: Self, right: Self) -> Bool { (left.mount, left.path) < (right.mount, right.path) }
}

extension SecretPath: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let mount: String = try reader.next()
        self.init(try reader.next(), mount: mount)
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(mount)
        writer.put(path)
    }
}

/// One version of a secret: where it is, and in which version of that.
public struct SecretVersionID: Hashable, Comparable, Sendable {
    /// The secret.
    public var path: SecretPath
    /// The version, from 1.
    public var version: Int

    /// Names a version.
    public init(_ path: SecretPath, _ version: Int) {
        self.path = path
        self.version = version
    }

    public static func < (left: Self, right: Self) -> Bool { (left.path, left.version) < (right.path, right.version) }
}

/// What may be known of a secret without a key: its versions and its rules.
public struct SecretRecord: Hashable, Sendable {
    /// What is known of one version.
    public struct Version: Hashable, Sendable {
        /// The number, from 1.
        public var number: Int
        /// When it was written.
        public var createTime: WallTime
        /// When it is, or was, deleted; `nil` for never. A deleted version can be brought back.
        public var deletionTime: WallTime?
        /// Whether its data is gone for good.
        public var isDestroyed: Bool

        /// A version as it is written.
        public init(
            number: Int, createTime: WallTime, deletionTime: WallTime? = nil, isDestroyed: Bool = false
        ) {
            self.number = number
            self.createTime = createTime
            self.deletionTime = deletionTime
            self.isDestroyed = isDestroyed
        }
    }

    /// Where it is kept.
    public var path: SecretPath
    /// The kept versions, oldest first.
    public var versions: [Version] = []
    /// The newest version that was ever written; 0 for none.
    public var currentVersion = 0
    /// How many versions are kept; 0 takes the store's own number.
    public var maxVersions = 0
    /// Whether each write must name the version that it replaces.
    public var requiresCheckAndSet = false
    /// How long after its writing a version is deleted; zero for never.
    public var deleteVersionAfter = Duration.zero
    /// Free words, which are no secret.
    public var customMetadata: [String: String] = [:]
    /// When it was first written.
    public var createTime: WallTime
    /// When it last changed.
    public var updateTime: WallTime
    /// The revision that first held it.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// A secret without versions.
    public init(path: SecretPath, time: WallTime) {
        self.path = path
        createTime = time
        updateTime = time
    }
}

extension SecretRecord: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var record = SecretRecord(path: try fields.next(), time: try fields.next())
            record.updateTime = try fields.next()
            record.versions = try fields.next()
            record.currentVersion = try fields.next()
            record.maxVersions = try fields.next()
            record.requiresCheckAndSet = try fields.next()
            record.deleteVersionAfter = try fields.next()
            record.customMetadata = try fields.next()
            record.createRevision = try fields.next()
            record.modifyRevision = try fields.next()
            return record
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(path)
            $0.put(createTime)
            $0.put(updateTime)
            $0.put(versions)
            $0.put(currentVersion)
            $0.put(maxVersions)
            $0.put(requiresCheckAndSet)
            $0.put(deleteVersionAfter)
            $0.put(customMetadata)
            $0.put(createRevision)
            $0.put(modifyRevision)
        }
    }
}

extension SecretRecord.Version: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Self(
                number: try fields.next(), createTime: try fields.next(), deletionTime: try fields.next(),
                isDestroyed: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(number)
            $0.put(createTime)
            $0.put(deletionTime)
            $0.put(isDestroyed)
        }
    }
}
