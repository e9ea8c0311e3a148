package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

/**
 * Moves computations whose operands do not change within a loop in front of it, as far out as possible. Moved are
 * pure
 * operations that cost something, loads from the runtime's structures that cannot fault and that the loop does not
 * write, and
 * the checks and loads that every round begins with. Cheap operations (constants, free extensions, compares that
 * fuse with their branch, one-step arithmetic with a
 * constant) move only along with an operation that needs them, because they would occupy a register for the whole
 * loop.
 */
final class Hoist {
    /** Operations that come along with a check at most. */
    private static final int CLOSURE = 32;

    private Cfg cfg = Graph.NO_CFG;
    private final MemoryVersions memory = new MemoryVersions();
    private Graph graph = Graph.NOTHING;
    /** By value: number of loops around the place where it could stand; for all else, where it stands. */
    private int[] level = new int[256];
    private int[] work = new int[64];

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        if (!hasLoops()) {
            return;
        }
        memory.reset(graph);
        for (int i = cfg.count() - 1; i >= 0; i--) { // inner loops first
            if (cfg.isLoopHeader(cfg.block(i))) {
                hoistStart(cfg.block(i));
            }
        }
        level = ensure(level, graph.size());
        for (int i = 0; i < cfg.count(); i++) {
            computeLevels(cfg.block(i));
        }
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            int depth = cfg.loopDepth(b);
            for (int v = graph.first(b), next; depth > 0 && v >= 0; v = next) {
                next = graph.next(v);
                if (level[v] < depth && !isCheap(v)) {
                    move(v);
                }
            }
        }
    }

    // ---- the start of a loop ----

    /**
     * Moves what every round checks at its start, and the loads behind such checks, in front of the loop: it happens
     * anyway,
     * before anything that could be observed. Ends at the first effect or trap that depends on the round.
     */
    private void hoistStart(int header) {
        int target = preheader(header, cfg.loopDepth(header) - 1);
        if (target < 0) {
            return;
        }
        for (int v = graph.first(header), next; v >= 0; v = next) {
            next = graph.next(v);
            Op op = graph.op(v);
            boolean load = op == Op.VMLOAD || op == Op.LOAD;
            boolean check = op.mayTrap() && !op.writes() && !op.charges() && !load;
            boolean wanted = check || load && !memory.isWrittenIn(header, v);
            if (wanted && canMove(v, header, target)) {
                moveTo(v, target);
            } else if (op.writes() || op.isCall() || op.isTerminator() || graph.mayTrap(v)) {
                return;
            }
        }
    }

    /** Whether all that the instruction needs is there in front of the loop, or can be computed there. */
    private boolean canMove(int v, int header, int target) {
        int count = 0;
        work[count++] = v;
        for (int steps = 0; count > 0; steps++) {
            int w = work[--count];
            boolean movable = w == v || graph.op(w).isPure() && !graph.op(w).isPinned()
                    || graph.op(w) == Op.VMLOAD && !memory.isWrittenIn(header, w);
            if (!movable || steps == CLOSURE) {
                return false;
            }
            for (int i = 0; i < graph.operandCount(w); i++) {
                int operand = graph.operand(w, i);
                if (!cfg.dominates(graph.blockOf(operand), target)) {
                    work = ensure(work, count);
                    work[count++] = operand;
                }
            }
        }
        return true;
    }

    // ---- everything else ----

    private boolean hasLoops() {
        for (int i = 0; i < cfg.count(); i++) {
            if (cfg.isLoopHeader(cfg.block(i))) {
                return true;
            }
        }
        return false;
    }

    private void computeLevels(int b) {
        int depth = cfg.loopDepth(b);
        for (int k = 0; k < graph.paramCount(b); k++) {
            level[graph.param(b, k)] = depth;
        }
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            level[v] = isMovable(v) ? levelOf(v, b, depth) : depth;
        }
    }

    private boolean isMovable(int v) {
        Op op = graph.op(v);
        if (op == Op.VMLOAD) {
            return isFaultFree(graph.a(v));
        }
        return op.isPure() && !op.isPinned();
    }

    /**
     * Whether a load through the pointer is safe at any place: the context itself, or a structure it always points
     * to.
     */
    private boolean isFaultFree(int base) {
        if (graph.op(base) == Op.VMCTX) {
            return true;
        }
        return graph.op(base) == Op.VMLOAD && graph.aliasClass(base) == Alias.CONSTANT && graph.op(graph.a(base)) == Op.VMCTX;
    }

    private int levelOf(int v, int b, int depth) {
        int outermost = 0;
        for (int i = 0; i < graph.operandCount(v); i++) {
            int operand = graph.operand(v, i);
            outermost = Math.max(outermost, Math.min(level[operand], commonDepth(graph.blockOf(operand), b)));
        }
        if (graph.op(v) == Op.VMLOAD) {
            int d = depth;
            for (int h = cfg.loopHeader(b); h >= 0; h = cfg.outerHeader(h), d--) {
                if (memory.isWrittenIn(h, v)) {
                    return Math.max(outermost, d);
                }
            }
        }
        return outermost;
    }

    /** Number of loops around both blocks. */
    private int commonDepth(int x, int y) {
        int h = cfg.loopHeader(x);
        int k = cfg.loopHeader(y);
        while (h != k) {
            int dx = h < 0 ? 0 : cfg.loopDepth(h);
            int dy = k < 0 ? 0 : cfg.loopDepth(k);
            if (dx >= dy) {
                h = cfg.outerHeader(h);
            }
            if (dy >= dx) {
                k = cfg.outerHeader(k);
            }
        }
        return h < 0 ? 0 : cfg.loopDepth(h);
    }

    private boolean isCheap(int v) {
        Op op = graph.op(v);
        return switch (op) {
            case CONST -> switch (graph.type(v)) {
                case I32, I64, REF -> true;
                case F32, F64, V128 -> graph.imm(v) == 0;
                case VOID -> throw new AssertionError("BUG: void constant");
            };
            case VMCTX, EXTEND_U, WRAP -> true;
            case ADD, SUB, AND, OR, XOR, SHL, SHR_S, SHR_U -> graph.isConst(graph.b(v)) || graph.isConst(graph.a(v));
            default -> op.isCompare();
        };
    }

    /** Moves {@code v}, and before it the operands that must come along, in front of its outermost invariant loop. */
    private void move(int v) {
        int target = preheader(graph.blockOf(v), level[v]);
        if (target < 0) {
            level[v] = cfg.loopDepth(graph.blockOf(v));
            return;
        }
        moveTo(v, target);
    }

    private void moveTo(int v, int target) {
        int count = 0;
        work[count++] = v;
        while (count > 0) {
            int w = work[count - 1];
            int pending = pendingOperand(w, target);
            if (pending >= 0) {
                work = ensure(work, count);
                work[count++] = pending;
                continue;
            }
            count--;
            graph.remove(w);
            graph.insertBefore(graph.last(target), w);
        }
    }

    /** An operand that does not dominate the end of the block yet, or -1. */
    private int pendingOperand(int v, int target) {
        for (int i = 0; i < graph.operandCount(v); i++) {
            int operand = graph.operand(v, i);
            if (!cfg.dominates(graph.blockOf(operand), target)) {
                return operand;
            }
        }
        return -1;
    }

    /** The block before the loop that is at depth {@code wanted + 1} around {@code b}; -1 if several lead in. */
    private int preheader(int b, int wanted) {
        int h = cfg.loopHeader(b);
        while (cfg.loopDepth(h) > wanted + 1) {
            h = cfg.outerHeader(h);
        }
        int found = -1;
        for (int p = 0; p < cfg.predecessorCount(h); p++) {
            int from = cfg.predecessor(h, p);
            if (cfg.number(from) < cfg.number(h)) {
                if (found >= 0) {
                    return -1;
                }
                found = from;
            }
        }
        return found >= 0 && graph.op(graph.last(found)) == Op.JUMP ? found : -1;
    }
}
