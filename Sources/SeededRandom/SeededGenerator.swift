/// Random numbers that a seed decides, the same in every run and on every machine: SplitMix64 (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014).
///
/// Everything random in arc's figures comes from it, so a seed is all that is needed to get the same figures again.
/// What is drawn from its bits is defined here too: the standard library doesn't promise that its own ways of
/// drawing stay as they are.
public struct SeededGenerator: RandomNumberGenerator {
    @usableFromInline var state: UInt64

    /// The sequence of that seed.
    @inlinable
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of 0 ..< 1, one of 2⁵³ that are as likely as each other.
    @inlinable
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number of 0 ..< `count`: the upper half of the next 64 bits times `count` (Lemire, "Fast random integer
    /// generation in an interval", ACM Transactions on Modeling and Computer Simulation 29, 2019, without his
    /// rejection: no number's probability is off by more than 2⁻⁶⁴).
    ///
    /// - Parameter count: at least 1.
    @inlinable
    public mutating func index(below count: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }
}
