package org.sallyport.codegen.regalloc;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Proves that an allocation computes what the code says. It shares nothing with the allocator: it executes the
 * allocated code symbolically, keeping for each place the set of virtual registers whose value it certainly holds,
 * meets these sets over all paths until nothing changes, and then checks that
 *
 * <ul>
 * <li>every use reads a place that holds its virtual register, and every move a place that holds the value it names;
 * <li>every place satisfies its operand's constraint, kind of register and timing, and registers shared by operands
 *     of one instruction are shared rightfully;
 * <li>nothing survives in a clobbered register or in a scratch register, and no register outside the allocatable ones
 *     is touched, the scratch registers in moves excepted;
 * <li>block parameters hold their arguments on every edge;
 * <li>slots lie inside the spill area, 16-byte ones are aligned and whole.
 * </ul>
 *
 * A 16-byte value in memory is two facts, one for each unit, so that slots that overlap are seen.
 */
public final class AllocationChecker {
    /** A fact is {@code vreg * PARTS + part}. */
    private static final int PARTS = 3;
    private static final int WHOLE = 0;
    private static final int LOW = 1;
    private static final int HIGH = 2;

    private final AllocatableCode code;
    private final Allocation allocation;
    private final long scratchMask;

    /** What each place holds now. */
    private final @Nullable IntArray[] holds;
    /** Number of places that hold the vreg. */
    private final int[] copies;
    /** Places that may hold something. */
    private final IntArray usedPlaces = new IntArray(64);
    private final boolean[] listed;
    /** Facts at the beginning of each block, as ascending {@code place << 32 | fact}; null: not reached yet. */
    private final long @Nullable [][] atEntry;
    private int nextMove;
    private boolean checking;
    private int block;
    private int instruction;

    private AllocationChecker(AllocatableCode code, Allocation allocation) {
        this.code = code;
        this.allocation = allocation;
        scratchMask = Registers.bit(code.scratch(RegisterClass.INT)) | Registers.bit(code.scratch(RegisterClass.FLOAT));
        holds = new IntArray[Allocation.SLOT_BASE + allocation.spillUnits() + 2];
        listed = new boolean[holds.length];
        copies = new int[code.vregCount()];
        atEntry = new long[code.blockCount()][];
    }

    /** @throws AssertionError beginning {@code BUG:} if the allocation is wrong */
    public static void check(AllocatableCode code, Allocation allocation) {
        new AllocationChecker(code, allocation).run();
    }

    private void run() {
        checkMoves();
        atEntry[0] = new long[0];
        var work = new ArrayDeque<Integer>();
        var queued = new boolean[code.blockCount()];
        work.add(0);
        while (!work.isEmpty()) {
            int b = work.remove();
            queued[b] = false;
            execute(b);
            for (int s = 0; s < code.successorCount(b); s++) {
                int to = code.successor(b, s);
                if (meet(to, acrossEdge(b, s)) && !queued[to]) {
                    queued[to] = true;
                    work.add(to);
                }
            }
        }
        checking = true;
        for (int b = 0; b < code.blockCount(); b++) {
            if (atEntry[b] != null) execute(b);
        }
    }

    private AssertionError bug(String what) {
        return new AssertionError("BUG: allocation: at instruction " + instruction + ": " + what);
    }

    private void require(boolean condition, String what) {
        if (!condition) throw bug(what);
    }

    // ---- facts

    private IntArray at(int place) {
        IntArray facts = holds[place];
        if (facts == null) holds[place] = facts = new IntArray(4);
        return facts;
    }

    private boolean contains(int place, int v, int part) {
        IntArray facts = at(place);
        for (int x = 0; x < facts.size; x++) {
            if (facts.data[x] == v * PARTS + part) return true;
        }
        return false;
    }

    private void clear(int place) {
        IntArray facts = at(place);
        for (int x = 0; x < facts.size; x++) copies[facts.data[x] / PARTS]--;
        facts.size = 0;
    }

    private void add(int place, int v, int part) {
        IntArray facts = at(place);
        if (!listed[place]) usedPlaces.add(place);
        listed[place] = true;
        facts.add(v * PARTS + part);
        copies[v]++;
    }

    /** A new definition: old values of the same name (of the last iteration) no longer count. */
    private void forget(int v) {
        for (int x = 0; copies[v] > 0 && x < usedPlaces.size; x++) {
            IntArray facts = at(usedPlaces.data[x]);
            for (int y = facts.size - 1; y >= 0; y--) {
                if (facts.data[y] / PARTS != v) continue;
                facts.data[y] = facts.data[--facts.size];
                copies[v]--;
            }
        }
    }

    private boolean isWide(int v) {
        return code.registerClass(v) == RegisterClass.VECTOR;
    }

    private boolean holds(int place, int v) {
        if (!Allocation.isSlot(place) || !isWide(v)) return contains(place, v, WHOLE);
        return contains(place, v, LOW) && contains(place + 1, v, HIGH);
    }

    private void load(long[] facts) {
        for (int x = 0; x < usedPlaces.size; x++) {
            clear(usedPlaces.data[x]);
            listed[usedPlaces.data[x]] = false;
        }
        usedPlaces.size = 0;
        for (long f : facts) add((int) (f >> 32), (int) f / PARTS, (int) f % PARTS);
    }

    /** What holds at the beginning of the successor if control comes over this edge. */
    private long[] acrossEdge(int b, int s) {
        int to = code.successor(b, s);
        long[] result = new long[64];
        int n = 0;
        for (int x = 0; x < usedPlaces.size; x++) {
            int place = usedPlaces.data[x];
            IntArray facts = at(place);
            for (int y = 0; y < facts.size; y++) {
                int v = facts.data[y] / PARTS;
                boolean replaced = false;
                for (int p = 0; p < code.paramCount(to); p++) {
                    replaced |= code.param(to, p) == v;
                    if (code.branchArg(b, s, p) != v) continue;
                    if (n == result.length) result = Arrays.copyOf(result, n * 2);
                    result[n++] = (long) place << 32 | code.param(to, p) * PARTS + facts.data[y] % PARTS;
                }
                if (replaced) continue;
                if (n == result.length) result = Arrays.copyOf(result, n * 2);
                result[n++] = (long) place << 32 | facts.data[y];
            }
        }
        Arrays.sort(result, 0, n);
        return Arrays.copyOf(result, n);
    }

    private boolean meet(int block, long[] facts) {
        long[] old = atEntry[block];
        if (old == null) {
            atEntry[block] = facts;
            return true;
        }
        int n = 0;
        long[] both = new long[old.length];
        for (int x = 0, y = 0; x < old.length && y < facts.length;) {
            if (old[x] == facts[y]) {
                both[n++] = old[x++];
                y++;
            } else if (old[x] < facts[y]) {
                x++;
            } else {
                y++;
            }
        }
        if (n == old.length) return false;
        atEntry[block] = Arrays.copyOf(both, n);
        return true;
    }

    // ---- moves

    private void checkMoves() {
        for (int m = 0; m < allocation.moveCount(); m++) {
            instruction = allocation.movePoints()[m] >> 1;
            require(m == 0 || allocation.movePoints()[m - 1] <= allocation.movePoints()[m], "moves out of order");
            int from = allocation.moveFrom()[m];
            int to = allocation.moveTo()[m];
            boolean wide = allocation.moveVector()[m];
            long usable = code.allocatable() | scratchMask;
            for (int place : new int[] {from, to}) {
                if (place == Allocation.REMATERIALIZE && place == from) continue;
                if (Allocation.isSlot(place)) requireSlot(place, wide);
                else require(place >= 0 && (usable >>> place & 1) != 0, "a move uses register " + place);
            }
            require(!Allocation.isSlot(to) || from >= 0 && !Allocation.isSlot(from), "a move from memory to memory");
            if (from == Allocation.REMATERIALIZE) {
                int v = allocation.moveVreg()[m];
                require(code.isRematerializable(v), "v" + v + " is no constant");
            }
        }
    }

    private void requireSlot(int place, boolean wide) {
        int unit = place - Allocation.SLOT_BASE;
        require(unit + (wide ? 2 : 1) <= allocation.spillUnits(), "slot " + unit + " outside of the spill area");
        require(!wide || (unit & 1) == 0, "slot " + unit + " is not aligned");
    }

    private void playMoves(int point) {
        while (nextMove < allocation.moveCount() && allocation.movePoints()[nextMove] == point) play(nextMove++);
    }

    private void play(int m) {
        int from = allocation.moveFrom()[m];
        int to = allocation.moveTo()[m];
        int v = allocation.moveVreg()[m];
        boolean wide = allocation.moveVector()[m];
        if (from == Allocation.REMATERIALIZE) {
            clear(to);
            add(to, v, WHOLE);
            addParameters(to, v);
            return;
        }
        if (checking) {
            boolean half = isWide(v) && !wide && (contains(from, v, LOW) || contains(from, v, HIGH));
            require(half || holds(from, v), "a move of v" + v + " from place " + from + ", which does not hold it");
            require(half || wide == isWide(v), "a move of the wrong width of v" + v);
        }
        if (wide && Allocation.isSlot(to)) storeWide(from, to);
        else if (wide && Allocation.isSlot(from)) loadWide(from, to);
        else copy(from, to);
    }

    /** An argument made on the only edge into a block is the parameter too. */
    private void addParameters(int place, int v) {
        int b = block;
        if (instruction != code.blockStart(b) || code.predecessorCount(b) != 1) return;
        int p = code.predecessor(b, 0);
        for (int s = 0; s < code.successorCount(p); s++) {
            for (int x = 0; x < code.paramCount(b) && code.successor(p, s) == b; x++) {
                if (code.branchArg(p, s, x) == v) add(place, code.param(b, x), WHOLE);
            }
        }
    }

    private void copy(int from, int to) {
        clear(to);
        IntArray facts = at(from);
        for (int x = 0; x < facts.size; x++) add(to, facts.data[x] / PARTS, facts.data[x] % PARTS);
    }

    private void storeWide(int from, int to) {
        clear(to);
        clear(to + 1);
        IntArray facts = at(from);
        for (int x = 0; x < facts.size; x++) {
            if (facts.data[x] % PARTS != WHOLE) continue;
            int v = facts.data[x] / PARTS;
            add(to, v, isWide(v) ? LOW : WHOLE);
            if (isWide(v)) add(to + 1, v, HIGH);
        }
    }

    private void loadWide(int from, int to) {
        clear(to);
        IntArray facts = at(from);
        for (int x = 0; x < facts.size; x++) {
            int v = facts.data[x] / PARTS;
            if (holds(from, v)) add(to, v, WHOLE);
        }
    }

    // ---- instructions

    private void execute(int b) {
        block = b;
        load(Objects.requireNonNull(atEntry[b]));
        nextMove = Arrays.binarySearch(allocation.movePoints(), 0, allocation.moveCount(), code.blockStart(b) * 2);
        if (nextMove < 0) nextMove = -nextMove - 1;
        while (nextMove > 0 && allocation.movePoints()[nextMove - 1] == code.blockStart(b) * 2) nextMove--;
        for (int i = code.blockStart(b); i < code.blockEnd(b); i++) {
            instruction = i;
            playMoves(2 * i);
            clear(code.scratch(RegisterClass.INT));
            clear(code.scratch(RegisterClass.FLOAT));
            if (checking) checkOperands(i);
            define(i);
            playMoves(2 * i + 1);
        }
        if (checking) {
            require(nextMove == allocation.moveCount() || allocation.movePoints()[nextMove] >= code.blockEnd(b) * 2,
                    "a move behind the terminator");
        }
    }

    private void define(int i) {
        for (long rest = code.clobbers(i); rest != 0; rest &= rest - 1) clear(Long.numberOfTrailingZeros(rest));
        for (int k = code.operandStart(i); k < code.operandStart(i + 1); k++) {
            long operand = code.operand(k);
            if (!Operand.isDef(operand)) continue;
            int v = Operand.vreg(operand);
            int place = allocation.operands()[k];
            forget(v);
            clear(place);
            if (!Allocation.isSlot(place) || !isWide(v)) {
                add(place, v, WHOLE);
            } else {
                clear(place + 1);
                add(place, v, LOW);
                add(place + 1, v, HIGH);
            }
        }
    }

    private void checkOperands(int i) {
        int start = code.operandStart(i);
        int end = code.operandStart(i + 1);
        int exchanged = code.isCommutative(i) ? exchanged(start, end) : -1;
        for (int k = start; k < end; k++) {
            long operand = code.operand(k);
            checkPlace(i, k, operand);
            int named = k == exchanged ? k + 1 : k == exchanged + 1 && exchanged >= 0 ? k - 1 : k;
            int v = Operand.vreg(code.operand(named));
            if (!Operand.isDef(operand)) {
                int place = allocation.operands()[k];
                require(holds(place, v), "operand " + (k - start) + ": place " + place + " does not hold v" + v);
            }
        }
        for (int k = start; k < end; k++) {
            if (Operand.isDef(code.operand(k))) checkSharing(i, k, exchanged);
        }
    }

    /** The reused operand if the allocator has exchanged it with the next, else -1. */
    private int exchanged(int start, int end) {
        for (int k = start; k < end; k++) {
            long operand = code.operand(k);
            if (!Operand.isDef(operand) || Operand.constraint(operand) != Operand.REUSE) continue;
            int reused = start + Operand.register(operand);
            boolean straight = holds(allocation.operands()[reused], Operand.vreg(code.operand(reused)))
                    && holds(allocation.operands()[reused + 1], Operand.vreg(code.operand(reused + 1)));
            if (!straight) return reused;
        }
        return -1;
    }

    private void checkPlace(int i, int k, long operand) {
        int place = allocation.operands()[k];
        int v = Operand.vreg(operand);
        String name = "operand " + (k - code.operandStart(i)) + " (v" + v + ") in place " + place;
        int constraint = Operand.constraint(operand);
        boolean slot = Allocation.isSlot(place);
        if (slot) {
            require(constraint == Operand.ANY || constraint == Operand.SLOT, name + " needs a register");
            requireSlot(place, isWide(v));
        } else {
            require(constraint != Operand.SLOT, name + " needs a slot");
            require(place >= 0 && place < Registers.END, name);
            boolean general = code.registerClass(v) == RegisterClass.INT;
            require(general != Registers.isVector(place), name + " is in the wrong kind of register");
            boolean usable = (code.allocatable() >>> place & 1) != 0;
            require(usable || constraint == Operand.FIXED, name + " is not allocatable");
        }
        if (constraint == Operand.FIXED) require(place == Operand.register(operand), name + " should be fixed");
        if (constraint == Operand.REUSE) {
            int reused = allocation.operands()[code.operandStart(i) + Operand.register(operand)];
            require(place == reused, name + " should reuse " + reused);
        }
        boolean survives = Operand.isDef(operand) ? constraint != Operand.FIXED : Operand.isExtended(operand);
        if (survives && !slot) require((code.clobbers(i) >>> place & 1) == 0, name + " is in a clobbered register");
    }

    /** No definition may destroy an operand that is still needed. */
    private void checkSharing(int i, int def, int exchanged) {
        long d = code.operand(def);
        boolean reuse = Operand.constraint(d) == Operand.REUSE;
        int reused = reuse ? code.operandStart(i) + Operand.register(d) : -1;
        for (int k = code.operandStart(i); k < code.operandStart(i + 1); k++) {
            if (k == def || allocation.operands()[k] != allocation.operands()[def]) continue;
            long operand = code.operand(k);
            String name = "operands " + (def - code.operandStart(i)) + " and " + (k - code.operandStart(i));
            require(!Operand.isDef(operand), name + " are results in one place");
            require(!Operand.isExtended(operand), name + ": a result destroys a late use");
            require(!Operand.isExtended(d), name + ": an early result destroys a use");
            if (reuse && k != reused) {
                boolean same = Operand.vreg(operand) == Operand.vreg(code.operand(reused));
                require(same && exchanged < 0, name + ": a two-address result destroys a use");
            }
        }
    }
}
