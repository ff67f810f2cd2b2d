/// What all methods share that draw at random.
public enum Resampling {
    /// The seed unless another is asked for.
    public static let seed: UInt64 = 1
    /// How many samples are drawn unless said.
    public static let resamples = 10_000
}
