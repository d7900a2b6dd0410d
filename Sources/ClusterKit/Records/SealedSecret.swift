/// The data of one version of a secret as it is stored: never in clear, also in memory.
public struct SealedSecret: Hashable, Sendable {
    /// Where it is kept.
    public var path: SecretPath
    /// The version.
    public var version: Int
    /// Which key seals it.
    public var keyID: String
    /// The nonce, never used twice under one key.
    public var nonce: [UInt8]
    /// The sealed bytes with the tag that proves them unchanged and in their place.
    public var bytes: [UInt8]

    /// Holds sealed data.
    public init(path: SecretPath, version: Int, keyID: String, nonce: [UInt8], bytes: [UInt8]) {
        self.path = path
        self.version = version
        self.keyID = keyID
        self.nonce = nonce
        self.bytes = bytes
    }

    /// Which version of which secret it is.
    public var id: SecretVersionID { SecretVersionID(path, version) }
}

extension SealedSecret: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            SealedSecret(
                path: try fields.next(), version: try fields.next(), keyID: try fields.next(),
                nonce: Array(try fields.blob()), bytes: Array(try fields.blob()))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(path)
            $0.put(version)
            $0.put(keyID)
            $0.blob(nonce)
            $0.blob(bytes)
        }
    }
}

extension SecretVersionID: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let path: SecretPath = try reader.next()
        self.init(path, try reader.next())
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(path)
        writer.put(version)
    }
}
