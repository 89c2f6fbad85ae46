/// Who has a virtual port open, and whose the bytes are that came with opens and closes, as far as the events tell.
///
/// All that a program has written is told before its close, so what is there at a change is the newcomer's if nothing of
/// those before it was left to be taken.
struct ProgramPresence {
    enum Author: Equatable {
        /// Of the program that has the port open by now.
        case newest
        /// Of those before it, which are gone.
        case gone
        /// Of both, in that order.
        case both
    }

    /// How many have the port open, as far as was seen.
    private(set) var openers = 0
    /// Whether one has opened it after all before had closed it.
    private(set) var isChanged = false
    /// Whether the count may be wrong: only the system knows who is left.
    private(set) var isDoubtful = false
    /// Whether a program that is there has written what was perhaps not taken yet.
    private(set) var hasWritten = false
    private var haveGoneWritten = false
    private var isTaken = false

    /// Whether a program that is there has written what is taken by now.
    var isWritingTaken: Bool { hasWritten && isTaken }

    /// Of all bytes that were not handed on yet.
    var author: Author {
        guard isChanged, haveGoneWritten else { return .newest }
        return hasWritten ? .both : .gone
    }

    mutating func note(_ events: [ProgramEvent]) {
        for event in events {
            switch event {
            case .opened: noteOpen()
            case .written:
                // A write is told between the open and the close of its program: the open was not seen.
                if openers == 0 { noteOpen() }
                hasWritten = true
            case .closed:
                openers = max(0, openers - 1)
                isDoubtful = true
            case .lost:
                openers = 0
                isDoubtful = true
            }
        }
    }

    private mutating func noteOpen() {
        openers += 1
        guard openers == 1 else { return }
        isChanged = true
        haveGoneWritten = haveGoneWritten || hasWritten
        hasWritten = false
    }

    /// The system was asked.
    mutating func noteOpen(_ isOpen: Bool) {
        isDoubtful = false
        guard isOpen else {
            openers = 0
            return
        }
        // It may be another one than was seen to close it.
        if openers == 0 { noteOpen() }
    }

    /// A program must be there whose open was not seen, for it has written.
    mutating func noteUnseen() {
        openers = max(1, openers)
        isDoubtful = true
    }

    /// All that was told to be written has been taken, and is going to be handed on.
    mutating func noteTaken() { isTaken = true }

    /// What was told has been seen to.
    mutating func noteSettled() {
        if isTaken { (hasWritten, haveGoneWritten) = (false, false) }
        (isChanged, isTaken) = (false, false)
    }
}
