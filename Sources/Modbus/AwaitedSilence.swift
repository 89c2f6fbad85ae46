/// The two silences that decide about bytes whose number does not (R2).
package enum AwaitedSilence: Hashable, Sendable {
    /// max(t3.5, 25 ms), because USB adapters deliver late: ends a function of unknown layout.
    case frameEnd
    /// 100 ms: what is still missing of a frame will not come.
    case frameGap
}
