import Patterns
import Testing

/// What is no pattern is refused with the place and a way out.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("a**", "2: `*` repeats a repetition; put what it repeats in `(?:…)`, or remove it"),
        ("a+*?", "2: `*?` repeats a repetition; put what it repeats in `(?:…)`, or remove it"),
        ("a{2}{3}", "4: `{3}` repeats a repetition; put what it repeats in `(?:…)`, or remove it"),
        ("*a", #"0: there is nothing for `*` to repeat; write `\*` for the character"#),
        ("a|+", #"2: there is nothing for `+` to repeat; write `\+` for the character"#),
        ("(?i){2}", #"4: there is nothing for `{2}` to repeat; write `\{2}` for the character"#),
        ("(?", "0: a group is not closed; add `)`, or write `\\(` for a parenthesis"),
        ("a(b", "1: a group is not closed; add `)`, or write `\\(` for a parenthesis"),
        ("a)", "1: `)` closes no group; remove it, or write `\\)` for a parenthesis"),
        ("é[b", "2: a class is not closed; add `]`, or write `\\[` for a bracket"),
        ("[]", "0: a class is not closed; add `]`, or write `\\[` for a bracket"),
        ("[z-a]", "1: the range `z-a` ends below its start; swap its ends"),
        (#"[a-\d]"#, #"3: a class such as `\d` cannot end a range"#),
        ("a{1001}", "1: `{1001}` repeats more than 1000 times; use `*` or `+`, or test the length apart"),
        (
            "a{2,99999999999999999999}",
            "1: `{2,99999999999999999999}` repeats more than 1000 times; use `*` or `+`, or test the length apart"
        ),
        ("a{3,2}", "1: `{3,2}` ends below its start; swap the numbers"),
        (
            #"(a)\1"#,
            #"3: `\1` refers back to a group, which linear time cannot have; write what it may match once more"#
        ),
        (
            #"\k<a>"#,
            #"0: `\k` refers back to a group, which linear time cannot have; write what it may match once more"#
        ),
        (
            "(?P<a>b)(?P=a)",
            "8: `(?P=` refers back to a group, which linear time cannot have; write what it may match once more"
        ),
        (
            "a(?=b)",
            "1: `(?=` looks ahead, which linear time cannot have; match more and test what was found"
        ),
        (
            "(?!b)",
            "0: `(?!` looks ahead, which linear time cannot have; match more and test what was found"
        ),
        (
            "(?<=b)",
            "0: `(?<=` looks behind, which linear time cannot have; match more and test what was found"
        ),
        (
            "(?<!b)",
            "0: `(?<!` looks behind, which linear time cannot have; match more and test what was found"
        ),
        ("(?>a)", "0: `(?>` is an atomic group, which linear time does not need; write `(?:`"),
        ("(?i", "0: a group is not closed; add `)`, or write `\\(` for a parenthesis"),
        ("(?x)", "0: there is no group `(?x`; flags are i, m, s and U, as in `(?i)` or `(?i-s:…)`"),
        ("(?i-)", "0: there is no group `(?i-)`; flags are i, m, s and U, as in `(?i)` or `(?i-s:…)`"),
        ("(?P<a>)(?<a>)", "7: there are two groups of the name a; rename one"),
        ("(?<>a)", "0: a group's name is empty; write one, or remove `?<>`"),
        ("(?<a-b>c)", "4: a group's name has only letters, digits and `_`"),
        ("(?P<a", "0: a group's name is not closed; add `>`"),
        (#"\C"#, #"0: `\C` is a single byte, which may cut a character in two; use `.` or `(?s:.)`"#),
        (#"\Z"#, #"0: there is no `\Z`; use `\z` for the end of the text, or `\n?\z`"#),
        (#"\é"#, #"0: there is no escape `\é`; write the character without `\`, or `\\` for a backslash"#),
        (#"a\"#, #"1: `\` stands at the end; write `\\` for a backslash"#),
        (#"[\"#, #"1: `\` stands at the end; write `\\` for a backslash"#),
        (#"\x4"#, #"0: `\x` needs two hexadecimal digits, as in `\x7F`, or up to `\x{10FFFF}` in braces"#),
        (#"\x{110000}"#, #"0: `\x` needs two hexadecimal digits, as in `\x7F`, or up to `\x{10FFFF}` in braces"#),
        (#"\x{}"#, #"0: `\x` needs two hexadecimal digits, as in `\x7F`, or up to `\x{10FFFF}` in braces"#),
        (#"\x{41"#, #"0: `\x` needs two hexadecimal digits, as in `\x7F`, or up to `\x{10FFFF}` in braces"#),
        (#"\p"#, #"0: the name of a class is missing, as in `\pL`"#),
        (#"\p{Lu"#, "0: the name of a class is not closed; add `}`"),
        (
            "[[:foo:]]",
            "1: there is no class `[:foo:]`; there are alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print,"
                + " punct, space, upper, word, xdigit"
        ),
    ])
    func mistakes(_ pattern: String, _ expected: String) { #expect(refusal(pattern) == expected) }

    @Test func unknownScriptsAreNamed() {
        let found = refusal(#"a\p{Klingon}"#)
        #expect(found?.hasPrefix("1: there is no class `Klingon`; there are Unicode's general categories") == true)
        #expect(found?.hasSuffix("and the scripts \(scripts)") == true)
    }

    private var scripts: String {
        "Arabic, Armenian, Bengali, Cyrillic, Devanagari, Georgian, Greek, Han, Hangul, Hebrew, Hiragana, Katakana,"
            + " Latin, Tamil, Thai"
    }

    @Test func theDescriptionShowsThePattern() throws {
        let error = try #require(throws: PatternError.self) { try Pattern("a\n" + "b" * 100 + "(") }
        #expect(error.pattern.utf8.count == 103)
        #expect(
            error.description == #"regular expression `a\x{A}"# + "b" * 58
                + #"…`, byte 102: a group is not closed; add `)`, or write `\(` for a parenthesis"#)
    }
}
