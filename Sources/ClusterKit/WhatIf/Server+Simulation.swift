extension Server {
    /// A simulation that begins with the durable state of now and places with this server's scheduler.
    public func simulation(seed: UInt64 = 1) -> Simulation {
        Simulation(of: snapshot, at: time.now().wall, scheduler: scheduler, configuration: configuration, seed: seed)
    }
}
