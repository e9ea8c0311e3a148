package org.sallyport.codegen.regalloc;

/**
 * Decides which values are in registers where, without deciding which registers: one walk over the blocks in layout
 * order, in which a value that is needed enters a register and the value whose {@linkplain NextUse next use} is
 * farthest leaves one when there are too many. The result, {@link Stays} and {@link BlockSets}, never asks for more
 * registers than there are.
 *
 * <p>Let T be the values that are in registers throughout an instruction, E those that end with its reading, L its
 * results, and RE and RL the registers that it occupies itself while reading and while writing. With k registers,
 * what must hold, and what makes {@link Assignment} succeed, is {@code |T|+|E|+|RE| <= k}, {@code |T|+|L|+|RL| <= k}
 * and, since a value cannot change its register inside an instruction, {@code |T|+|E|+|RE ∪ RL| <= k} unless T is
 * empty.
 */
final class Residency {
    /** A memory operand is replaced by a load if the next use after it is nearer than this. */
    private static final int NEAR = 400;
    /** How an instruction reads a value: in a register, there or in memory, until it has written its results. */
    private static final int IN_REGISTER = 1;
    private static final int ANYWHERE = 2;
    private static final int LATE = 4;
    /** It was in a register before and is dead behind the instruction. */
    private static final int ENDS = 8;
    private static final int MARK_BITS = 4;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final NextUse nextUse;
    private final EntryChoice entryChoice;

    final Stays stays;
    final BlockSets sets;
    final Affinities affinities;
    /** The value is read from its slot somewhere. */
    final boolean[] inSlot;
    /** The nearest block that dominates all reads of the slot, or -1. */
    final int[] readBlock;

    private final int[][] held;
    private final int[] heldCount = new int[2];
    /** How many values can be held. */
    private final int[] room;
    /** Position in {@link #held}, or -1; in the end, position in {@link BlockSets#exit}. */
    private final int[] heldIndex;
    /** Position in {@link BlockSets#entry} while v is in its register since the beginning of the block, or -1. */
    private final int[] entryIndex;
    /** Last point at which the value was needed in its register. */
    private final int[] touched;

    // the instruction at hand
    private int block;
    private int instruction;
    private boolean terminator;
    private boolean memoryOperands;
    /** The operand that was chosen to be overwritten, or -1. */
    private int overwritten;
    /** By value, if the instruction reads it: {@code instruction + 1 << MARK_BITS} and how. */
    private final int[] marks;
    private final int[] through = new int[2];
    private final int[] ending = new int[2];
    private final int[] results = new int[2];
    private final int[] early = new int[2];
    private final int[] late = new int[2];
    private final IntArray leaving = new IntArray(32);
    /** What the instruction reads, each value once. */
    private final IntArray reads = new IntArray(16);

    Residency(FlatCode code, ControlFlow flow, Liveness live) {
        this.code = code;
        held = new int[][] {code.arena.dirty(64), code.arena.dirty(64)};
        room = new int[] {Integer.bitCount(code.allocatable[0]), Integer.bitCount(code.allocatable[1])};
        this.flow = flow;
        this.live = live;
        stays = new Stays(code.arena, code.vregs);
        affinities = new Affinities(code.arena);
        sets = new BlockSets(code.arena, code.blocks);
        var calls = new Calls(code, flow);
        nextUse = new NextUse(code, flow, live, calls);
        entryChoice = new EntryChoice(code, flow, live, nextUse, calls, sets);
        inSlot = new boolean[code.vregs];
        readBlock = code.arena.filled(code.vregs, -1);
        heldIndex = code.arena.filled(code.vregs, -1);
        touched = code.arena.ints(code.vregs);
        marks = code.arena.ints(code.vregs);
        entryIndex = code.arena.filled(code.vregs, -1);
        for (int b = 0; b < code.blocks; b++) {
            block = b;
            entryChoice.choose(b);
            if (isPassage(b)) {
                passThrough();
                continue;
            }
            enterBlock();
            for (int i = code.blockStart[b]; i < code.blockStart[b + 1]; i++) step(i);
            leaveBlock();
        }
        new Needs(code, sets, stays);
        for (int b = 0; b < code.blocks; b++) {
            code.arena.step();
            coupleSuccessors(b);
        }
    }

    // ---- blocks

    /** Whether nothing happens in the block. */
    private boolean isPassage(int b) {
        int i = code.blockStart[b];
        return i + 1 == code.blockStart[b + 1] && isIdle(i);
    }

    private boolean isIdle(int i) {
        return code.operandStart[i] == code.operandStart[i + 1] && (code.clobbers[0][i] | code.clobbers[1][i]) == 0;
    }

    /** Does at once what {@link #enterBlock} and {@link #leaveBlock} do one after the other. */
    private void passThrough() {
        code.arena.step();
        int point = code.entryPoint(block);
        int exit = code.exitPoint(block);
        int first = sets.entries;
        sets.entryStart[block] = first;
        int n = entryChoice.chosen.size;
        int[] chosen = entryChoice.chosen.data;
        for (int x = 0; x < n; x++) {
            int v = chosen[x];
            int s = stay(v, point, entryChoice.pieceOf(v, block));
            stays.end[s] = exit;
            sets.addEntry(v, stays.piece[s]);
            touched[v] = 0;
        }
        sets.entryStart[block + 1] = sets.entries;
        sets.exitStart[block] = sets.exits;
        for (int bank = 0; bank < 2; bank++) {
            for (int x = n - 1; x >= 0; x--) {
                if (code.bank[chosen[x]] == bank) sets.addExit(chosen[x], sets.entryPiece[first + x], first + x, 0);
            }
        }
        sets.exitStart[block + 1] = sets.exits;
    }

    private void enterBlock() {
        sets.entryStart[block] = sets.entries;
        int point = code.entryPoint(block);
        int n = entryChoice.chosen.size;
        int[] chosen = entryChoice.chosen.data;
        for (int x = 0; x < n; x++) {
            int v = chosen[x];
            int s = hold(v, point, entryChoice.pieceOf(v, block));
            entryIndex[v] = sets.addEntry(v, stays.piece[s]);
            touched[v] = 0;
        }
        sets.entryStart[block + 1] = sets.entries;
    }

    private void leaveBlock() {
        int point = code.exitPoint(block);
        sets.exitStart[block] = sets.exits;
        for (int bank = 0; bank < 2; bank++) {
            int[] values = held[bank];
            for (int x = heldCount[bank] - 1; x >= 0; x--) {
                int v = values[x];
                int s = stays.last[v];
                sets.addExit(v, stays.piece[s], entryIndex[v], touched[v]);
                stays.end[s] = Math.max(point, stays.start[s]);
                heldIndex[v] = -1;
                entryIndex[v] = -1;
            }
            heldCount[bank] = 0;
        }
        addFixedResults(point);
        sets.exitStart[block + 1] = sets.exits;
    }

    private void addFixedResults(int point) {
        int t = code.blockStart[block + 1] - 1;
        if ((code.traits[t] & FlatCode.FIXED) == 0) return;
        for (int k = code.operandStart[t]; k < code.operandStart[t + 1]; k++) {
            if (code.isDef(k) && code.constraint(k) == Operand.FIXED && !isUnused(code.vreg(k))) {
                sets.addExit(code.vreg(k), -1, -1, point);
            }
        }
    }

    private void coupleSuccessors(int p) {
        if (code.edgeStart[p] == code.edgeStart[p + 1]) return;
        for (int y = sets.exitStart[p]; y < sets.exitStart[p + 1]; y++) {
            if (sets.exit[y] >= 0) heldIndex[sets.exit[y]] = y;
        }
        for (int e = code.edgeStart[p]; e < code.edgeStart[p + 1]; e++) couple(e);
        for (int y = sets.exitStart[p]; y < sets.exitStart[p + 1]; y++) {
            if (sets.exit[y] >= 0) heldIndex[sets.exit[y]] = -1;
        }
    }

    /** Notes what must be read from memory on an edge, and which pieces the edge would like to be one. */
    private void couple(int edge) {
        int p = code.edgeFrom[edge];
        int s = code.edgeTo[edge];
        boolean passes = code.paramStart[s] < code.paramStart[s + 1];
        int end = sets.entryStart[s + 1];
        for (int x = sets.entryStart[s]; x < end; x++) {
            int v = sets.entry[x];
            if (v < 0) continue;
            int arg = passes && code.isParam(v) && code.defBlock[v] == s ? argument(edge, v) : v;
            int y = heldIndex[arg];
            if (y < 0) read(arg, p);
            else affinities.join(sets.exitPiece[y], sets.entryPiece[x], flow.frequency[p]);
        }
        for (int a = code.argStart[edge]; a < code.argStart[edge + 1]; a++) {
            int param = code.param[code.paramStart[s] + a - code.argStart[edge]];
            if (live.useStart[param] == live.useStart[param + 1] || sets.isAtEntry(param, s)) continue;
            inSlot[param] = true;
            if (heldIndex[code.argument[a]] < 0) read(code.argument[a], p);
        }
    }

    private int argument(int edge, int param) {
        return code.argument[code.argStart[edge] - 1 - code.defOperand[param]];
    }

    /** Notes that v is read from its slot (or made again) in the block. */
    private void read(int v, int where) {
        if (code.rematerializable[v]) return;
        inSlot[v] = true;
        readBlock[v] = readBlock[v] < 0 ? where : flow.commonDominator(readBlock[v], where);
    }

    // ---- instructions

    private void step(int i) {
        code.arena.step();
        if (isIdle(i)) return; // as a jump: what was right before is right behind it
        int start = code.operandStart[i];
        int end = code.operandStart[i + 1];
        instruction = i;
        terminator = code.isTerminator(i);
        overwritten = -1;
        if (code.isCommutative(i)) overwriteHeldOperand(i);
        reads.size = 0;
        memoryOperands = false;
        begin(0);
        begin(1);
        int definitions = 0;
        for (int k = start; k < end; k++) {
            if (code.isDef(k)) {
                definitions++;
                noteDefinition(k);
            } else {
                noteUse(k);
            }
        }
        countHeld();
        makeRoom(0);
        makeRoom(1);
        for (int x = 0; memoryOperands && x < reads.size; x++) {
            int v = reads.data[x];
            if (isMarked(v, ANYWHERE) && !stays.isOpen(v)) loadOrNot(v);
        }
        endUses();
        for (int k = start; definitions > 0; k++) {
            if (!code.isDef(k)) continue;
            definitions--;
            startDefinition(k);
        }
        while (heldCount[0] > room[0]) dropFarthest(0);
        while (heldCount[1] > room[1]) dropFarthest(1);
    }

    private void begin(int bank) {
        through[bank] = 0;
        ending[bank] = 0;
        results[bank] = 0;
        early[bank] = 0;
        late[bank] = code.clobbers[bank][instruction];
    }

    /**
     * Of two operands that need not stay, the one in a register is overwritten, if the other may stay in memory. One that
     * lives on need not stay if it would leave now anyway to make room for the other: it would be stored, and read from memory
     * at once.
     */
    private void overwriteHeldOperand(int i) {
        for (int def = code.operandStart[i]; def < code.operandStart[i + 1]; def++) {
            if (!code.isDef(def) || code.constraint(def) != Operand.REUSE) continue;
            int reused = code.operandStart[i] + code.register(def);
            int v = code.vreg(reused);
            int w = code.vreg(reused + 1);
            boolean possible = heldIndex[v] < 0 && heldIndex[w] >= 0 && code.constraint(reused + 1) == Operand.ANY;
            if (possible && !code.rematerializable[v] && !livesOn(v) && (!livesOn(w) || leaves(w))) {
                live.exchange(i, def, reused, reused + 1);
                overwritten = w;
            }
        }
    }

    /** Whether v, which lives on, is what one more value in a register would drive out. */
    private boolean leaves(int v) {
        int bank = code.bank[v];
        return heldCount[bank] == room[bank] && farthest(bank, true) == v;
    }

    private void noteUse(int k) {
        int v = code.vreg(k);
        int constraint = code.constraint(k);
        int mark = marks[v];
        if (mark >> MARK_BITS != instruction + 1) {
            mark = instruction + 1 << MARK_BITS;
            marks[v] = mark;
            reads.add(v);
        }
        if (constraint == Operand.SLOT) {
            read(v, block);
        } else if (constraint == Operand.FIXED || code.tie[k] >= 0) {
            if (heldIndex[v] >= 0) touch(v, Math.max(touched[v], Point.before(instruction)));
            else read(v, block);
            if (constraint == Operand.FIXED) occupy(k, true, code.isExtended(k));
        } else {
            boolean register = constraint == Operand.REGISTER || code.rematerializable[v];
            marks[v] = mark | (register ? IN_REGISTER : ANYWHERE) | (code.isExtended(k) ? LATE : 0);
            if (!register) memoryOperands = true;
            else if (heldIndex[v] < 0) load(v);
        }
    }

    private boolean isMarked(int v, int mark) {
        return marks[v] >> MARK_BITS == instruction + 1 && (marks[v] & mark) != 0;
    }

    private void noteDefinition(int k) {
        int bank = code.bank[code.vreg(k)];
        switch (code.constraint(k)) {
            case Operand.FIXED -> occupy(k, code.isExtended(k), true);
            case Operand.REUSE -> through[bank]++;
            default -> {
                if (code.isExtended(k)) through[bank]++;
                else results[bank]++;
            }
        }
    }

    private void occupy(int k, boolean isEarly, boolean isLate) {
        int bank = code.bank[code.vreg(k)];
        int bit = FlatCode.bit(code.register(k)) & code.allocatable[bank];
        if (isEarly) early[bank] |= bit;
        if (isLate) late[bank] |= bit;
    }

    private void load(int v) {
        read(v, block);
        hold(v, Point.before(instruction), -1);
    }

    private boolean livesOn(int v) {
        int to = nextUse.liveTo(v, Point.before(instruction) - 1);
        int after = Point.after(instruction);
        return to > after || to == after && terminator;
    }

    private boolean isRead(int v) {
        return isMarked(v, IN_REGISTER | ANYWHERE);
    }

    private boolean isReadLate(int v) {
        return isMarked(v, LATE);
    }

    /** Only what the instruction reads can end here. */
    private void countHeld() {
        through[0] += heldCount[0];
        through[1] += heldCount[1];
        int n = reads.size;
        for (int x = 0; x < n; x++) {
            int v = reads.data[x];
            if (heldIndex[v] < 0 || livesOn(v)) continue;
            marks[v] |= ENDS;
            if (isReadLate(v)) continue;
            through[code.bank[v]]--;
            if (isRead(v)) ending[code.bank[v]]++;
        }
    }

    /** Whether the instruction uses the register of v, which it was in before, up. */
    private boolean endsHere(int v) {
        return isMarked(v, ENDS);
    }

    private boolean fits(int bank, int more) {
        int k = room[bank];
        int t = through[bank] + more;
        int e = ending[bank];
        return t + e + Integer.bitCount(early[bank]) <= k
                && t + results[bank] + Integer.bitCount(late[bank]) <= k
                && (t == 0 || t + e + Integer.bitCount(early[bank] | late[bank]) <= k);
    }

    private void makeRoom(int bank) {
        if ((code.allocatable[bank] & ~late[bank]) == 0) dropAll(bank);
        while (!fits(bank, 0)) {
            boolean writing = through[bank] + results[bank] + Integer.bitCount(late[bank]) > room[bank];
            int v = farthest(bank, writing);
            if (v < 0) throw new AssertionError("BUG: instruction " + instruction + " needs more registers than exist");
            if (isMarked(v, IN_REGISTER)) {
                ending[bank]++;
                dropAfterReading(v);
            } else {
                if (v == overwritten) noteSuccessor(v);
                evict(v);
            }
            through[bank]--;
        }
    }

    /** Before a call: nothing stays. */
    private void dropAll(int bank) {
        for (int x = heldCount[bank] - 1; x >= 0; x--) {
            int v = held[bank][x];
            if (isMarked(v, LATE | ENDS)) continue;
            through[bank]--;
            if (isRead(v)) {
                ending[bank]++;
                dropAfterReading(v);
            } else {
                evict(v);
            }
        }
    }

    /** The value that should leave; one that the instruction reads only if it may leave after that. */
    private int farthest(int bank, boolean afterReading) {
        int best = -1;
        int bestDistance = -1;
        for (int x = 0; x < heldCount[bank]; x++) {
            int v = held[bank][x];
            if (isMarked(v, LATE | ENDS)) continue;
            if (isMarked(v, IN_REGISTER) && !afterReading) continue;
            int distance = lossDistance(v);
            if (distance > bestDistance) {
                bestDistance = distance;
                best = v;
            }
        }
        return best;
    }

    /** The distance of the next use, stretched if leaving costs no store. */
    private int lossDistance(int v) {
        int d = nextUse.distance(v, Point.before(instruction), block);
        if (code.rematerializable[v]) return d * 2;
        return inSlot[v] ? d + (d >> 1) : d;
    }

    private void loadOrNot(int v) {
        int bank = code.bank[v];
        boolean worthwhile = livesOn(v) && nextUse.distance(v, Point.before(instruction), block) < NEAR;
        if (worthwhile && (fits(bank, 1) || replaces(v))) {
            load(v);
            through[bank]++;
        } else {
            read(v, block);
        }
    }

    private boolean replaces(int v) {
        int bank = code.bank[v];
        if (!fits(bank, 0) || isReadLate(v)) return false;
        int w = farthest(bank, false);
        if (w < 0 || isRead(w)) return false;
        int own = nextUse.distance(v, Point.before(instruction), block);
        if (nextUse.distance(w, Point.before(instruction), block) < own * 2 + 64) return false;
        evict(w);
        through[bank]--;
        return true;
    }

    /** Ends the stays of values that die here or leave after having been read. */
    private void endUses() {
        int n = reads.size;
        for (int x = 0; x < n; x++) {
            int v = reads.data[x];
            if (heldIndex[v] < 0) continue;
            if (isRead(v)) touch(v, readEnd(v));
            if (!endsHere(v)) continue;
            if (!isRead(v) || code.isMove(instruction)) noteSuccessor(v);
            release(v, isRead(v) ? readEnd(v) : Point.before(instruction));
        }
        while (!leaving.isEmpty()) release(leaving.removeLast(), Point.late(instruction));
    }

    private int readEnd(int v) {
        return isReadLate(v) ? Point.after(instruction) : Point.late(instruction);
    }

    private void dropAfterReading(int v) {
        touch(v, Point.late(instruction));
        leaving.add(v);
        forget(v);
    }

    /** A value that dies where a result takes its register, or a copy of it, should be one piece with that. */
    private void noteSuccessor(int v) {
        for (int k = code.operandStart[instruction]; k < code.operandStart[instruction + 1]; k++) {
            if (code.isDef(k) ? !code.isMove(instruction) : code.tie[k] < 0 || code.vreg(k) != v) continue;
            int def = code.isDef(k) ? k : code.tie[k];
            affinities.succeed(stays.piece[stays.last[v]], code.vreg(def), flow.frequency[block]);
            return;
        }
    }

    // ---- definitions

    private boolean isUnused(int v) {
        return live.useStart[v] == live.useStart[v + 1];
    }

    private void startDefinition(int k) {
        int v = code.vreg(k);
        boolean fixed = code.constraint(k) == Operand.FIXED;
        if (fixed && (terminator || isUnused(v))) return;
        hold(v, code.defPoint[v], -1);
        touched[v] = Point.after(instruction);
        if (isUnused(v)) release(v, Point.after(instruction));
    }

    private void dropFarthest(int bank) {
        int best = held[bank][0];
        int bestDistance = -1;
        for (int x = 0; x < heldCount[bank]; x++) {
            int v = held[bank][x];
            int d = nextUse.distance(v, Point.before(instruction), block);
            if (d > bestDistance) {
                bestDistance = d;
                best = v;
            }
        }
        evict(best);
    }

    // ---- entering and leaving registers

    /** Returns the stay. */
    private int hold(int v, int point, int piece) {
        int bank = code.bank[v];
        int x = heldCount[bank]++;
        heldIndex[v] = x;
        held[bank][x] = v;
        return stay(v, point, piece);
    }

    private int stay(int v, int point, int piece) {
        int s = stays.last[v];
        if (s >= 0 && stays.end[s] == point && stays.piece[s] == piece && !stays.isEmpty(s)) {
            stays.reopen(s);
            return s;
        }
        return stays.open(v, point, piece >= 0 ? piece : stays.pieces++);
    }

    private void touch(int v, int point) {
        touched[v] = point;
        if (entryIndex[v] >= 0) sets.entryUsed[entryIndex[v]] = 1;
    }

    private void forget(int v) {
        entryIndex[v] = -1;
        int bank = code.bank[v];
        int last = held[bank][--heldCount[bank]];
        held[bank][heldIndex[v]] = last;
        heldIndex[last] = heldIndex[v];
        heldIndex[v] = -1;
    }

    private void release(int v, int point) {
        if (heldIndex[v] >= 0) forget(v);
        int s = stays.last[v];
        stays.end[s] = Math.max(point, stays.start[s]);
    }

    /**
     * Takes v out of its register, since its last use: back to the beginning of the block if it was not used here, and
     * to the beginning of the outermost loop in which it was not used so far.
     */
    private void evict(int v) {
        int start = code.entryPoint(block);
        forget(v);
        if (touched[v] > start) {
            stays.cutFrom(v, touched[v]);
            return;
        }
        int header = unusedLoop(v);
        stays.cutFrom(v, header < 0 ? start : flow.loopStart(header));
        for (int b = header < 0 ? block : header; b < block; b++) {
            sets.removeEntry(v, b);
            sets.removeExit(v, b);
        }
        sets.removeEntry(v, block);
    }

    /** The outermost loop around this place, entered with v in a register, in which v was not used so far; or -1. */
    private int unusedLoop(int v) {
        if (code.cold[block]) return -1;
        int u = nextUse.next(v, Point.entry(instruction));
        int lastUse = u > live.useStart[v] ? live.usePoint[u - 1] : -1;
        int found = -1;
        for (int h = flow.loop[block]; h >= 0 && flow.isContiguous[h]; h = flow.outer[h]) {
            if (code.defPoint[v] >= flow.loopStart(h) || lastUse > flow.loopStart(h)) break;
            found = h;
        }
        return found;
    }
}
