/// Every kind of fault.
enum FaultKinds {
    /// In the order in which errors name them.
    static let all: [any FaultKind.Type] = [
        DelayFault.self,
        TailFault.self,
        LossFault.self,
        LateFault.self,
        ExceptionFault.self,
        DuplicateFault.self,
        TruncatedFault.self,
        CRCFault.self,
        NoiseBeforeFault.self,
        NoiseAfterFault.self,
        SplitFault.self,
        WrongUnitFault.self,
        WrongFunctionFault.self,
        WrongCountFault.self,
        AsleepFault.self,
        UnpluggedFault.self,
    ]

    /// The keys of a rule that belong to a kind, each once.
    static let keys: [String] = all.flatMap { $0.keys }.reduce(into: []) { keys, key in
        if !keys.contains(key) { keys.append(key) }
    }
}

extension FaultKind {
    static var keys: [String] { settings.map(\.key) }
}
