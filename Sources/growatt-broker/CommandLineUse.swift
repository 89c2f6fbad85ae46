internal import ArgumentParser
internal import Settings

/// How the command line is read.
enum CommandLineUse {
    /// The command that `arguments` ask for, without the program's name; perhaps ArgumentParser's own one for help.
    ///
    /// - Throws: `UsageFailure`; or what `--version` prints, as a clean exit of ArgumentParser.
    static func command(of arguments: [String]) throws -> any ParsableCommand {
        let arguments = separated(arguments)
        do {
            if let command = try subcommand(of: arguments) { return command }
            try refuseUnknownSubcommand(arguments.first)
            return try root(of: arguments)
        } catch  where !(error is UsageFailure) && !GrowattBroker.exitCode(for: error).isSuccess {
            throw UsageFailure(GrowattBroker.message(for: error))
        }
    }

    /// What a subcommand in the first place makes of the rest; nil: there is none, or it is asked for help.
    ///
    /// Parsed alone, because the root would take all flags it knows, also those that follow the subcommand.
    private static func subcommand(of arguments: [String]) throws -> (any ParsableCommand)? {
        let known = GrowattBroker.configuration.subcommands
        guard let type = known.first(where: { $0._commandName == arguments.first }) else { return nil }
        let command = try type.parseAsRoot(Array(arguments.dropFirst()))
        return command is any BrokerCommand ? command : nil
    }

    /// - Throws: `UsageFailure` for a word in the first place that is no subcommand, with the one that was probably meant.
    private static func refuseUnknownSubcommand(_ word: String?) throws(UsageFailure) {
        let names = GrowattBroker.configuration.subcommands.map { $0._commandName }
        guard let word, !word.hasPrefix("-"), !word.isEmpty, word != "help", !names.contains(word) else { return }
        let meant = SpellingGuess.of(word, among: names).map { "did you mean \($0)? " } ?? ""
        throw UsageFailure(
            "\(word.debugDescription) is no subcommand; \(meant)expected \(names.joined(separator: ", "))")
    }

    /// What the root makes of everything; it may still come upon a subcommand behind flags.
    private static func root(of arguments: [String]) throws -> any ParsableCommand {
        let command = try GrowattBroker.parseAsRoot(arguments)
        guard let command = command as? any BrokerCommand, !(command is GrowattBroker), !(command is Run) else {
            return command
        }
        let name = type(of: command)._commandName
        throw UsageFailure(
            "\(arguments[0]): a flag of the gateway, not of \(name); expected `growatt-broker \(name) …`")
    }

    /// Tells values that ArgumentParser would miss: `--shine=` has an empty one, and `--retries -1` a negative one.
    private static func separated(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for argument in arguments {
            if argument.hasPrefix("--"), argument.hasSuffix("=") {
                result += [String(argument.dropLast()), ""]
            } else if isNegative(argument), let flag = result.last, flag.hasPrefix("--"), !flag.contains("=") {
                result[result.count - 1] = "\(flag)=\(argument)"
            } else {
                result.append(argument)
            }
        }
        return result
    }

    /// Whether it begins as a negative number; no flag does.
    private static func isNegative(_ argument: String) -> Bool {
        argument.first == "-" && argument.dropFirst().first.map { $0.isNumber || $0 == "." } == true
    }
}
