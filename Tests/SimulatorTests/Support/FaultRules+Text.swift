import Settings

@testable import Simulator

extension FaultRules {
    /// As the command line has them.
    init(_ text: String) throws(YAMLError) { try self.init(text, name: "--faults") }
}
