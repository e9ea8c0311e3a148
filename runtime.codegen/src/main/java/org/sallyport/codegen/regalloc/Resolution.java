package org.sallyport.codegen.regalloc;

/** Writes down the result: the place of every operand, and the moves where a value changes its place. */
final class Resolution {
    /** Order of the groups of moves at one instruction. */
    private static final int EDGE_IN = 0;
    private static final int BEFORE = 1;
    private static final int EDGE_OUT = 2;
    private static final int AFTER = 3;

    private final FlatCode code;
    private final Liveness live;
    private final Stays stays;
    private final BlockSets sets;
    private final IntArray register;
    private final SpillSlots slots;

    private final int[] place;
    private final int[] cursor;
    /** Registers of {@link BlockSets#entry} and {@link BlockSets#exit}. */
    private final int[] entryRegister;
    private final int[] exitRegister;
    /** Position in {@link BlockSets#exit} of the block at hand, or -1. */
    private final int[] exitIndex;

    /** Instruction and group of each move. */
    private int[] pendingPlace;
    private int[] pendingFrom;
    private int[] pendingTo;
    private int[] pendingVreg;
    private int pending;

    Resolution(FlatCode code, Liveness live, Residency residency, IntArray register, SpillSlots slots) {
        this.code = code;
        this.live = live;
        stays = residency.stays;
        sets = residency.sets;
        this.register = register;
        this.slots = slots;
        place = new int[code.operandCount];
        pendingPlace = code.arena.dirty(64);
        pendingFrom = code.arena.dirty(64);
        pendingTo = code.arena.dirty(64);
        pendingVreg = code.arena.dirty(64);
        cursor = code.arena.copyOf(stays.first, code.vregs);
        entryRegister = code.arena.dirty(sets.entries);
        exitRegister = code.arena.dirty(sets.exits);
        exitIndex = code.arena.filled(code.vregs, -1);
    }

    Allocation run() {
        for (int b = 0; b < code.blocks; b++) placeOperands(b);
        for (int v = 0; v < code.vregs; v++) {
            code.arena.step();
            moveBetweenStays(v);
            if (slots.storeBlock[v] == SpillSlots.AT_DEFINITION) store(v);
        }
        for (int b = 0; b < code.blocks; b++) connectSuccessors(b);
        MoveList moves = order();
        new RedundantMoves(code, sets, place, entryRegister).run(moves);
        moves.compact();
        return moves.allocation(place, slots.units);
    }

    // ---- places

    /** The register of v at a point, or -1. Questions about one value come in layout order. */
    private int registerAt(int v, int p) {
        int s = cursor[v];
        while (s >= 0 && stays.end[s] <= p) s = stays.next[s];
        cursor[v] = s;
        return s >= 0 && stays.start[s] <= p ? register.data[s] : -1;
    }

    /** As {@link #registerAt}, for a look ahead. */
    private int soonAt(int v, int p) {
        int s = cursor[v];
        while (s >= 0 && stays.end[s] <= p) s = stays.next[s];
        return s >= 0 && stays.start[s] <= p ? register.data[s] : -1;
    }

    private int placeAt(int v, int p) {
        int r = registerAt(v, p);
        return r >= 0 ? r : memory(v);
    }

    private int memory(int v) {
        if (code.rematerializable[v]) return Allocation.REMATERIALIZE;
        if (slots.slot[v] < 0) throw new AssertionError("BUG: v" + v + " has no slot");
        return Allocation.SLOT_BASE + slots.slot[v];
    }

    private void placeOperands(int b) {
        int entry = code.entryPoint(b);
        for (int x = sets.entryStart[b]; x < sets.entryStart[b + 1]; x++) {
            int v = sets.entry[x];
            if (v < 0) continue;
            entryRegister[x] = need(v, entry);
            if (slots.storeBlock[v] == b) storeAtEntry(v, b, entryRegister[x]);
        }
        for (int i = code.blockStart[b]; i < code.blockStart[b + 1]; i++) {
            int end = code.operandStart[i + 1];
            if ((code.traits[i] & (FlatCode.FIXED | FlatCode.TIED | FlatCode.SLOT)) == 0) {
                for (int k = code.operandStart[i]; k < end; k++) placeOrdinary(i, k);
                continue;
            }
            for (int k = code.operandStart[i]; k < end; k++) {
                if (!code.isDef(k) && code.useEnd(k, i) == Point.before(i)) placeMovedUse(i, k);
            }
            for (int k = code.operandStart[i]; k < end; k++) placeOperand(i, k);
            for (int k = code.operandStart[i]; k < end; k++) {
                if (!code.isDef(k) && code.tie[k] >= 0) place[k] = place[code.tie[k]];
            }
        }
        int exit = code.exitPoint(b) - 1;
        for (int x = sets.exitStart[b]; x < sets.exitStart[b + 1]; x++) {
            int v = sets.exit[x];
            if (v < 0) continue;
            boolean fixed = sets.exitPiece[x] < 0;
            exitRegister[x] = fixed ? code.register(code.defOperand[v]) : need(v, exit);
        }
    }

    private int need(int v, int p) {
        int r = registerAt(v, p);
        if (r < 0) throw new AssertionError("BUG: v" + v + " is not in a register at " + p);
        return r;
    }

    private boolean definedByTerminator(int v, int b) {
        return !code.isParam(v) && code.definingInstruction(v) == code.blockStart[b + 1] - 1;
    }

    /** Fixed and overwritten operands are copied to where they are read. */
    private void placeMovedUse(int i, int k) {
        if (code.constraint(k) == Operand.SLOT) return;
        int v = code.vreg(k);
        int from = placeAt(v, Point.entry(i));
        if (code.tie[k] < 0) {
            place[k] = code.register(k);
            boolean comesThere = soonAt(v, Point.before(i)) == place[k];
            if (!comesThere && !isRepeated(i, k)) move(i, BEFORE, from, place[k], v);
        } else if (code.register(code.tie[k]) == k - code.operandStart[i]) {
            move(i, BEFORE, from, need(code.vreg(code.tie[k]), Point.before(i)), v);
        }
    }

    /** Whether an earlier operand of the instruction already brings v to the same fixed register. */
    private boolean isRepeated(int i, int k) {
        for (int x = code.operandStart[i]; x < k; x++) {
            if (!code.isDef(x) && code.vreg(x) == code.vreg(k) && code.constraint(x) == Operand.FIXED
                    && code.register(x) == code.register(k)) {
                return true;
            }
        }
        return false;
    }

    /** An operand of an instruction none of whose operands is fixed, tied or in a slot. */
    private void placeOrdinary(int i, int k) {
        int v = code.vreg(k);
        int early = Point.early(i);
        if (code.isDef(k)) place[k] = need(v, code.isExtended(k) ? early : early + 1);
        else place[k] = code.constraint(k) == Operand.REGISTER ? need(v, early) : placeAt(v, early);
    }

    private void placeOperand(int i, int k) {
        int v = code.vreg(k);
        int constraint = code.constraint(k);
        if (code.isDef(k)) {
            place[k] = constraint == Operand.FIXED ? code.register(k) : need(v, definitionPoint(i, k));
        } else if (constraint == Operand.SLOT) {
            place[k] = Allocation.SLOT_BASE + slots.slot[v];
        } else if (constraint == Operand.REGISTER) {
            if (code.tie[k] < 0) place[k] = need(v, Point.early(i));
        } else if (constraint == Operand.ANY && code.tie[k] < 0) {
            place[k] = placeAt(v, Point.early(i));
        }
    }

    private int definitionPoint(int i, int k) {
        return code.isExtended(k) || code.constraint(k) == Operand.REUSE ? Point.early(i) : Point.late(i);
    }

    // ---- moves inside blocks

    private void moveBetweenStays(int v) {
        int previousEnd = -1;
        int previousRegister = -1;
        for (int s = stays.first[v]; s >= 0; s = stays.next[s]) {
            if (stays.isEmpty(s)) continue;
            int p = stays.start[s];
            if (!isBlockEntry(p)) {
                boolean defined = p == code.defPoint[v];
                if (previousEnd == p) moveAt(p, previousRegister, register.data[s], v);
                else if (!defined) moveAt(p, memory(v), register.data[s], v);
                else if (isFixedDefinition(v)) moveAt(p, code.register(code.defOperand[v]), register.data[s], v);
            }
            previousEnd = stays.end[s];
            previousRegister = register.data[s];
        }
    }

    private boolean isFixedDefinition(int v) {
        return !code.isParam(v) && code.constraint(code.defOperand[v]) == Operand.FIXED;
    }

    private boolean isBlockEntry(int p) {
        int i = Point.instruction(p);
        return Point.entry(i) == p && i == code.blockStart[code.blockOf[i]];
    }

    private void moveAt(int p, int from, int to, int v) {
        int i = Point.instructionBefore(p);
        if (Point.entry(Point.instruction(p)) == p) move(i, AFTER, from, to, v);
        else move(Point.instruction(p), BEFORE, from, to, v);
    }

    private void store(int v) {
        int b = code.defBlock[v];
        if (code.isParam(v)) {
            int x = sets.entryStart[b];
            while (sets.entry[x] != v) x++;
            storeAtEntry(v, b, entryRegister[x]);
        } else if (!definedByTerminator(v, b)) {
            int k = code.defOperand[v];
            move(code.definingInstruction(v), AFTER, place[k], memory(v), v);
        }
    }

    private void storeAtEntry(int v, int b, int from) {
        move(code.blockStart[b], BEFORE, from, memory(v), v);
    }

    // ---- moves on edges

    private void connectSuccessors(int p) {
        if (code.edgeStart[p] == code.edgeStart[p + 1]) return;
        for (int x = sets.exitStart[p]; x < sets.exitStart[p + 1]; x++) {
            if (sets.exit[x] >= 0) exitIndex[sets.exit[x]] = x;
        }
        for (int e = code.edgeStart[p]; e < code.edgeStart[p + 1]; e++) {
            int b = code.edgeTo[e];
            boolean single = code.hasSinglePredecessor[b];
            if (single && e != code.inEdge[code.inStart[b]]) continue;
            int at = single ? code.blockStart[b] : code.blockStart[p + 1] - 1;
            connect(e, p, b, at, single ? EDGE_IN : EDGE_OUT);
        }
        for (int x = sets.exitStart[p]; x < sets.exitStart[p + 1]; x++) {
            if (sets.exit[x] >= 0) exitIndex[sets.exit[x]] = -1;
        }
    }

    private void connect(int e, int p, int b, int at, int group) {
        boolean passes = code.argStart[e] < code.argStart[e + 1];
        int end = sets.entryStart[b + 1];
        for (int x = sets.entryStart[b]; x < end; x++) {
            int v = sets.entry[x];
            if (v < 0) continue;
            boolean parameter = passes && code.isParam(v) && code.defBlock[v] == b;
            int source = parameter ? code.argument[code.argStart[e] - 1 - code.defOperand[v]] : v;
            move(at, group, atExit(source), entryRegister[x], source);
        }
        for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
            int v = code.param[code.paramStart[b] + a - code.argStart[e]];
            boolean inSlot = slots.slot[v] >= 0 && slots.storeBlock[v] == SpillSlots.NOWHERE;
            if (inSlot) passInSlot(code.argument[a], v, p, at, group);
        }
        storeTerminatorResults(p, b, at, group);
        if (group == EDGE_IN && slots.units > 0) storeFromExit(p, b, at);
    }

    /** Stores values that leave their registers on the edge. */
    private void storeFromExit(int p, int b, int at) {
        for (int x = sets.exitStart[p]; x < sets.exitStart[p + 1]; x++) {
            int v = sets.exit[x];
            if (v < 0 || slots.storeBlock[v] != b || sets.isAtEntry(v, b) || definedByTerminator(v, p)) continue;
            move(at, EDGE_IN, exitRegister[x], memory(v), v);
        }
    }

    private int atExit(int v) {
        int x = exitIndex[v];
        return x >= 0 ? exitRegister[x] : memory(v);
    }

    private void passInSlot(int argument, int param, int p, int at, int group) {
        boolean isThere = slots.slot[argument] == slots.slot[param] && slots.isStoredBefore(argument, p);
        if (isThere && !definedByTerminator(argument, p)) return;
        move(at, group, atExit(argument), memory(param), argument);
    }

    private void storeTerminatorResults(int p, int b, int at, int group) {
        int t = code.blockStart[p + 1] - 1;
        if ((code.traits[t] & FlatCode.DEFINES) == 0) return;
        for (int k = code.operandStart[t]; k < code.operandStart[t + 1]; k++) {
            int v = code.vreg(k);
            if (!code.isDef(k) || slots.slot[v] < 0 || !live.isLiveAt(v, code.entryPoint(b))) continue;
            if (code.hasCriticalEntry[b] && live.isUnbounded[v]) continue;
            if (code.hasCriticalEntry[b]) throw new AssertionError("BUG: v" + v + " is defined on a critical edge");
            move(at, group, place[k], memory(v), v);
        }
    }

    // ---- order

    private void move(int i, int group, int from, int to, int v) {
        if (from == to) return;
        if (pending == pendingVreg.length) {
            pendingPlace = grow(pendingPlace);
            pendingFrom = grow(pendingFrom);
            pendingTo = grow(pendingTo);
            pendingVreg = grow(pendingVreg);
        }
        pendingPlace[pending] = i << 2 | group;
        pendingFrom[pending] = from;
        pendingTo[pending] = to;
        pendingVreg[pending++] = v;
    }

    private int[] grow(int[] array) {
        int[] larger = code.arena.dirty(pending * 2);
        System.arraycopy(array, 0, larger, 0, pending);
        return larger;
    }

    /** Numbers of the pending moves by their places, those of one place in the order in which they were made. */
    private int[] sortPending() {
        int places = code.instructions << 2;
        int[] next = code.arena.ints(places + 1);
        for (int m = 0; m < pending; m++) next[pendingPlace[m] + 1]++;
        for (int x = 0; x < places; x++) next[x + 1] += next[x];
        int[] sorted = code.arena.dirty(pending);
        for (int m = 0; m < pending; m++) sorted[next[pendingPlace[m]]++] = m;
        return sorted;
    }

    private MoveList order() {
        int[] sorted = sortPending();
        code.arena.charge(pending * 44L);
        var moves = new MoveList(pending + (pending >> 2));
        var group = new ParallelMoves(code, slots.units, moves);
        int current = -1;
        for (int x = 0; x < pending; x++) {
            code.arena.step();
            int m = sorted[x];
            int key = pendingPlace[m];
            if (key != current) {
                group.flush();
                current = key;
                moves.current = (key >> 2) * 2 + ((key & 3) == AFTER ? 1 : 0);
            }
            group.add(pendingFrom[m], pendingTo[m], pendingVreg[m]);
        }
        group.flush();
        return moves;
    }
}
