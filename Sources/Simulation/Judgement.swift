internal import Broker
internal import Modbus

/// What holds for a request as of its arrival, whatever reloads come later.
struct Judgement {
    /// The line that it goes to, and how it looks there; nil: none.
    let way: (line: WorldLine, frame: RTUFrame)?
    /// What its client has to be told; nil: it may ask this. Several for a request that joins an earlier one, which counts
    /// by either.
    private(set) var refusals: [ExceptionCode?]

    init(way: (line: WorldLine, frame: RTUFrame)?, refusal: ExceptionCode?) {
        self.way = way
        refusals = [refusal]
    }

    /// Whether the line knows that it was asked for this.
    private(set) var isNoted = false

    /// Whether it may be asked.
    var isAllowed: Bool { refusals.contains(nil) }

    /// An earlier request of the same client, which may get the same answer if it goes the same way.
    mutating func join(_ earlier: Judgement) {
        guard earlier.way?.line === way?.line, earlier.way?.frame == way?.frame else { return }
        refusals += earlier.refusals
    }

    /// What holds from a reload on, if the request is judged after it.
    mutating func mayBe(_ refusal: ExceptionCode?) { refusals.append(refusal) }

    /// Tells the line once that it may be sent this.
    mutating func noteAsked(isRead: Bool) {
        guard isAllowed, !isNoted, let way else { return }
        isNoted = true
        way.line.actor.noteAsked(way.frame, isRead: isRead)
    }
}

extension World {
    /// - Parameter request: as the client knows the unit.
    func judge(_ request: RTUFrame, at entrance: Entrance) -> Judgement {
        let isRead = request.pdu.function.isRead
        let destination = routing.destination(of: request.unit, isRead: isRead, from: entrance)
        let refusal = refusal(of: request, to: destination, at: entrance)
        guard let destination, let line = lines[destination.line] else { return Judgement(way: nil, refusal: refusal) }
        return Judgement(way: (line, RTUFrame(unit: destination.unit, pdu: request.pdu)), refusal: refusal)
    }

    /// A reload: a query that waits for its rate is judged by the rules of its line at its turn, and one that waits for an
    /// identical read that comes to nothing is judged anew.
    func review(_ judgement: inout Judgement, of query: Query) {
        guard let way = judgement.way, let number = lines.firstIndex(where: { $0 === way.line }) else { return }
        let destination = (line: number, unit: way.frame.unit)
        let entrance = door(of: query.client)?.entrance ?? Entrance(line: nil)
        judgement.mayBe(lineRefusal(of: query.frame, to: destination, at: entrance))
        judgement.mayBe(refusal(of: query.frame, to: destination, at: entrance))
        judgement.noteAsked(isRead: query.isRead)
    }

    /// What the broker has to refuse (R10): a second opinion beside its policies.
    private func refusal(
        of request: RTUFrame, to way: (line: Int, unit: UnitIdentifier)?, at entrance: Entrance
    ) -> ExceptionCode? {
        guard request.pdu.function.isRead else {
            if entrance.isReadOnly { return .illegalFunction }
            if request.unit.isBroadcast { return entrance.allowsBroadcast ? nil : .illegalFunction }
            return lineRefusal(of: request, to: way, at: entrance)
        }
        if let read = ReadOpinion(request.pdu), read.isRefused(by: entrance.reads, unit: request.unit) {
            return .illegalDataAddress
        }
        return lineRefusal(of: request, to: way, at: entrance)
    }

    /// What is refused for the line, behind the rules of the listener.
    private func lineRefusal(
        of request: RTUFrame, to way: (line: Int, unit: UnitIdentifier)?, at entrance: Entrance
    ) -> ExceptionCode? {
        guard let way else { return nil }
        guard request.pdu.function.isRead else {
            let isForAll = way.unit.isBroadcast && !request.unit.isBroadcast
            return isForAll && !allowsBroadcast ? .illegalFunction : nil
        }
        guard !entrance.isDongle, let read = ReadOpinion(request.pdu), let rules = routes[way.line]?.reads else {
            return nil
        }
        return read.isRefused(by: rules, unit: way.unit) ? .illegalDataAddress : nil
    }
}
