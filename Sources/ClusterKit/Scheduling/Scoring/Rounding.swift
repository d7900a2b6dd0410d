/// How far rounding may lead apart what is equal.
enum Rounding {
    /// Sums of the parts of scores that were added up in different orders. What is closer together is compared by the
    /// scores themselves.
    static let sums = 1e-9
    /// Products and the powers that they stand for, and weights that cancel each other out. What is closer together is
    /// compared by the powers themselves, or counts as 0.
    static let products = 1e-12
}
