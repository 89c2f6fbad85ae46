import Testing

@testable import WireLog

@Suite("The queue between the event loop and an observer")
struct ObserverQueueTests {
    @Test("What is offered is taken in order, and announced once")
    func order() {
        let queue = ObserverQueue<Int>(capacity: 1000, segmentLength: 3)
        #expect(queue.offer(0, weight: 1))
        for number in 1..<10 { #expect(!queue.offer(number, weight: 1)) }
        var taken: [Int] = []
        while let batch = queue.take() {
            #expect(batch.elements.count <= 3)
            #expect(batch.lost == 0)
            taken += batch.elements
        }
        #expect(taken == Array(0..<10))
        #expect(queue.offer(10, weight: 1))
    }

    @Test("C7 a full queue drops the oldest, and counts them before the next that is kept")
    func overflow() throws {
        let queue = ObserverQueue<Int>(capacity: 100, segmentLength: 4)
        for number in 0..<1000 { _ = queue.offer(number, weight: 5) }
        var (taken, lost): ([Int], [Int]) = ([], [])
        while let batch = queue.take() {
            taken += batch.elements
            lost.append(batch.lost)
        }
        let first = try #require(taken.first)
        #expect(taken == Array(first..<1000))
        #expect((17...20).contains(taken.count))
        #expect(lost.first == first)
        #expect(lost.dropFirst().allSatisfy { $0 == 0 })
    }

    @Test("The newest is kept however heavy it is")
    func heavy() throws {
        let queue = ObserverQueue<Int>(capacity: 100)
        for number in 0..<3 { _ = queue.offer(number, weight: 1000) }
        let batch = try #require(queue.take())
        #expect(batch.elements == [2])
        #expect(batch.lost == 2)
        #expect(queue.take()?.elements == nil)
    }
}
