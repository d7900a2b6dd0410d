/// A pure function that files may call: the same arguments, the same result; no files, time or chance.
public struct Function: Sendable {
    /// What a function does with its arguments. It throws `FunctionFailure`; other errors are told by
    /// their description.
    public typealias Body = @Sendable (Arguments) throws -> Value
    /// What a function does whose work does not follow from the size of its arguments. It takes its steps from those
    /// that are left; below zero, evaluation ends.
    typealias MeteredBody = @Sendable (Arguments, inout Int) throws -> Value

    /// The name in files.
    public let name: String
    /// The names of the arguments, for diagnostics.
    public let parameters: [String]
    /// How many of the last parameters may be left out.
    public let optional: Int
    /// The name of any further arguments; nil if there may be none.
    public let rest: String?
    let body: MeteredBody
    /// For `try` and `can`, whose arguments the evaluator itself looks at.
    var isLazy = false

    /// Declares a function; how many arguments it takes is checked before `body` is called.
    public init(
        _ name: String, _ parameters: String..., optional: Int = 0, rest: String? = nil, body: @escaping Body
    ) {
        self.name = name
        self.parameters = parameters
        self.optional = optional
        self.rest = rest
        self.body = { arguments, _ in try body(arguments) }
    }

    init(_ name: String, _ parameters: String..., metered body: @escaping MeteredBody) {
        self.name = name
        self.parameters = parameters
        optional = 0
        rest = nil
        self.body = body
    }

    /// What is wrong with a number of arguments.
    func problem(withCount count: Int) -> String? {
        let least = parameters.count - optional
        if count < least { return "\(name) needs \(least) argument\(least == 1 ? "" : "s"), not \(count)" }
        if rest == nil, count > parameters.count {
            return "\(name) takes \(parameters.count) argument\(parameters.count == 1 ? "" : "s"), not \(count)"
        }
        return nil
    }

    /// How it is called, for diagnostics.
    var signature: String {
        "\(name)(\((parameters + (rest.map { ["\($0)..."] } ?? [])).joined(separator: ", ")))"
    }

    func parameter(_ index: Int) -> String {
        parameters.indices.contains(index) ? parameters[index] : rest ?? "argument"
    }
}

/// Why a function has no result.
public struct FunctionFailure: Error, Sendable {
    /// The argument to point at; the whole call if nil.
    public var argument: Int?
    /// What is wrong, without the function's name.
    public var message: String

    /// See the properties.
    public init(_ message: String, argument: Int? = nil) {
        self.message = message
        self.argument = argument
    }
}

/// The functions that a file may call.
public struct FunctionLibrary: Sendable {
    private var functions: [String: Function] = [:]

    /// A library of these functions; a later one replaces an earlier one of its name.
    public init(_ list: [Function]) {
        for function in list { functions[function.name] = function }
    }

    /// All functions of this module.
    public static let standard = FunctionLibrary(
        Function.text + Function.patterns + Function.formatting + Function.collections + Function.objects
            + Function.numbers
            + Function.conversions + Function.encodings)

    /// The function of a name.
    public subscript(name: String) -> Function? { functions[name] }

    /// All names, sorted.
    public var names: [String] { functions.keys.sorted() }
}
