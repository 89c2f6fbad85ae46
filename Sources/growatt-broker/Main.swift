internal import ArgumentParser
internal import Settings

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The way in. An error is one line on stderr; the exit status is 2 for usage, 1 for a failure while running, else 0.
@main
enum Main {
    static func main() async {
        do {
            let command = try CommandLineUse.command(of: Array(CommandLine.arguments.dropFirst()))
            do {
                try await run(command)
            } catch let error as SettingsError {
                throw UsageFailure(error.description)
            }
        } catch let error as UsageFailure {
            fail(error.line, status: 2)
        } catch  where GrowattBroker.exitCode(for: error).isSuccess {
            print(GrowattBroker.fullMessage(for: error))
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func run(_ command: any ParsableCommand) async throws {
        if let command = command as? any BrokerCommand {
            try await command.start()
        } else {
            // ArgumentParser's own: help.
            var command = command
            try command.run()
        }
    }

    private static func fail(_ reason: String, status: Int32) -> Never {
        var line = "growatt-broker: \(reason)\n"
        line.withUTF8 { bytes in
            // Nobody is left to tell when even this fails.
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
        exit(status)
    }
}
