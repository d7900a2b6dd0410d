/// One block of a job that is being read, in whichever language it is written: a body of a job file, or an object of
/// JSON.
///
/// Each field has a name in both. A method that gives nothing for a field that is stated has reported why, and reading
/// goes on, so that all mistakes are told at once.
protocol JobFields: SendableMetatype {
    /// The block's label in a job file; a field in JSON.
    func label(_ json: String) -> String
    func text(_ hcl: String, _ json: String) -> String?
    func integer(_ hcl: String, _ json: String) -> Int?
    func flag(_ hcl: String, _ json: String) -> Bool?
    func span(_ hcl: String, _ json: String) -> Duration?
    func texts(_ hcl: String, _ json: String) -> [String]?
    func textMap(_ hcl: String, _ json: String) -> [String: String]?
    func headers(_ hcl: String, _ json: String) -> [String: [String]]?
    func config(_ hcl: String, _ json: String) -> [String: ConfigValue]?
    func block<Element>(_ hcl: String, _ json: String, read: (Self) -> Element?) -> Element?
    func blocks<Element>(_ hcl: String, labels: [String], _ json: String, read: (Self) -> Element?) -> [Element]

    /// The value of what is a block elsewhere and here written as an attribute; JSON has no such choice.
    func attribute(_ hcl: String) -> ConfigValue?
    /// Reads one constraint; the languages write operators differently.
    func constraint() -> Constraint?
    /// Reads one affinity: a comparison as in a constraint, and a weight.
    func affinity() -> Affinity?
    /// Reads blocks that their labels tell apart; JSON keeps them in an object.
    func entries<Element>(_ hcl: String, _ json: String, read: (String, Self) -> Element?) -> [Element]
    /// Reads the ports of a network; JSON keeps them in two lists.
    func ports() -> [PortSpec]
    /// Reads the network of a group; JSON has a list of them.
    func network(read: (Self) -> NetworkSpec?) -> NetworkSpec?
    /// Refuses a field by name when it asks for something.
    func refuse(_ fields: [UnsupportedField])
    /// Reports that a field's value is wrong.
    func fail(_ message: String, _ hcl: String, _ json: String)
    /// Reports that the block as a whole is wrong.
    func fail(_ message: String)
}

/// Something that Nomad's jobs may have and this cluster does not run: refused by name, never ignored.
struct UnsupportedField {
    var hcl: String
    var json: String
    /// What to do instead, in one sentence.
    var advice: String

    init(_ hcl: String, _ json: String, _ advice: String = "Remove it.") {
        self.hcl = hcl
        self.json = json
        self.advice = advice
    }
}

extension JobFields {
    /// Reads one word of a closed list.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ hcl: String, _ json: String) -> Word? {
        guard let text = text(hcl, json), !text.isEmpty else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        fail("must be one of \(words); is \(text.quotedForDisplay)", hcl, json)
        return nil
    }

    func constraints() -> [Constraint] {
        blocks("constraint", labels: [], "Constraints") { $0.constraint() }
    }

    func affinities() -> [Affinity] {
        blocks("affinity", labels: [], "Affinities") { $0.affinity() }
    }
}
