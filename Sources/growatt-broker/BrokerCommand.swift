internal import ArgumentParser

/// A command of ours, run where it was parsed.
///
/// Not ArgumentParser's `AsyncParsableCommand`, whose `run()` wants the command sent to another thread.
protocol BrokerCommand: ParsableCommand {
    /// - Throws: `UsageFailure` for a mistake on the command line; anything else is a failure while running.
    func start() throws
}
