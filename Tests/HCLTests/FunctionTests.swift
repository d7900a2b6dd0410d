import HCL
import Testing

@Suite struct FunctionTests {
    static let cases: [(String, Value)] = [
        (#"upper("aé")"#, "AÉ"), (#"lower("AB")"#, "ab"), (#"title("hello wORLD")"#, "Hello WORLD"),
        (#"trim("?!a?b!?", "!?")"#, "a?b"), (#"trimspace(" a\n")"#, "a"), (#"trimprefix("aab", "a")"#, "ab"),
        (#"trimsuffix("abb", "b")"#, "ab"), (#"replace("a.b.c", ".", "--")"#, "a--b--c"),
        (#"replace("ab", "", "x")"#, "xaxbx"), (#"replace("/alloc/a", "/alloc/", "/local/")"#, "/local/a"),
        (#"regex("[a-z]+", "12ab3c")"#, "ab"), (#"regex("(\\w)(\\d)?", "a")"#, ["a", .null]),
        (#"regex("(?P<host>[^:]+):(?P<port>\\d+)", "db:5432")"#, ["host": "db", "port": "5432"]),
        (#"try(regex("x", "ab"), "none")"#, "none"), (#"can(regex("^a", "ab"))"#, true),
        (#"regexall("[a-z]", "1a2b")"#, ["a", "b"]), (#"regexall("x", "ab")"#, []),
        (#"regexall("(a)|(b)", "ab")"#, [["a", .null], [.null, "b"]]),
        (#"length(regexall("", "ab"))"#, 3),
        (#"regex_replace("hello world", "(\\w+) (\\w+)", "$2 $1")"#, "world hello"),
        (#"regex_replace("a.b", "[.]", "$$")"#, "a$b"), (#"regex_replace("aé", "(?P<x>\\pL)", "<$${x}>")"#, "<a><é>"),
        (#"regex_replace("v1.2", "^v(\\d+).*", "$${1}x")"#, "1x"),
        (#"split(",", "a,,b")"#, ["a", "", "b"]), (#"split("", "ab")"#, ["a", "b"]), (#"split(",", "")"#, [""]),
        (#"join("-", ["a", 1], [true])"#, "a-1-true"), (#"substr("héllo", 1, 2)"#, "él"),
        (#"substr("abc", -2, -1)"#, "bc"),
        (#"substr("abc", 5, 1)"#, ""), (#"substr("abc", 1, 99)"#, "bc"), (#"strlen("é😀")"#, 2), (#"length("ab")"#, 2),
        ("length(list)", 3), ("length(object)", 2), (#"startswith("abc", "ab")"#, true),
        (#"endswith("abc", "ab")"#, false),
        (#"indent(2, "a\nb")"#, "a\n  b"), ("concat(list, [4])", [1, 2, 3, 4]), ("contains(list, 2)", true),
        (#"contains(list, "2")"#, false), ("distinct([1, 2, 1])", [1, 2]), ("flatten([1, [2, [3]], []])", [1, 2, 3]),
        ("keys(object)", ["a", "b"]), ("values(object)", [1, 2]), (#"lookup(object, "a")"#, 1),
        (#"lookup(object, "z", 9)"#, 9),
        ("merge(object, {a = 5}, {c = 6})", ["a": 5, "b": 2, "c": 6]),
        (#"zipmap(["a", "b"], [1, 2])"#, ["a": 1, "b": 2]),
        ("range(3)", [0, 1, 2]), ("range(1, 4)", [1, 2, 3]), ("range(4, 1)", [4, 3, 2]), ("range(0, 5, 2)", [0, 2, 4]),
        ("range(0)", []), ("reverse(list)", [3, 2, 1]), (#"sort(["b", "a"])"#, ["a", "b"]),
        ("slice(list, 1, 3)", [2, 3]),
        ("element(list, 4)", 2), ("element(list, -1)", 3), ("index(list, 3)", 2), (#"coalesce(null, "", "a")"#, "a"),
        ("coalescelist([], [1])", [1]), (#"compact(["a", "", null])"#, ["a"]), ("chunklist(list, 2)", [[1, 2], [3]]),
        ("min(3, 1.5, 2)", .number(.double(1.5))), ("max(1, 2)", 2), ("abs(-3)", 3), ("ceil(1.2)", 2),
        ("floor(-1.2)", -2),
        ("signum(-9)", -1), ("pow(2, 10)", 1024), ("pow(2, -1)", .number(.double(0.5))), ("pow(0, 0)", 1),
        (#"parseint("ff", 16)"#, 255), (#"parseint("-101", 2)"#, -5), ("tostring(1.0)", "1"),
        (#"tonumber("1.5e1")"#, 15),
        (#"tobool("true")"#, true), ("tolist([1])", [1]), ("toset([\"b\", \"a\", \"b\"])", ["a", "b"]),
        ("tomap({a = 1})", ["a": 1]),
        (#"jsonencode({b = [1, null, true], a = "<\"\n>"})"#, #"{"a":"\u003c\"\n\u003e","b":[1,null,true]}"#),
        (#"jsondecode("{\"a\": [1, 2.5, \"\\u00e9\\ud83d\\ude00\"]}")"#, ["a": [1, .number(.double(2.5)), "é😀"]]),
        (#"base64encode("hello")"#, "aGVsbG8="), (#"base64encode("")"#, ""), (#"base64decode("aGVsbG8=")"#, "hello"),
        ("try(missing, 2)", 2), ("try(object.zz, list[9], s)", "text"), ("can(missing)", false), ("can(s)", true),
        (#"formatlist("%s-%d", ["a", "b"], 7)"#, ["a-7", "b-7"]),
    ]

    @Test(arguments: cases)
    func results(_ text: String, _ expected: Value) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == expected)
    }

    @Test(arguments: [
        (#"format("%s %d%%", "a", 5)"#, "a 5%"), (#"format("%05d|%-4d|%+d|%4d", 42, 7, 7, -7)"#, "00042|7   |+7|  -7"),
        (#"format("%05d", -42)"#, "-0042"), (#"format("%x %X %o %b %#x", 255, 255, 8, 5, 255)"#, "ff FF 10 101 0xff"),
        (#"format("%x", "hi")"#, "6869"), (#"format("%q", "a\"b")"#, #""a\"b""#),
        (#"format("%v %v", [1], true)"#, "[1] true"),
        (#"format("%f %.2f %.0f", 1.5, 2.675, 2.5)"#, "1.500000 2.67 2"), (#"format("%.3f", 0.0005)"#, "0.001"),
        (#"format("%.1f", 9.96)"#, "10.0"), (#"format("%e %.1e", 123456, 0.00095)"#, "1.234560e+05 9.5e-04"),
        (#"format("%g %g", 0.5, 100000)"#, "0.5 100000"),
        (#"format("%.3g %.3g", 1234.5, 0.00001234)"#, "1.23e+03 1.23e-05"),
        (#"format("%8.2f|%-8s|%.2s", 3.14159, "ab", "abc")"#, "    3.14|ab      |ab"),
        (#"format("%[2]s %[1]s", "a", "b")"#, "b a"),
        (#"format("%t", true)"#, "true"), (#"format("%.20f", 0.1)"#, "0.10000000000000000555"),
        (#"format("%f", 0)"#, "0.000000"),
    ])
    func formats(_ text: String, _ expected: String) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == .string(expected))
    }

    @Test(arguments: [
        ("upper([1])", "upper: argument 1 (string) must be a string, not a list"),
        ("substr(s, 0.5, 1)", "substr: argument 2 (offset) must be a whole number, not 0.5"),
        ("slice(list, 2, 1)", "slice: argument 3 (end) must be from 2 to 3, not 1"),
        ("element([], 0)", "element: argument 1 (list) must not be empty"),
        (
            "lookup(object, \"z\")",
            "lookup: argument 2 (key) names the key \"z\", which the object does not have; give a default"
        ),
        ("range(1e9)", "range: makes at most 1024 numbers"),
        ("range(0, 5, -1)", "range: argument 3 (limits) leads away from the end"),
        ("format(\"%d\", \"a\")", "format: %d needs a whole number, not a string"),
        ("format(\"%s\")", "format: has verbs for 1 arguments, but 0 are given"),
        ("format(\"%z\", 1)", "format: has no verb %z; a percent sign is written %%"),
        ("format(\"%99999d\", 1)", "format: has a width or precision above 1000"),
        ("tonumber(\"x\")", "tonumber: argument 1 (value) cannot be converted: number is needed, not a string"),
        ("jsondecode(\"[1\")", "jsondecode: argument 1 (text) is not JSON: expected \",\" or \"]\" at byte 2"),
        ("base64decode(\"a\")", "base64decode: argument 1 (text) is not Base64"),
        ("sort([[]])", "sort: argument 1 (list) must be a list of strings, but has a list"),
        ("pow(10, 999)", "pow: the result is too large"),
        ("parseint(\"9\", 8)", "parseint: argument 1 (string) is not a whole number of base 8 that fits 64 bits"),
        ("abs(-9223372036854775808)", "abs: argument 1 (number) has no positive counterpart in 64 bits"),
        (
            #"regex("(", "a")"#,
            #"regex: argument 1 (pattern) is no regular expression: byte 0: a group is not closed; add `)`, or write"#
                + #" `\(` for a parenthesis"#
        ),
        (
            #"regex("x", "ab")"#,
            "regex: argument 2 (string) has no part that the pattern matches; try(regex(…), null) yields null then"
        ),
        (
            #"regexall("(?P<a>b)(c)", "bc")"#,
            "regexall: argument 1 (pattern) has groups with and without names; name all, or write (?:…) for the others"
        ),
        (#"regex_replace("a", "a", [])"#, "regex_replace: argument 3 (replacement) must be a string, not a list"),
        ("try(missing)", "unknown variable \"missing\""),
        ("element(list, 9223372036854775807...)", "\"...\" needs a list, not a number"),
    ])
    func mistakes(_ text: String, _ expected: String) {
        let (value, errors) = evaluate(text)
        #expect(value == nil)
        #expect(errors == [expected])
    }
}
