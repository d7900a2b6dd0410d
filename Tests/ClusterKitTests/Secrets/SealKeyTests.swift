import Foundation
import Testing

@testable import ClusterKit

@Suite struct SealKeyTests {
    let folder: ScratchFolder
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    var file: String { folder.path + "/key" }

    init() throws { folder = try ScratchFolder() }

    private func write(_ text: String, mode: Int = 0o600, to name: String = "key") throws {
        try folder.write(Array(text.utf8), to: name)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path + "/" + name)
    }

    private func refusal(_ body: () throws -> SealKey) -> ClusterError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? ClusterError
        }
    }

    @Test(arguments: [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
    ]) func readsDigitsAndBase64(_ text: String) throws {
        try write(text)
        let key = try SealKey(file: file)
        #expect(key.withBytes { Array($0) } == Array(0..<32))
    }

    @Test func theIdentifierIsThatOfTheBytesAlone() throws {
        try write(digits)
        try write("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", to: "other")
        let key = try SealKey(file: file)
        #expect(key.id == (try SealKey(file: folder.path + "/other")).id)
        #expect(key.id.allSatisfy { $0.isHexDigit } && !digits.contains(key.id))
        #expect(key.id != (try SealKey.generate()).id)
        // Kept for good: what was sealed names it.
        let code = try Array(UInt8(0)..<32).withUnsafeBytes {
            try Digest.authenticationCode(of: "clusterkit-seal", key: $0)
        }
        #expect(key.id == code.prefix(8).hexadecimal)
    }

    @Test(arguments: [
        "", "\n", "0001", String(repeating: "0", count: 63), String(repeating: "g", count: 64),
        String(repeating: "0", count: 65), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8-",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
        String(repeating: "0", count: 5000),
    ]) func refusesWhatIsNoKey(_ text: String) throws {
        try write(text)
        let refusal = try #require(refusal { try SealKey(file: file) })
        #expect(refusal.code == .invalid)
        #expect(refusal.message.contains(file))
        #expect(text.count < 20 || !refusal.message.contains(text.prefix(20)), "it tells what is in the file")
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o602, 0o601]) func refusesAFileThatIsOpenToOthers(mode: Int) throws {
        try write(digits, mode: mode)
        let refusal = try #require(refusal { try SealKey(file: file) })
        #expect(refusal.code == .denied)
        #expect(refusal.message.contains("chmod 600 \(file)"))
    }

    @Test func refusesWhatIsNoFile() throws {
        #expect(refusal { try SealKey(file: file) }?.code == .notFound)
        #expect(refusal { try SealKey(file: folder.path) }?.code == .invalid)
        #expect(mkfifo(file, 0o600) == 0)
        #expect(refusal { try SealKey(file: file) }?.code == .invalid)
        #expect(refusal { try SealKey(file: "/dev/zero") }?.message.contains("not a regular file") == true)
    }

    @Test func refusesAKeyAmongWhatItSeals() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/data/store", withIntermediateDirectories: true)
        try write(digits, to: "data/store/key")
        try write(digits)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: folder.path + "/data")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/key-link", withDestinationPath: folder.path + "/data/store/key")
        let data = folder.path + "/data"
        for (key, data) in [
            (data + "/store/key", data), (data + "/store/key", folder.path + "/link"),
            (folder.path + "/link/store/key", data), (folder.path + "/key-link", data),
            (folder.path + "/nothing/../data/store/../store/key", data), (data + "/store/key", data + "/"),
            (data + "/store/key", "/"),
        ] {
            let refusal = refusal { try SealKey(file: key, outside: data) }
            #expect(refusal?.code == .invalid || key.contains("nothing"), "\(key) in \(data)")
        }
        let made = refusal { try SealKey.create(file: data + "/new", outside: folder.path + "/link") }
        #expect(made?.code == .invalid)
        #expect(!folder.exists("data/new"))
        _ = try SealKey(file: file, outside: data)
        _ = try SealKey(file: file, outside: folder.path + "/not/there/yet")
        // A folder whose name only begins alike is another one.
        _ = try SealKey(file: file, outside: folder.path + "/ke")
    }

    @Test func makesAKeyThatOnlyItsOwnerReads() throws {
        let key = try SealKey.create(file: file)
        #expect(try folder.mode("key") == 0o600)
        #expect(try folder.read("key").count == 65)
        #expect(try SealKey(file: file).id == key.id)
        let refusal = try #require(refusal { try SealKey.create(file: file) })
        #expect(refusal.code == .inUse)
        #expect(try SealKey(file: file).id == key.id)
        #expect(self.refusal { try SealKey.create(file: folder.path + "/no/key") } != nil)
    }

    @Test func showsNothingOfItself() throws {
        try write(digits)
        let key = try SealKey(file: file)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(text.contains("(seal key \(key.id))")) }
        #expect(Mirror(reflecting: key).children.isEmpty)
    }

    @Test func memoryThatMaySwapIsRefusedUnlessAllowed() throws {
        try SecureHeap.check(.locked, allowsUnlockedMemory: false)
        try SecureHeap.check(.unlocked, allowsUnlockedMemory: true)
        try SecureHeap.check(.missing, allowsUnlockedMemory: true)
        for state in [SecureHeap.State.unlocked, .missing] {
            #expect(throws: ClusterError.self) { try SecureHeap.check(state, allowsUnlockedMemory: false) }
        }
    }

    @Test func theSealBelongsToItsPlace() throws {
        let key = try SealKey.generate(), other = try SealKey.generate()
        let id = SecretVersionID(SecretPath("a/b"), 3)
        let sealed = try key.seal(["word": "canary"], as: id)
        #expect(try key.open(sealed) == ["word": "canary"])
        #expect(try key.seal(["word": "canary"], as: id).nonce != sealed.nonce)
        #expect(throws: ClusterError.self) { try other.open(sealed) }
        func changed(_ change: (inout SealedSecret) -> Void) throws -> ClusterError.Code? {
            var copy = sealed
            change(&copy)
            do { _ = try key.open(copy) } catch { return (error as? ClusterError)?.code }
            return nil
        }
        #expect(try changed { $0.version = 4 } == .corrupt)
        #expect(try changed { $0.path = SecretPath("a/c") } == .corrupt)
        #expect(try changed { $0.path = SecretPath("a/b", mount: "other") } == .corrupt)
        #expect(try changed { $0.path = SecretPath("b", mount: "secret/a") } == .corrupt)
        #expect(try changed { $0.keyID = other.id } == .invalid)
        #expect(try changed { $0.nonce = [] } == .corrupt)
        #expect(try changed { $0.bytes = Array($0.bytes.dropLast()) } == .corrupt)
        #expect(try changed { $0.bytes = [] } == .corrupt)
        #expect(try changed { _ in } == nil)
    }

    @Test func valuesHaveLimits() throws {
        let key = try SealKey.generate()
        let id = SecretVersionID(SecretPath("a"), 1)
        func code(_ values: [String: ConfigValue]) -> ClusterError.Code? {
            do { _ = try key.open(try key.seal(values, as: id)) } catch { return (error as? ClusterError)?.code }
            return nil
        }
        let limit = SealKey.largestSecret
        #expect(code(["a": .string(String(repeating: "x", count: limit - 64))]) == nil)
        #expect(code(["a": .string(String(repeating: "x", count: limit))]) == .tooLarge)
        func nested(_ depth: Int) -> ConfigValue { (1..<depth).reduce("x") { value, _ in .list([value]) } }
        #expect(code(["a": nested(ConfigValue.deepest)]) == nil)
        #expect(code(["a": nested(ConfigValue.deepest + 1)]) == .invalid)
    }
}
