package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Numbers the states of memory, so that two loads with equal addresses and versions have equal values. Each alias
 * class met in
 * the function has versions of its own; linear memory is one class. A store or call begins a new version, an atomic
 * instruction one of all classes, as a call does: what it reads may tell that another thread has written them. Where
 * paths with
 * different versions meet, and at the header of a loop that writes the class, another one begins. A loop that reads what other
 * threads may write counts as one that writes it: it may be waiting for them.
 */
final class MemoryVersions {
    /** More classes than this share the last one, whose loads are never equal. */
    private static final int MAX_CLASSES = 16;

    private static final int LINEAR = 0;
    /** Of what never changes. */
    static final int CONSTANT = 0;

    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;

    private int classes;
    private final int[] aliasOf = new int[MAX_CLASSES];
    /** By loop header: classes written in the loop. */
    private int[] loopWrites = new int[64];
    /** By block and class: version at its end. */
    private int[] atEnd = new int[64];
    private final int[] current = new int[MAX_CLASSES];

    private int versions;
    /** By version: the one before and the store that began this one, or -1. */
    private int[] before = new int[64];
    private int[] store = new int[64];

    /** Looks through the function; the blocks must then be visited in layout order. */
    void reset(Graph of) {
        graph = of;
        cfg = graph.cfg();
        classes = 1;
        versions = 1; // 0 is CONSTANT
        loopWrites = ensure(loopWrites, graph.blockBound());
        Arrays.fill(loopWrites, 0, graph.blockBound(), 0);
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            int writes = writes(b);
            for (int h = cfg.loopHeader(b); h >= 0 && (loopWrites[h] & writes) != writes; h = cfg.outerHeader(h)) {
                loopWrites[h] |= writes;
            }
        }
        atEnd = ensure(atEnd, graph.blockBound() * classes);
    }

    /** Collects the classes of the block's accesses; returns the set of those it writes. */
    private int writes(int b) {
        int set = 0;
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            Op op = graph.op(v);
            if (op == Op.VMLOAD) {
                int c = classOf(graph.aliasClass(v));
                set |= graph.aliasClass(v) == Alias.SHARED_LENGTH ? 1 << c : 0;
            } else if (op == Op.LOAD) {
                int c = classOfAccess(v);
                set |= graph.isShared(v) ? 1 << c : 0;
            }
            if (op.isAllocation()) {
                set |= 1 << classOf(Alias.OBJECTS);
            } else if (op.isCall() || op.isAtomic()) {
                set = -1;
            } else if (op.writes()) {
                int c = writtenClass(v, op);
                set |= c < 0 ? 0 : 1 << c;
            }
        }
        return set;
    }

    private int writtenClass(int v, Op op) {
        return op == Op.VMSTORE ? classOf(graph.aliasClass(v)) : op == Op.STORE ? classOfAccess(v) : LINEAR;
    }

    /** The class of a load or store of linear memory or of the heap; -1 for what is constant. */
    private int classOfAccess(int v) {
        return switch (graph.memory(v)) {
            case Graph.FIELDS -> classOf(Alias.FIELDS);
            case Graph.ELEMENTS -> classOf(Alias.ELEMENTS);
            case Graph.CONSTANTS -> -1;
            default -> LINEAR;
        };
    }

    /** The class of a runtime access; -1 for what is constant. */
    private int classOf(int alias) {
        if (alias == Alias.CONSTANT) {
            return -1;
        }
        for (int i = 1; i < classes; i++) {
            if (aliasOf[i] == alias) {
                return i;
            }
        }
        if (classes < MAX_CLASSES - 1) {
            aliasOf[classes] = alias;
            return classes++;
        }
        classes = MAX_CLASSES;
        return MAX_CLASSES - 1;
    }

    /** Whether the loop may write what the load {@code v} reads. */
    boolean isWrittenIn(int header, int v) {
        int c = graph.op(v) == Op.VMLOAD ? classOf(graph.aliasClass(v)) : classOfAccess(v);
        return c >= 0 && (loopWrites[header] & 1 << c) != 0;
    }

    /** Goes to the start of a block, all of whose forward predecessors are done. */
    void enter(int b) {
        int predecessors = cfg.predecessorCount(b);
        boolean isHeader = cfg.isLoopHeader(b);
        if (predecessors == 1 && !isHeader) {
            follow(cfg.predecessor(b, 0));
            return;
        }
        for (int c = 0; c < classes; c++) {
            int version = predecessors == 0 ? 0 : atEnd[cfg.predecessor(b, 0) * classes + c];
            boolean same = version != 0 && !(isHeader && (loopWrites[b] & 1 << c) != 0);
            for (int p = 1; same && p < predecessors; p++) {
                int from = cfg.predecessor(b, p);
                same = cfg.number(from) >= cfg.number(b) || atEnd[from * classes + c] == version;
            }
            current[c] = same ? version : newVersion(0, -1);
        }
    }

    /** Goes on behind the only predecessor. */
    private void follow(int predecessor) {
        int from = predecessor * classes;
        for (int c = 0; c < classes; c++) {
            int version = atEnd[from + c];
            current[c] = version != 0 ? version : newVersion(0, -1);
        }
    }

    /** Remembers the state at the end of a block. */
    void leave(int b) {
        System.arraycopy(current, 0, atEnd, b * classes, classes);
    }

    private int newVersion(int previous, int by) {
        before = ensure(before, versions);
        store = ensure(store, versions);
        before[versions] = previous;
        store[versions] = by;
        return versions++;
    }

    /** The version that a load reads. */
    int versionFor(int v) {
        int c = graph.op(v) == Op.VMLOAD ? classOf(graph.aliasClass(v)) : classOfAccess(v);
        if (c < 0) {
            return CONSTANT;
        }
        return c == MAX_CLASSES - 1 ? newVersion(0, -1) : current[c];
    }

    /** The version that a store replaces. */
    int versionBefore(int v) {
        int c = writtenClass(v, graph.op(v));
        if (c < 0) {
            return CONSTANT;
        }
        return c == MAX_CLASSES - 1 ? newVersion(0, -1) : current[c];
    }

    /** Takes note of what the instruction writes; returns the new version where it is a plain store. */
    int write(int v, Op op) {
        if (op.isAllocation()) {
            current[classOf(Alias.OBJECTS)] = newVersion(0, -1);
            return 0;
        }
        if (op.isCall() || op.isAtomic()) {
            for (int c = 0; c < classes; c++) {
                current[c] = newVersion(0, -1);
            }
            return 0;
        }
        int c = writtenClass(v, op);
        if (c < 0) {
            return CONSTANT;
        }
        current[c] = op == Op.CALL_HELPER ? newVersion(0, -1) : newVersion(current[c], v);
        return current[c];
    }

    /**
     * The version before {@code version} if the store between them cannot touch the bytes that the load {@code v}
     * reads: the same base and other offsets, other fields of whatever structures, elements of arrays of another kind; else -1.
     */
    int versionBehindStore(int version, int v) {
        if (version == CONSTANT || store[version] < 0) {
            return -1;
        }
        int s = store[version];
        if (graph.op(s) == Op.STORE && graph.memory(s) != graph.memory(v)) {
            return -1;
        }
        if (isElement(v) && isElement(s) && graph.access(s).bytes() != graph.access(v).bytes()) {
            return before[version];
        }
        if (graph.a(s) != graph.a(v) && !(isField(v) && isField(s))) {
            return -1;
        }
        long from = graph.imm(s);
        long loadFrom = graph.imm(v);
        boolean apart = from + graph.access(s).bytes() <= loadFrom || loadFrom + graph.access(v).bytes() <= from;
        return apart ? before[version] : -1;
    }

    private boolean isField(int v) {
        return (graph.op(v) == Op.LOAD || graph.op(v) == Op.STORE) && graph.memory(v) == Graph.FIELDS;
    }

    private boolean isElement(int v) {
        return (graph.op(v) == Op.LOAD || graph.op(v) == Op.STORE) && graph.memory(v) == Graph.ELEMENTS;
    }
}
