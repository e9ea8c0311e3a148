package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Dominator-scoped value numbering: an instruction that computes what a dominating one has computed is replaced by
 * it. Loads take part
 * with the {@linkplain MemoryVersions version} of what they read, and a store makes its value known to loads behind
 * it. Checks
 * that a dominating check has made, and branches on a condition that a dominating branch has decided, go too. The
 * {@link Rules}
 * are applied on the way, because equal operands let more of them match.
 *
 * <p>One hash table serves all blocks; an entry counts only if its block dominates the current one, otherwise the
 * current instruction takes
 * its place.
 */
final class NumberValues {
    /** Stores to other fields of the same object that a load looks behind. */
    private static final int STORES_SKIPPED = 4;

    private Cfg cfg = Graph.NO_CFG;
    private final MemoryVersions memory = new MemoryVersions();
    private final Simplify simplify = new Simplify();
    private Graph graph = Graph.NOTHING;

    private int[] table = new int[256];
    private int mask;
    private int used;
    /** By value: version that a load read or a store began. */
    private int[] version = new int[256];
    /** By condition: the block whose branch decides it, or -1; the check that passed on it, or -1. */
    private int[] branchBlock = new int[256];
    private int[] checked = new int[256];


    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        memory.reset(graph);
        simplify.begin(graph);
        clear();
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            memory.enter(b);
            block(b);
            memory.leave(b);
        }
        graph.allResolved();
    }

    private void clear() {
        int wanted = Integer.highestOneBit(Math.max(64, graph.size())) * 2;
        if (table.length < wanted) {
            table = new int[wanted];
        }
        mask = Math.max(wanted, 128) - 1;
        Arrays.fill(table, 0, mask + 1, -1);
        used = 0;
        growFacts(0);
    }

    private void growFacts(int from) {
        int n = graph.size() + graph.size() / 4 + 16;
        version = ensure(version, n);
        branchBlock = ensure(branchBlock, n);
        checked = ensure(checked, n);
        Arrays.fill(branchBlock, from, branchBlock.length, -1);
        Arrays.fill(checked, from, checked.length, -1);
    }

    private void block(int b) {
        int v = graph.first(b);
        while (v >= 0) {
            graph.resolveOperands(v);
            int next = graph.next(v);
            int by = simplify.rewrite(v);
            boolean again = by == v && simplify.firstNew() >= 0;
            if (simplify.firstNew() >= 0) {
                next = simplify.firstNew();
            }
            if (by == v && !again) {
                by = number(v, b);
            }
            if (by != v) {
                if (by >= 0) {
                    graph.replace(v, by);
                }
                graph.remove(v);
            }
            v = next;
        }
    }

    /** The equal value to use instead, {@code v} itself to keep it, or -1 to drop it (it defines nothing). */
    private int number(int v, int b) {
        if (v >= version.length) {
            growFacts(version.length);
        }
        Op op = graph.op(v);
        switch (op) {
            case LOAD, VMLOAD -> {
                return load(v);
            }
            case STORE, VMSTORE -> {
                return store(v);
            }
            case BRANCH -> branch(v, b);
            case TRAP_IF, TRAP_UNLESS -> {
                return check(v, op, b);
            }
            case PARAM, ARG, RESULT, CHARGE, CHARGE_BY -> {}
            case GLOBAL_GET, GLOBAL_SET, MEMORY_LENGTH, TABLE_LENGTH, TABLE_GET, TABLE_SET, FUNC_TYPE -> {}
            case EXCEPTION_TAG, EXCEPTION_GET, EXCEPTION_SET -> {}
            default -> {
                if (op.isCall() || op.isAtomic() || op == Op.CALL_HELPER) {
                    memory.write(v, op);
                } else if (!op.isTerminator()) {
                    return find(v, 0);
                }
            }
        }
        return v;
    }

    // ---- memory ----

    private int load(int v) {
        int at = memory.versionFor(v);
        int found = -1;
        int wanted = at;
        for (int i = 0; i <= STORES_SKIPPED && wanted >= 0; i++) {
            found = look(v, wanted, hash(v, wanted));
            if (found >= 0) {
                break;
            }
            wanted = memory.versionBehindStore(wanted, v);
        }
        if (found >= 0) {
            return graph.op(found).writes() ? graph.b(found) : found;
        }
        version[v] = at;
        insert(v, hash(v, at));
        return v;
    }

    /** A store of what is there already goes; others make their value known. */
    private int store(int v) {
        int before = memory.versionBefore(v);
        int value = graph.b(v);
        if (isFullWidth(v)) {
            int there = look(v, before, hash(v, before));
            if (there >= 0 && (graph.op(there).writes() ? graph.b(there) : there) == value) {
                return -1;
            }
        }
        int at = memory.write(v, graph.op(v));
        if (isFullWidth(v)) {
            version[v] = at;
            insert(v, hash(v, at));
        }
        return v;
    }

    /** Whether the store writes all of its value. */
    private boolean isFullWidth(int v) {
        return graph.access(v).bytes() == graph.type(graph.b(v)).bytes();
    }

    // ---- conditions ----

    private void branch(int v, int b) {
        int condition = graph.a(v);
        if (graph.isConst(condition)) {
            return;
        }
        int known = known(condition, b);
        if (known >= 0) {
            int constant = graph.create(Op.CONST, Type.I32, -1, -1, -1, known, 0);
            graph.insertBefore(v, constant);
            graph.setA(v, constant);
            return;
        }
        branchBlock[condition] = b;
    }

    /** 1 if the condition is known not to be 0 in block {@code b}, 0 if it is known to be 0, else -1. */
    private int known(int condition, int b) {
        int check = checked[condition];
        if (check >= 0 && cfg.dominates(graph.blockOf(check), b)) {
            return graph.op(check) == Op.TRAP_UNLESS ? 1 : 0;
        }
        int decided = branchBlock[condition];
        if (decided >= 0 && decided != b) {
            if (cfg.dominates(graph.successor(decided, 0), b)) {
                return 1;
            }
            if (cfg.dominates(graph.successor(decided, 1), b)) {
                return 0;
            }
        }
        return -1;
    }

    private int check(int v, Op op, int b) {
        int condition = graph.a(v);
        if (graph.isConst(condition)) {
            boolean traps = (graph.imm(condition) != 0) == (op == Op.TRAP_IF);
            return traps ? v : -1;
        }
        int known = known(condition, b);
        if (known >= 0 && (known != 0) != (op == Op.TRAP_IF)) {
            return -1;
        }
        checked[condition] = v;
        return v;
    }

    // ---- table ----

    private int find(int v, int at) {
        int hash = hash(v, at);
        int found = look(v, at, hash);
        if (found >= 0) {
            return found;
        }
        version[v] = at;
        insert(v, hash);
        return v;
    }

    private int hash(int v, int at) {
        Op op = graph.op(v);
        boolean access = op == Op.STORE || op == Op.LOAD || op == Op.VMLOAD || op == Op.VMSTORE;
        long h = access ? graph.a(v) * 0x9E37_79B9L + graph.aux(v)
                : (graph.a(v) * 31L + graph.b(v)) * 31L + graph.c(v) + op.ordinal() * 0x85EB_CA6BL;
        h = (h + at) * 0x9E37_79B9_7F4A_7C15L ^ graph.imm(v) * 0xC2B2_AE3D_27D4_EB4FL;
        return (int) (h >>> 32 ^ h);
    }

    /**
     * The instruction whose value {@code v} would have if it stood in memory version {@code at}; -1 if none
     * dominates.
     */
    private int look(int v, int at, int hash) {
        int slot = hash & mask;
        while (table[slot] >= 0) {
            int candidate = table[slot];
            if (version[candidate] == at && isEqual(candidate, v) && graph.blockOf(candidate) >= 0
                    && cfg.dominates(graph.blockOf(candidate), graph.blockOf(v))) {
                return candidate;
            }
            slot = slot + 1 & mask;
        }
        return -1;
    }

    private boolean isEqual(int w, int v) {
        Op op = graph.op(v);
        if (graph.imm(w) != graph.imm(v) || graph.aux(w) != graph.aux(v) || graph.a(w) != graph.a(v)) {
            return false;
        }
        if (isAccess(op)) {
            return isSameSpace(graph.op(w), op) && accessType(w) == accessType(v);
        }
        return graph.op(w) == op && graph.type(w) == graph.type(v) && graph.b(w) == graph.b(v) && graph.c(w) == graph.c(v);
    }

    private static boolean isAccess(Op op) {
        return op == Op.LOAD || op == Op.STORE || op == Op.VMLOAD || op == Op.VMSTORE;
    }

    private static boolean isSameSpace(Op w, Op v) {
        boolean linear = v == Op.LOAD || v == Op.STORE;
        return linear ? w == Op.LOAD || w == Op.STORE : w == Op.VMLOAD || w == Op.VMSTORE;
    }

    /** Type of the value that is read or written. */
    private Type accessType(int v) {
        return graph.op(v).writes() ? graph.type(graph.b(v)) : graph.type(v);
    }

    private void insert(int v, int h) {
        if (used * 2 > mask) {
            rehash();
        }
        int slot = h & mask;
        while (table[slot] >= 0) {
            int candidate = table[slot];
            if (version[candidate] == version[v] && isEqual(candidate, v)) {
                break; // does not dominate any more
            }
            slot = slot + 1 & mask;
        }
        if (table[slot] < 0) {
            used++;
        }
        table[slot] = v;
    }

    private void rehash() {
        int[] old = Arrays.copyOf(table, mask + 1);
        mask = mask * 2 + 1;
        table = new int[mask + 1];
        Arrays.fill(table, -1);
        for (int v : old) {
            if (v >= 0) {
                int slot = hash(v, version[v]) & mask;
                while (table[slot] >= 0) {
                    slot = slot + 1 & mask;
                }
                table[slot] = v;
            }
        }
    }
}
