import ClusterKit

extension APIRequest {
    /// The secret in the path; what lists call a folder may end in `/`.
    var secretPath: SecretPath {
        var path = Substring(argument)
        while path.last == "/" { path.removeLast() }
        while path.first == "/" { path.removeFirst() }
        return SecretPath(String(path), mount: VaultServer.mount)
    }

    /// The version that is asked for; `nil` for the current one.
    func version() throws(ClusterError) -> Int? {
        let number = try query.number("version")
        return number == 0 ? nil : number
    }
}

extension JSONBody {
    /// Versions as numbers or as texts: programs write the ones, the command line of Vault the others.
    func versions() throws(ClusterError) -> [Int] {
        let wrong = ClusterError(
            .invalid, "No version number provided: state \"versions\" as a list of numbers of at least 1")
        guard let values = list("versions"), !values.isEmpty else { throw wrong }
        var numbers: [Int] = []
        for value in values {
            switch value {
            case .integer(let number) where number > 0: numbers.append(number)
            case .string(let text):
                guard text.utf8.allSatisfy(Self.isDigit), let number = Int(text), number > 0 else { throw wrong }
                numbers.append(number)
            default: throw wrong
            }
        }
        return numbers
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
