/// A value that shows itself to nobody who does not ask: printing it, logging it or looking into it gives no more than
/// that it is there.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    /// Hides a value.
    public init(_ value: Value) { self.value = value }

    /// The value. Wherever this is called, a secret may leak.
    public func reveal() -> Value { value }

    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
