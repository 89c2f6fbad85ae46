import Testing

@testable import Broker

@Suite struct ProgramPresenceTests {
    @Test(
        arguments: [
            ([.opened, .written], .newest),
            // A write is told a little late.
            ([.opened], .newest),
            ([.opened, .written, .closed], .newest),
            ([.opened, .written, .closed, .opened], .gone),
            ([.opened, .written, .closed, .opened, .closed], .gone),
            ([.opened, .closed, .opened, .written], .newest),
            ([.opened, .closed, .opened], .newest),
            ([.opened, .written, .closed, .opened, .written], .both),
            ([.opened, .written, .closed, .opened, .closed, .opened], .gone),
            ([.opened, .opened, .written, .closed], .newest),
        ] as [([ProgramEvent], ProgramPresence.Author)])
    func `bytes are of who wrote them`(events: [ProgramEvent], author: ProgramPresence.Author) {
        var presence = ProgramPresence()
        presence.note(events)
        #expect(presence.author == author)
    }

    @Test func `what was taken before a change is nobody's any more, and what was not taken is of who wrote it`() {
        for isTaken in [true, false] {
            var presence = ProgramPresence()
            presence.note([.opened, .written])
            if isTaken { presence.noteTaken() }
            presence.noteSettled()
            #expect(!presence.isChanged)
            presence.note([.closed, .opened])
            #expect(presence.isChanged)
            #expect(presence.author == (isTaken ? .newest : .gone))
        }
    }

    @Test func `a program whose open was not seen is known by what it has written, and gone when it has closed`() {
        var presence = ProgramPresence()
        presence.note([.written, .closed])
        presence.noteOpen(true)
        #expect(presence.isChanged)
        #expect(presence.author == .gone)
        presence.note([.written])
        #expect(presence.author == .both)
    }

    @Test func `what the system says of who is there counts more than events that come as one`() {
        var presence = ProgramPresence()
        presence.note([.opened, .closed])
        #expect(presence.isDoubtful)
        presence.noteOpen(true)
        presence.note([.written])
        #expect(!presence.isDoubtful)
        #expect(presence.openers == 1)
        #expect(presence.author == .newest)
        presence.noteSettled()
        presence.note([.lost])
        presence.noteOpen(false)
        #expect(presence.openers == 0)
        #expect(!presence.isChanged)
        presence.noteUnseen()
        #expect(presence.openers == 1)
        #expect(presence.isDoubtful)
    }
}
