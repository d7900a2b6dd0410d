/// The classes that have a name: Perl's, POSIX's, and Unicode's general categories and some of its scripts.
enum NamedClasses {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let spaces: [ClosedRange<UInt32>] = [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]
    /// What `\b` stands at the edge of, too.
    static let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]

    /// `\d`, `\s` and `\w`, by their letter.
    static func perl(_ letter: UInt8) -> [ClosedRange<UInt32>]? {
        switch letter {
        case UInt8(ascii: "d"), UInt8(ascii: "D"): digits
        case UInt8(ascii: "s"), UInt8(ascii: "S"): spaces
        case UInt8(ascii: "w"), UInt8(ascii: "W"): words
        default: nil
        }
    }

    /// What may stand in `[[:…:]]`.
    static let posix: [String: [ClosedRange<UInt32>]] = [
        "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A],
        "alpha": [0x41...0x5A, 0x61...0x7A],
        "ascii": [0x00...0x7F],
        "blank": [0x09...0x09, 0x20...0x20],
        "cntrl": [0x00...0x1F, 0x7F...0x7F],
        "digit": digits,
        "graph": [0x21...0x7E],
        "lower": [0x61...0x7A],
        "print": [0x20...0x7E],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E],
        "space": [0x09...0x0D, 0x20...0x20],
        "upper": [0x41...0x5A],
        "word": words,
        "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]

    /// What may stand in `\p{…}`; `nil` for a name that is not known. Case, blanks, `_` and `-` do not matter.
    static func unicode(_ name: String) -> [ClosedRange<UInt32>]? {
        let key = plain(name)
        switch key {
        case "any": return [0...ScalarSet.largest]
        case "ascii": return [0...0x7F]
        case "assigned": return ScalarSet(categories["cn"] ?? []).inverted.ranges
        default: break
        }
        let short = aliases[key] ?? key
        if let members = groups[short] { return members.flatMap { categories[$0] ?? [] } }
        return categories[short] ?? Scripts.ranges(of: key)
    }

    private static func plain(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.filter { !" _-".utf8.contains($0) }, as: UTF8.self)
    }

    /// Categories that are made of others.
    private static let groups: [String: [String]] = [
        "c": ["cc", "cf", "cn", "co", "cs"], "l": ["ll", "lm", "lo", "lt", "lu"], "lc": ["ll", "lt", "lu"],
        "m": ["mc", "me", "mn"], "n": ["nd", "nl", "no"], "p": ["pc", "pd", "pe", "pf", "pi", "po", "ps"],
        "s": ["sc", "sk", "sm", "so"], "z": ["zl", "zp", "zs"],
    ]

    /// The long names of categories, from PropertyValueAliases.txt of Unicode.
    private static let aliases = [
        "other": "c", "control": "cc", "cntrl": "cc", "format": "cf", "unassigned": "cn", "privateuse": "co",
        "surrogate": "cs", "letter": "l", "casedletter": "lc", "lowercaseletter": "ll", "modifierletter": "lm",
        "otherletter": "lo", "titlecaseletter": "lt", "uppercaseletter": "lu", "mark": "m", "combiningmark": "m",
        "spacingmark": "mc", "enclosingmark": "me", "nonspacingmark": "mn", "number": "n", "decimalnumber": "nd",
        "digit": "nd", "letternumber": "nl", "othernumber": "no", "punctuation": "p", "punct": "p",
        "connectorpunctuation": "pc", "dashpunctuation": "pd", "closepunctuation": "pe", "finalpunctuation": "pf",
        "initialpunctuation": "pi", "otherpunctuation": "po", "openpunctuation": "ps", "symbol": "s",
        "currencysymbol": "sc", "modifiersymbol": "sk", "mathsymbol": "sm", "othersymbol": "so", "separator": "z",
        "lineseparator": "zl", "paragraphseparator": "zp", "spaceseparator": "zs",
    ]

    /// All scalars by their category, as the standard library knows them; gathered when a pattern first asks.
    private static let categories: [String: [ClosedRange<UInt32>]] = {
        // Planes 4 to 13 are empty, 15 and 16 are for private use but for their last two places.
        var table: [String: [ClosedRange<UInt32>]] = [
            "cs": [0xD800...0xDFFF], "co": [0xF0000...0xFFFFD, 0x100000...0x10FFFD],
            "cn": [0x40000...0xDFFFF, 0xFFFFE...0xFFFFF, 0x10FFFE...0x10FFFF],
        ]
        for plane: ClosedRange<UInt32> in [0...0xD7FF, 0xE000...0x3FFFF, 0xE0000...0xEFFFF] {
            var start = plane.lowerBound
            var name = shortName(start)
            for value in plane.dropFirst() {
                let next = shortName(value)
                if next == name { continue }
                table[name, default: []].append(start...value - 1)
                (start, name) = (value, next)
            }
            table[name, default: []].append(start...plane.upperBound)
        }
        return table
    }()

    private static func shortName(_ value: UInt32) -> String {
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .uppercaseLetter: "lu"
        case .lowercaseLetter: "ll"
        case .titlecaseLetter: "lt"
        case .modifierLetter: "lm"
        case .otherLetter: "lo"
        case .nonspacingMark: "mn"
        case .spacingMark: "mc"
        case .enclosingMark: "me"
        case .decimalNumber: "nd"
        case .letterNumber: "nl"
        case .otherNumber: "no"
        case .connectorPunctuation: "pc"
        case .dashPunctuation: "pd"
        case .openPunctuation: "ps"
        case .closePunctuation: "pe"
        case .initialPunctuation: "pi"
        case .finalPunctuation: "pf"
        case .otherPunctuation: "po"
        case .mathSymbol: "sm"
        case .currencySymbol: "sc"
        case .modifierSymbol: "sk"
        case .otherSymbol: "so"
        case .spaceSeparator: "zs"
        case .lineSeparator: "zl"
        case .paragraphSeparator: "zp"
        case .control: "cc"
        case .format: "cf"
        case .surrogate: "cs"
        case .privateUse: "co"
        case .unassigned, nil: "cn"
        @unknown default: "cn"
        }
    }
}
