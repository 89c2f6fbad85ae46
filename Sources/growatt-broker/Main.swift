internal import ArgumentParser
internal import Glibc
internal import Settings
internal import Tools

/// The way in. An error is one line on stderr; the exit status is 2 for usage, 1 for a failure while running, else 0.
@main
enum Main {
    static func main() {
        // Swift reads them from /proc; without them a tool would become the gateway.
        guard !CommandLine.arguments.isEmpty else {
            fail("its own command line cannot be read: is /proc mounted?", status: 1)
        }
        do {
            let command = try CommandLineUse.command(of: Array(CommandLine.arguments.dropFirst()))
            do {
                try run(command)
            } catch let error as YAMLError where error.isOfCommandLine {
                throw UsageFailure(lines: error.lines)
            }
        } catch let error as UsageFailure {
            fail(error.lines, status: 2)
        } catch let error as ToolError {
            if error.isQuiet { exit(error.status) }
            // Its results have waited for the reader too.
            fail(error.description, status: error.status, patience: nil)
        } catch  where GrowattBroker.exitCode(for: error).isSuccess {
            print(GrowattBroker.fullMessage(for: error))
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func run(_ command: any ParsableCommand) throws {
        if let command = command as? any BrokerCommand {
            try command.start()
        } else {
            // ArgumentParser's own: help.
            var command = command
            try command.run()
        }
    }

    /// Ends the process as after a success.
    static func end() -> Never { exit(0) }

    /// - Parameter patience: how long a reader of the messages is waited for; nil: without limit.
    private static func fail(_ reason: String, status: Int32, patience: Duration? = .seconds(1)) -> Never {
        fail([reason], status: status, patience: patience)
    }

    private static func fail(_ reasons: [String], status: Int32, patience: Duration? = .seconds(1)) -> Never {
        for reason in reasons { OperatorMessages.write(.error, reason) }
        OperatorMessages.flush(timeout: patience)
        exit(status)
    }
}
