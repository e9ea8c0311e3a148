package org.sallyport.codegen.regalloc;

import org.sallyport.codegen.meter.Meter;

/**
 * Register allocation on SSA form.
 *
 * <h2>The problem</h2>
 *
 * The code names any number of values; the machine has eleven general and fifteen vector registers, some instructions
 * insist on particular ones, and a call destroys them all. Each value needs a place at each point where it lives,
 * such that the least is moved where the program runs most: in its inner loops.
 *
 * <h2>Vocabulary</h2>
 *
 * <ul>
 * <li>A <em>point</em> ({@link Point}) is one of four moments of an instruction; ranges of points are half-open.
 * <li>A value is <em>live</em> from its definition to its last use on any path ({@link Liveness}).
 * <li>A <em>stay</em> ({@link Stays}) is a range over which a value is in one register. Where a value lives but does
 *     not stay, it is in its <em>slot</em>, or can be made again (a constant).
 * <li>A <em>piece</em> is a number of stays of one value with no reload between them. A <em>bundle</em> ({@link
 *     Bundles}) is a number of pieces, of several values perhaps, that share a register.
 * </ul>
 *
 * <h2>The way</h2>
 *
 * Two questions are asked one after the other, because the first is about memory and dear, the second about registers
 * and cheap.
 *
 * <ol>
 * <li><em>Which</em> values are in registers where? {@link Residency} walks over the code once. When there are too
 *     many, the value whose next use is farthest leaves (Belady's rule, as extended from straight lines to graphs by
 *     Braun and Hack, "Register spilling and live-range splitting for SSA-form programs", 2009): behind a loop is
 *     very far, behind a call does not count. {@link EntryChoice} decides at every join, and above all at every loop
 *     header, what is in registers there; a value that the loop does not use leaves before the loop, even if the need
 *     for its register is only seen in the middle of it.
 * <li>In <em>which</em> registers? Pieces that a move would otherwise connect (loop variables with their next values,
 *     two-address operands with their results, copies) are joined into bundles first, the most frequent first. {@link
 *     Assignment} then takes the bundles in the order in which they begin, as a linear scan does, and gives each the
 *     register it likes best ({@link Hints}) of those free over all its stays, holes between them included; {@link
 *     Occupancy} answers for all registers at once. If none is free throughout, the bundle is cut, best in front of a
 *     loop.
 * <li>{@link SpillSlots} gives slots to the values that are ever read from memory, and one store each, at a point
 *     before all reads that is executed least (SSA values do not change; a value needed in memory only on a cold path
 *     is stored there).
 * <li>{@link Resolution} writes the places down and the moves: where a value changes its register inside a block, and
 *     on edges where it leaves in another place than it arrives in, or passes as an argument. {@link ParallelMoves}
 *     orders those that happen at once.
 * </ol>
 *
 * <h2>Why it is correct</h2>
 *
 * <em>The first question leaves no impossible second.</em> Residency keeps the three inequalities of its class
 * comment at every instruction; so whenever Assignment comes to a bundle, a register is free at least to the next
 * point where a move may stand, and whatever is cut off there is asked again.
 *
 * <p><em>A slot holds its value whenever it is read.</em> The store stands at the definition or at the beginning of a
 * block that dominates every read and into which the value comes in a register; every path to a read passes it. A
 * parameter without a register receives its argument in the slot on every edge. Slots are shared only by values that
 * are never live together.
 *
 * <p><em>Edges agree.</em> For each edge, each value in a register at the successor's beginning is moved there from
 * where it is at the predecessor's end; the moves of one edge are one parallel move, in the block that has only this
 * edge.
 *
 * <p>None of this is trusted: {@link AllocationChecker} proves each result on its own terms, in the tests always, and
 * in any compilation with {@code -Dsallyport.verify=true}.
 *
 * <h2>What it costs</h2>
 *
 * All phases are linear in the code and in the pairs of a block and a value live in it, up to a logarithm for
 * occupancy queries and sorting. Hostile code can make those pairs very many; past a limit, values that live in more
 * than one block go through memory between blocks ({@link Liveness#isUnbounded}), so that time and memory stay in
 * bounds.
 */
public final class RegisterAllocator {
    /** Enough for a million instructions of ordinary code; a second's work. */
    private static final int MAX_VISITS = 50_000_000;

    private final Arena arena;

    public RegisterAllocator() {
        this(Meter.unlimited());
    }

    /** @param meter counts steps and memory */
    public RegisterAllocator(Meter meter) {
        arena = new Arena(meter);
    }

    /** Allocates one function, as {@link #run} of a new allocator does. */
    public static Allocation allocate(AllocatableCode input) {
        return new RegisterAllocator().run(input);
    }

    /**
     * Allocates one function. An allocator serves one thread at a time and keeps its memory for the next function.
     *
     * @throws AssertionError beginning {@code BUG:} if the input breaks the rules of {@link AllocatableCode}
     */
    public Allocation run(AllocatableCode input) {
        return run(input, MAX_VISITS);
    }

    Allocation run(AllocatableCode input, int maxVisits) {
        return run(input, maxVisits, false);
    }

    /**
     * The same for people to read: the place of an operand holds the value that the input names there, also where the
     * operands of a commutative instruction were exchanged. Not what code can be made from.
     */
    public Allocation runNamed(AllocatableCode input) {
        return run(input, MAX_VISITS, true);
    }

    private Allocation run(AllocatableCode input, int maxVisits, boolean named) {
        try {
            var code = new FlatCode(input, arena);
            var flow = new ControlFlow(code);
            var live = new Liveness(code, flow, maxVisits);
            var residency = new Residency(code, flow, live);
            var bundles = new Bundles(code, residency.stays, residency.affinities);
            var assignment = new Assignment(code, flow, live, residency.stays, bundles);
            var slots = new SpillSlots(code, flow, live, residency);
            Allocation allocation = new Resolution(code, live, residency, assignment.register, slots).run();
            if (named) exchangeBack(input, code, allocation.operands());
            return allocation;
        } finally {
            arena.reset();
        }
    }

    private static void exchangeBack(AllocatableCode input, FlatCode code, int[] places) {
        for (int i = 0; i < code.instructions; i++) {
            for (int k = code.operandStart[i]; k < code.operandStart[i + 1] - 1; k++) {
                int named = Operand.vreg(input.operand(k));
                if (code.vreg(k) != named && code.vreg(k + 1) == named) {
                    int place = places[k];
                    places[k] = places[k + 1];
                    places[++k] = place;
                }
            }
        }
    }
}
