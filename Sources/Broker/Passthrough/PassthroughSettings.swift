/// What a passthrough knows about both of its ports.
package struct PassthroughSettings: Hashable, Sendable {
    package var clientTiming = LineTiming(baud: 9600, bitsPerCharacter: 10)
    package var lineTiming = LineTiming(baud: 9600, bitsPerCharacter: 10)
    /// The holding registers whose write starts a firmware update.
    package var updateRegisters: [UInt16] = []

    package init() {}
}
