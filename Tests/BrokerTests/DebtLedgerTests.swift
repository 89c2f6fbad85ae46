@testable import Broker
import Modbus
import Testing

/// R4: what is owed, and what must wait for it.
@Suite final class DebtLedgerTests {
    private static let client = Client(kind: .tcp, name: "TCP", address: "a")
    private var debts = DebtLedger()

    private func query(_ pdu: PDU, unit: UnitIdentifier = 1) -> Query {
        Query(
            number: 1, client: Self.client, unit: unit, pdu: pdu, isRead: pdu.function.isRead,
            arrived: .start, deadline: nil)
    }

    private func shape(_ pdu: PDU, unit: UnitIdentifier = 1) -> ReplyShape {
        ReplyShape(unit: unit, request: pdu)
    }

    private func owe(_ pdu: PDU, unit: UnitIdentifier = 1, until seconds: Int = 10) {
        debts.add(query(pdu, unit: unit), shape: shape(pdu, unit: unit), expires: .start + .seconds(seconds))
    }

    private func settleOldest(_ pdu: PDU, unit: UnitIdentifier = 1) -> Bool {
        debts.settleOldest(identicalTo: query(pdu, unit: unit))
    }

    @Test func `R4 a debt blocks other requests of its unit and function`() {
        owe(.holding(0))
        #expect(debts.blocks(query(.holding(1))))
        // Of another length: its reply cannot be mistaken for the late one.
        #expect(!debts.blocks(query(.holding(0, 2))))
        #expect(debts.mayOweException(insteadOf: query(.holding(0, 2))))
        #expect(!debts.mayOweException(insteadOf: query(.holding(0))))
        #expect(!debts.blocks(query(.input(1))))
        #expect(!debts.blocks(query(.holding(1), unit: 2)))
        #expect(!debts.blocks(query(.write(1, 1))))
    }

    @Test func `R4 an identical read is not blocked, unless something was written to the unit since`() {
        owe(.holding(0))
        #expect(!debts.blocks(query(.holding(0))))
        debts.noteWrite(to: 2)
        #expect(!debts.blocks(query(.holding(0))))
        debts.noteWrite(to: 1)
        #expect(debts.blocks(query(.holding(0))))
    }

    @Test func `R4 a broadcast makes the debts of every unit stale`() {
        owe(.holding(0))
        debts.noteWrite(to: .broadcast)
        #expect(debts.blocks(query(.holding(0))))
    }

    @Test func `R4 an identical write is blocked`() {
        owe(.write(1, 1))
        #expect(debts.blocks(query(.write(1, 1))))
    }

    @Test func `R4 a debt of unit 0 counts for every unit, and every debt for unit 0`() {
        owe(.holding(0), unit: 0)
        #expect(debts.blocks(query(.holding(0), unit: 7)))
        debts.expire(at: .start + .seconds(10))
        owe(.holding(0), unit: 7)
        #expect(debts.blocks(query(.holding(0), unit: 0)))
    }

    @Test func `R4 a debt is over at its expiry, not before`() {
        owe(.holding(0), until: 10)
        owe(.input(0), until: 5)
        #expect(debts.nextExpiry == .start + .seconds(5))
        debts.expire(at: .start + .seconds(5) - .nanoseconds(1))
        #expect(debts.shapes.count == 2)
        debts.expire(at: .start + .seconds(5))
        #expect(debts.shapes == [shape(.holding(0))])
        debts.expire(at: .start + .seconds(10))
        #expect(debts.isEmpty && debts.nextExpiry == nil)
    }

    @Test func `R4 a late reply settles one debt of its shape`() {
        owe(.holding(0))
        owe(.holding(0))
        debts.settle(shape(.holding(0)))
        #expect(debts.shapes.count == 1)
        debts.settle(shape(.input(0)))
        #expect(debts.shapes.count == 1)
        debts.settle(shape(.holding(0)))
        #expect(debts.isEmpty)
    }

    @Test func `R4 a reply closes the oldest identical debt only`() {
        owe(.holding(0), until: 5)
        owe(.holding(1), until: 7)
        owe(.holding(0), until: 9)
        #expect(settleOldest(.holding(0)))
        #expect(debts.nextExpiry == .start + .seconds(7))
        #expect(!settleOldest(.holding(0), unit: 2))
        #expect(settleOldest(.holding(0)))
        #expect(debts.shapes == [shape(.holding(1))])
    }
}
