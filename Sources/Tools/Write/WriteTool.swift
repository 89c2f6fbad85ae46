internal import Glibc
package import Growatt
internal import Modbus

/// `growatt-broker write`.
package struct WriteTool {
    package struct Settings: Sendable {
        package var items: [WriteItem]
        package var order = WordOrder.highFirst
        /// Nobody is asked before.
        package var isConfirmed = false
        /// Nothing is written: what would change is shown.
        package var isDryRun = false
        /// What the way back has behind the words: flags of the connection that were given, each with a space before it.
        package var wayBackFlags = ""
        /// Also single registers go by 0x10, and single coils by 0x0F.
        package var usesMultiple = false
        /// Whether unit 0 was named: all units are written to.
        package var isBroadcast = false

        package init(_ items: [WriteItem]) {
            self.items = items
        }
    }

    private let settings: Settings
    private let connection: UnitConnection
    private let interruption: Interruption
    private let output: Output

    package init(
        _ settings: Settings, _ connection: UnitConnection, _ interruption: Interruption, _ output: Output
    ) {
        self.settings = settings
        self.connection = connection
        self.interruption = interruption
        self.output = output
    }

    /// Shows what would change, asks, writes, and reads back.
    ///
    /// - Throws: ``ToolError/incomplete`` if something was not written, or is not known to be.
    package func run() throws(ToolError) {
        let old = try showPlan()
        for note in Set(settings.items.flatMap(DangerousRegisters.notes)).sorted() { output.tell(note) }
        if settings.isDryRun { return output.tell("a dry run: nothing was written") }
        guard try isWanted() else {
            output.tell("nothing was written")
            throw .incomplete
        }
        var results: [WriteResult] = []
        for item in settings.items { results.append(try write(item)) }
        try output.write(table(of: results).text(output))
        tellWayBack(results, old)
        guard results.allSatisfy(\.isRight) else { throw .incomplete }
    }

    /// The command that restores what was there, as far as it was read and may have been replaced.
    private func tellWayBack(_ results: [WriteResult], _ old: [[UInt16]?]) {
        let words = zip(results, old).compactMap { result, old in
            old.flatMap { result.mayHaveChanged && $0 != result.item.registers ? result.item.word(restoring: $0) : nil }
        }
        guard !words.isEmpty else { return }
        output.tell(
            "the way back: growatt-broker write \(connection.settings.endpoint) \(words.joined(separator: " "))"
                + settings.wayBackFlags)
    }

    /// - Returns: what each item has now; nil: not known.
    private func showPlan() throws(ToolError) -> [[UInt16]?] {
        var found: [[UInt16]?] = []
        var columns = Columns(["TABLE", "ADDRESS", "TYPE", "OLD", "NEW"], leftAligned: [0, 2])
        for item in settings.items {
            let old: String
            if settings.isBroadcast {
                old = "?"
                found.append(nil)
            } else {
                switch try read(item) {
                case .success(let registers):
                    old = item.text(of: registers, settings.order)
                    found.append(registers)
                case .failure(let reason):
                    old = reason.text
                    found.append(nil)
                }
            }
            columns.append(
                item.cells + [
                    .init(text: old, style: .faint),
                    .init(text: item.text(of: item.registers, settings.order), style: .yellow),
                ])
        }
        try output.write(columns.text(output))
        return found
    }

    /// - Throws: ``ToolError/usage(_:)`` if there is nobody to ask.
    private func isWanted() throws(ToolError) -> Bool {
        if settings.isConfirmed { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw .usage("nothing was written: without a terminal to ask at, expected --yes")
        }
        output.writeError("Write? [y/N] ")
        do throws(ToolError) {
            let answer = try LineInput.line(interruption)?.lowercased()
            return answer == "y" || answer == "yes"
        } catch {
            output.endLine()
            throw error
        }
    }

    private func read(_ item: WriteItem) throws(ToolError) -> Result<[UInt16], WriteFailure> {
        let request = ReadRequest(table: item.item.table, addresses: item.item.addresses)
        let answer = try connection.ask(request.pdu)
        guard case .reply(let pdu) = answer else { return .failure(WriteFailure(text: answer.failure ?? "not read")) }
        return request.table.values(of: pdu, count: request.addresses.count).map { .success($0) }
            ?? .failure(WriteFailure(text: "a reply of another length"))
    }

    private func write(_ item: WriteItem) throws(ToolError) -> WriteResult {
        guard let pdu = item.pdu(usesMultiple: settings.usesMultiple) else {
            throw .failed("\(item.registers.count) registers cannot be written at once")
        }
        let answer = try connection.ask(pdu)
        switch answer {
        case .nothing(wasSent: false): return WriteResult(item: item, outcome: .notSent)
        case .exception(let code) where !code.leavesOutcomeOpen:
            return WriteResult(item: item, outcome: .refused(code))
        case .reply, .nothing, .exception:
            if settings.isBroadcast { return WriteResult(item: item, outcome: .sent(answer)) }
            return WriteResult(item: item, outcome: .sent(answer), readBack: try read(item))
        }
    }

    private func table(of results: [WriteResult]) -> Columns {
        var columns = Columns(["TABLE", "ADDRESS", "TYPE", "WRITTEN", "READ BACK", ""], leftAligned: [0, 2, 5])
        for result in results {
            let back = result.readBack.map { back in
                switch back {
                case .success(let registers): result.item.text(of: registers, settings.order)
                case .failure(let reason): reason.text
                }
            }
            columns.append(
                result.item.cells + [
                    .init(text: result.item.text(of: result.item.registers, settings.order)),
                    .init(text: back ?? "–"), .init(text: result.text, style: result.isRight ? .green : .red),
                ])
        }
        return columns
    }
}

/// Why registers could not be read.
struct WriteFailure: Error {
    let text: String
}

extension WriteItem {
    fileprivate var cells: [Columns.Cell] {
        [
            .init(text: item.table.rawValue), .init(text: item.addresses.text),
            .init(text: item.table.isBits ? "bit" : item.type.rawValue),
        ]
    }
}
