/// What belongs to the life of an instance after it was placed.
extension Allocation {
    /// The roll-out that placed it, or watches it.
    public var deployment: DeploymentID? {
        get { rest.deployment }
        set { changeRest { $0.deployment = newValue } }
    }

    /// Whether it runs a new version beside the old one, to be found good first.
    public var isCanary: Bool {
        get { rest.isCanary }
        set { changeRest { $0.isCanary = newValue } }
    }

    /// Whether it was found well; `nil` before that is decided.
    public var health: AllocationHealth? {
        get { rest.health }
        set { changeRest { $0.health = newValue } }
    }

    /// What someone wants of it beyond what its job says.
    public var wish: AllocationWish? {
        get { rest.wish }
        set { changeRest { $0.wish = newValue } }
    }

    /// What its tasks tell of their work.
    public var work: WorkStatus? {
        get { rest.work }
        set { changeRest { $0.work = newValue } }
    }

    /// How long its tasks may take to end once the lease of its node is over, where nothing of its name may run beside
    /// it; `nil` where something may.
    public var fence: Duration? {
        get { rest.fence }
        set { changeRest { $0.fence = newValue } }
    }

    /// Why it failed; `nil` unless it did.
    public var cause: FailureCause? {
        get { rest.cause }
        set { changeRest { $0.cause = newValue } }
    }

    /// Whether its tasks may act on files that changed; `nil` when nothing of the kind is under way.
    public var reload: ReloadTurn? {
        get { rest.reload }
        set { changeRest { $0.reload = newValue } }
    }
}
