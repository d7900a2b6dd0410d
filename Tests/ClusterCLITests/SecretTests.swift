import ArgumentParser
import ClusterKit
import Testing

@testable import ClusterCLI

@Suite struct SecretTests {
    private let input = SecretInput(
        file: { $0 == "pass.txt" ? Array("from file\n".utf8) : $0 == "raw" ? [0xFF] : [] },
        standardInput: { Array("from input".utf8) })

    @Test func valuesComeFromWhereTheyAreSaidToBe() throws {
        let values = try input.values(["a=b=c", "f=@pass.txt", "i=-", "e=", "at=\\@home"])
        #expect(values == ["a": "b=c", "f": "from file\n", "i": "from input", "e": "", "at": "@home"])
    }

    @Test(arguments: [["plain"], ["=v"], ["a=1", "a=2"], ["a=-", "b=-"], ["a=@raw"]])
    func wrongValuesAreRefusedWithoutRepeatingThem(_ pairs: [String]) throws {
        let error = try #require(#expect(throws: ClusterError.self) { try input.values(pairs) })
        #expect(!error.message.contains("plain"))
    }

    @Test(arguments: [
        ("web/db", "web/db"), ("secret/web/db", "web/db"), ("/web/", "web"), ("secretive", "secretive"),
        ("secret/", ""), ("", ""),
    ])
    func theMountMayBeWritten(_ given: String, _ wanted: String) throws {
        #expect(try SecretConnection.path(given) == wanted)
        if wanted.isEmpty { #expect(throws: ClusterError.self) { try SecretConnection.secret(given) } }
    }

    @Test func versionsAreLists() throws {
        #expect(try SecretConnection.versions("2,3") == [2, 3])
        for text in ["", "0", "-1", "x", "1,,2", "1;2"] {
            #expect(throws: ClusterError.self, "\(text)") { try SecretConnection.versions(text) }
        }
    }

    @Test func flagsAreTakenWithOneDash() throws {
        let arguments = SingleDash.rewritten([
            "secret", "get", "-version", "3", "-field", "a", "-vault-address", "x", "p",
        ])
        let get = try #require(try ClusterCommand.parseAsRoot(arguments) as? SecretGet)
        #expect(get.version == 3 && get.field == "a" && get.connection.effectiveAddress == "x" && get.path == "p")
        let stop = try ClusterCommand.parseAsRoot(SingleDash.rewritten(["alloc", "stop", "-detach", "ab"]))
        #expect((stop as? AllocStop)?.aftermath.detach == true)
    }

    @Test func whatIsNoTextIsShownAsJSON() {
        #expect(SecretGet.text("a\"b") == "a\"b")
        #expect(SecretGet.text(.object(["b": .null, "a": [1, true]])) == #"{"a":[1,true],"b":null}"#)
    }
}

@Suite struct UnknownCommandTests {
    @Test(arguments: [
        (["jbo"], "Unknown command \"cluster jbo\"; did you mean \"job\"? All commands: cluster --help"),
        (["job", "rnu", "x"], "\"cluster job rnu\"; did you mean \"run\"? All commands: cluster job --help"),
        (["help", "nosuch"], "Unknown command \"cluster nosuch\"."), (["job", "help", "rnu"], "did you mean \"run\"?"),
        (["secret", "zzzzzz"], "Unknown command \"cluster secret zzzzzz\". All commands: cluster secret --help"),
    ])
    func isToldWithTheOneThatWasMeant(_ arguments: [String], _ words: String) throws {
        let error = try #require(
            #expect(throws: ClusterError.self) { try UnknownCommand.refuse(arguments, in: ClusterCommand.self) })
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test(arguments: [
        [], ["job"], ["--help"], ["help", "job"], ["help", "job", "run"], ["help"],
        ["job", "run", "jbo"], ["job", "validate", "help"], ["run", "x"], ["job", "--help"],
        ["alloc", "stop", "zzz"], ["logs", "a"],
    ])
    func commandsThatExistAreLeftAlone(_ arguments: [String]) {
        #expect(throws: Never.self) { try UnknownCommand.refuse(arguments, in: ClusterCommand.self) }
    }
}
