internal import ArgumentParser

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the core of the broker in simulated worlds, and checks the bus rules after every step.",
        discussion: """
            Examples:
              simulate --seeds 2000
              simulate --first 1234 --seeds 1 --trace
              simulate load
              simulate overload
              simulate capture session.jsonl
            """,
        subcommands: [Seeds.self, Load.self, Overload.self, Capture.self], defaultSubcommand: Seeds.self)
}
