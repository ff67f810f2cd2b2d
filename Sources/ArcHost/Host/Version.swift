/// Which arc this is.
public enum Version {
    /// Its version, by semantic versioning.
    public static let current = "0.1.0"
}
