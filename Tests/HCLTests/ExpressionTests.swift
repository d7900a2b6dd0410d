import HCL
import Testing

@Suite struct ExpressionTests {
    @Test(arguments: [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 4 - 3", 3), ("2 * 3 % 4", 2), ("-2 + 5", 3), ("--2", 2),
        ("7 / 7", 1), ("7 % -1", 0), ("-7 % 3", -1), ("\"5\" + 1", 6), ("1.5 + 1.5", 3), ("1e3", 1000),
        ("true ? 1 : 2", 1), ("false ? 1 : true ? 2 : 3", 2), ("n > 2 ? n : 0", 3), ("9223372036854775807", Int.max),
        ("-9223372036854775808", Int.min), ("[10, 20][1]", 20), ("people[1].age", 40), ("object[\"b\"]", 2),
        ("list.1", 2), ("[[1], [2]].1.0", 2), ("[for p in people : p.age][0]", 30), ("-list[0]", -1),
    ])
    func wholeNumbers(_ text: String, _ expected: Int) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == .integer(expected))
    }

    @Test(arguments: [
        ("true || false && false", true), ("!true == false", true), ("1 < 2 == true", true), ("1 == 1.0", true),
        ("1 == \"1\"", false), ("!(1 > 2)", true), ("1 + 1 == 2 && 3 >= 3", true), ("\"true\" && true", true),
        ("null == null", true), ("nothing == null", true), ("{a = 1, b = 2} == {b = 2, a = 1}", true),
        ("[1] != [2]", true), ("2 <= 1", false), ("true || missing", true), ("0.1 + 0.2 == 0.3", false),
    ])
    func truths(_ text: String, _ expected: Bool) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == .bool(expected))
    }

    static let collectionCases: [(String, Value)] = [
        ("people[*].name", ["ann", "bob"]), ("people.*.name", ["ann", "bob"]), ("nothing[*]", []),
        ("s[*]", ["text"]), ("people.*.name[0]", "ann"), ("[[1], [2]][*][0]", [1, 2]),
        ("[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]", ["0a", "1b"]),
        ("[for k, v in object : \"${k}=${v}\"]", ["a=1", "b=2"]),
        ("[for x in list : x * 2 if x != 2]", [2, 6]),
        ("{for p in people : p.name => p.age}", ["ann": 30, "bob": 40]),
        ("{for x in list : x % 2 == 0 ? \"even\" : \"odd\" => x...}", ["odd": [1, 3], "even": [2]]),
        ("{a = 1, \"b c\": 2, (s) = 3, 4 = 5}", ["a": 1, "b c": 2, "text": 3, "4": 5]),
        ("[1, 2,]", [1, 2]), ("{\n a = 1\n b = 2,\n}", ["a": 1, "b": 2]), ("[]", []), ("{}", [:]),
        ("7 / 2", .number(.double(3.5))), ("max(list...)", 3), ("null", .null),
    ]

    @Test(arguments: collectionCases)
    func collections(_ text: String, _ expected: Value) {
        let (value, errors) = evaluate(text)
        #expect(errors.isEmpty)
        #expect(value == expected)
    }

    @Test func objectsKeepTheOrderOfTheirKeys() {
        guard case .object(let object)? = evaluate("{ z = 1, a = 2, m = 3, z = 4 }").value else {
            Issue.record("not an object")
            return
        }
        #expect(object.keys == ["z", "a", "m"])
        #expect(object["z"] == 4)
    }

    @Test(arguments: [
        ("1 / 0", "division by zero"), ("1 % 0", "division by zero"), ("n.x", "a number has no attribute \"x\""),
        ("9223372036854775807 + 1", "the result does not fit 64 bits"),
        ("9223372036854775808", "the number is too large"), ("1e999", "the number is too large"),
        ("-(-9223372036854775808)", "the result does not fit 64 bits"),
        ("-9223372036854775808 / -1", "the result does not fit 64 bits"),
        ("1e308 * 10", "the result is too large"), ("s + 1", "\"+\" needs numbers, not a string"),
        ("list[3]", "there is no element 3 in a list of 3"), ("list[-1]", "there is no element -1 in a list of 3"),
        ("list[0.5]", "the index of a list must be a whole number"), ("object.c", "\"object\" has no \"c\""),
        ("people[0].nme", "\"people[0]\" has no \"nme\""), ("sting", "unknown variable \"sting\""),
        ("1 ? 2 : 3", "the condition must be true or false, not a number"),
        ("uper(s)", "there is no function \"uper\""),
        ("upper()", "upper needs 1 argument, not 0"), ("upper(s, s)", "upper takes 1 argument, not 2"),
        ("{for x in [1, 1] : x => x}", "the key \"1\" appears twice"),
        ("[for x in 5 : x]", "\"for\" goes through lists and objects, not a number"),
        ("attr.kernel", "\"attr\" has no value yet"), ("\"a${list}\"", "a list cannot be part of a text"),
        ("\"a${nothing}\"", "null cannot be part of a text"),
        ("10m", "\"10m\" is not a number"), ("a && ", "expected a value, found the end of the file"),
        ("'x'", "strings are written in double quotes"),
        ("{object.a = 1}", "a reference as a key stands in parentheses"),
    ])
    func mistakes(_ text: String, _ expected: String) {
        let (value, errors) = evaluate(text)
        #expect(value == nil)
        #expect(errors == [expected])
    }

    @Test func suggestions() {
        #expect(Suggestion.nearest(to: "memroy", among: ["memory", "cpu"]) == "memory")
        #expect(Suggestion.nearest(to: "Count", among: ["count"]) == "count")
        #expect(Suggestion.nearest(to: "xyz", among: ["memory", "cpu"]) == nil)
        #expect(Suggestion.nearest(to: "ab", among: ["ac", "aa"]) == "aa")
        let near = "Error: Unknown option '--detch'. Did you mean '--detach'?\nUsage: x"
        #expect(Suggestion.nearOnly(near) == near)
        let far = "Error: Unknown option '--xyz'. Did you mean '--yes'?\nUsage: x"
        #expect(Suggestion.nearOnly(far) == "Error: Unknown option '--xyz'\nUsage: x")
        #expect(Suggestion.nearOnly("Error: Unknown option '--xyz'") == "Error: Unknown option '--xyz'")
        #expect(Suggestion.nearest(to: "", among: ["a"]) == nil)
        #expect(Suggestion.nearest(to: "a", among: ["b"]) == nil)
    }
}
