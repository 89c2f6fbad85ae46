/// Where whole lines go.
protocol LogOutput {
    /// As in messages: the path, or `standard output`.
    var name: String { get }

    /// Makes it ready; called before each ``append(_:)``, and once at the start.
    mutating func prepare() throws(LogFailure)

    /// Writes lines and removes from the slice what was written. After a failure the slice begins with the first
    /// line that is not, or not wholly, in the output.
    mutating func append(_ lines: inout ArraySlice<UInt8>) throws(LogFailure)

    /// Lets go of what is open; the next ``prepare()`` opens it again.
    mutating func close()
}
