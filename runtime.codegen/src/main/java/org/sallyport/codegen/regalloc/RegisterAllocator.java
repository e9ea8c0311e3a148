package org.sallyport.codegen.regalloc;

/** Register allocation. */
public final class RegisterAllocator {
    private RegisterAllocator() {}

    public static Allocation allocate(AllocatableCode input) {
        var code = new FlatCode(input);
        var flow = new ControlFlow(code);
        var live = new Liveness(code, flow);
        var residency = new Residency(code, flow, live);
        var bundles = new Bundles(residency.stays, residency.affinities);
        var assignment = new Assignment(code, flow, live, residency.stays, bundles);
        var slots = new SpillSlots(code, flow, live, residency);
        return new Resolution(code, live, residency, assignment.register, slots).run();
    }
}
