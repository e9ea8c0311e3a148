package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.distinct;
import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;
import org.sallyport.CompilationException;

/**
 * Turns the locals of a function into SSA values while {@link BuildGraph} walks its body once.
 *
 * <p><b>Problem.</b> Where paths meet, a local that differs between them needs a block parameter. Parameters for all
 * assigned
 * locals at every meeting point would be far too many: most are dead there. So a parameter is made only when the
 * local is read.
 *
 * <p><b>Vocabulary.</b> Each local has a <em>history</em>: a chain of entries, newest first, numbered over all
 * locals in the order
 * of program text. An entry's value is a value of the graph, or <em>pending</em> on a block: "what the local is at
 * the start of
 * that block", not yet worked out. An <em>edge</em> into a block remembers the jump that makes it and the time
 * (number of entries
 * so far); the local's value on that edge is its newest entry older than that time.
 *
 * <p><b>Rules.</b> Structured control flow makes a history linear: where code continues with another state than the
 * text before
 * it ({@code else}, {@code end}, a loop's header), every local assigned within the construct gets a pending entry
 * for the block that
 * begins there ({@link #enter}); all others cannot have changed. Reading a pending entry resolves it: a block with
 * one
 * edge asks for the value on that edge, one with several gets a parameter. Arguments are found at the end of the
 * loop (for its
 * header) or the function, which may resolve further entries; a work list replaces recursion. Because control flow
 * is reducible, dropping parameters
 * whose arguments are all the same value afterwards ({@link SimplifyParams}) leaves minimal, pruned SSA.
 */
final class LocalValues {
    /** More than this many history entries or arguments is a compile bomb, not a program. */
    private static final int LIMIT = 1 << 24;

    /** Searches up to so many steps leave no short cuts. */
    private static final int SHORT = 8;

    private Graph graph;
    private Type[] types = {};

    /** Newest entry of each local. */
    private int[] newest = new int[64];

    // entries
    private int entries;
    private int[] older = new int[256];
    /** A value, or {@code ~block} while pending. */
    private int[] value = new int[256];
    /** A short cut: for questions about times up to {@code skipTime}, the search may go on at {@code skipTo}. */
    private int[] skipTo = new int[256];
    private int[] skipTime = new int[256];

    // blocks: edges newest first
    private int[] lastEdge = new int[64];
    private int[] edgeCount = new int[64];
    private boolean[] open = new boolean[64];

    // edges
    private int edges;
    private int[] edgeOlder = new int[128];
    private int[] edgeJump = new int[128];
    private int[] edgeTime = new int[128];

    // locals assigned since the begin of each open construct, see mark()
    private int[] assigned = new int[128];
    private int assignedCount;
    private int[] stamp = new int[64];
    private int stampNow;

    // parameters made for locals that still need arguments: which local, and where in its history to begin the
    // search.
    // Those of open loops hang in a chain per header, the others in the work list.
    private int[] askedParam = new int[64];
    private int[] askedLocal = new int[64];
    private int[] askedIndex = new int[64];
    private int[] askedFrom = new int[64];
    private int[] askedNext = new int[64];
    private int asked;
    private int[] headerChain = new int[64];
    private int workList;

    // arguments found: (jump, index among the jump's operands, value)
    private int[] foundJump = new int[256];
    private int[] foundIndex = new int[256];
    private int[] foundValue = new int[256];
    private int found;

    LocalValues(Graph graph) {
        this.graph = graph;
    }

    /** Begins a function; every local must be {@linkplain #set set} before it is read. */
    void reset(Graph to, Type[] localTypes, int count) {
        graph = to;
        types = localTypes;
        newest = ensure(newest, count);
        if (stamp.length < count) {
            stamp = new int[count];
            stampNow = 0;
        }
        Arrays.fill(newest, 0, count, -1);
        entries = 0;
        edges = 0;
        assignedCount = 0;
        asked = 0;
        workList = -1;
        found = 0;
    }

    int get(int local) {
        int v = value[newest[local]];
        return v >= 0 ? v : resolve(local, newest[local]);
    }

    void set(int local, int v) {
        push(local, v);
        assigned = ensure(assigned, assignedCount);
        assigned[assignedCount++] = local;
    }

    private void push(int local, int v) {
        if (entries == older.length) {
            checkLimit(entries);
            older = ensure(older, entries);
            value = ensure(value, entries);
            skipTo = ensure(skipTo, entries);
            skipTime = ensure(skipTime, entries);
        }
        older[entries] = newest[local];
        value[entries] = v;
        skipTime[entries] = -1;
        newest[local] = entries++;
    }

    private static void checkLimit(int n) {
        if (n >= LIMIT) {
            throw new CompilationException("a function's locals meet at too many places (limit " + LIMIT + ")", null);
        }
    }

    /** Begins a construct; give the result to {@link #enter} and {@link #leave}. */
    int mark() {
        return assignedCount;
    }

    /** Prepares a block that edges lead to. It stays open (further edges may come) until {@link #close}. */
    void openBlock(int block) {
        lastEdge = ensure(lastEdge, block);
        edgeCount = ensure(edgeCount, block);
        if (block >= open.length) {
            open = Arrays.copyOf(open, Math.max(block + 1, open.length * 2));
        }
        headerChain = ensure(headerChain, block);
        headerChain[block] = -1;
        lastEdge[block] = -1;
        edgeCount[block] = 0;
        open[block] = true;
    }

    /**
     * An edge from here. @param jump the instruction that passes the arguments; -1 when the block has this edge only
     */
    void addEdge(int block, int jump) {
        edgeOlder = ensure(edgeOlder, edges);
        edgeJump = ensure(edgeJump, edges);
        edgeTime = ensure(edgeTime, edges);
        edgeOlder[edges] = lastEdge[block];
        edgeJump[edges] = jump;
        edgeTime[edges] = entries;
        lastEdge[block] = edges++;
        edgeCount[block]++;
    }

    int edgeCount(int block) {
        return edgeCount[block];
    }

    /** The jump of the newest edge. */
    int lastJump(int block) {
        return edgeJump[lastEdge[block]];
    }

    /** Code goes on in a block that has all its edges: locals assigned since {@code mark} are what the edges say. */
    void enter(int block, int mark) {
        open[block] = false;
        assignedCount = distinct(assigned, mark, assignedCount, stamp, ++stampNow);
        for (int i = mark; i < assignedCount; i++) {
            push(assigned[i], ~block);
        }
    }

    /**
     * Code goes on in a loop's header, which is still open; the loop assigns the locals {@code loops.local(loop,
     * i)}.
     */
    void enterLoop(int block, LoopLocals loops, int loop) {
        for (int i = 0; i < loops.count(loop); i++) {
            set(loops.local(loop, i), ~block);
        }
    }

    /** All edges to the loop's header are there. */
    void closeLoop(int block) {
        open[block] = false;
        int i = headerChain[block];
        while (i >= 0) {
            int next = askedNext[i];
            askedFrom[i] = newest[askedLocal[i]];
            askedNext[i] = workList;
            workList = i;
            i = next;
        }
        headerChain[block] = -1;
        drain();
    }

    /**
     * The newest entry of the chain from {@code entry} that is older than {@code time}. Long searches leave short cuts: the many
     * cases of a switch all ask about the time of its branch.
     */
    private int entryAt(int entry, int time) {
        int found = entry;
        int steps = 0;
        while (found >= time) {
            found = time <= skipTime[found] ? skipTo[found] : older[found];
            steps++;
        }
        if (steps > SHORT) {
            for (int e = entry; e >= time;) {
                int next = time <= skipTime[e] ? skipTo[e] : older[e];
                if (time > skipTime[e]) {
                    skipTo[e] = found;
                    skipTime[e] = time;
                }
                e = next;
            }
        }
        return found;
    }

    /** Works out a pending entry. */
    private int resolve(int local, int entry) {
        int at = entry;
        while (value[at] < 0) {
            graph.step();
            int block = ~value[at];
            if (open[block] || edgeCount[block] > 1) {
                value[at] = newParam(block, local, at);
            } else {
                at = entryAt(older[at], edgeTime[lastEdge[block]]);
            }
        }
        int v = value[at];
        while (entry != at) { // later questions find it at once
            int block = ~value[entry];
            value[entry] = v;
            entry = entryAt(older[entry], edgeTime[lastEdge[block]]);
        }
        return v;
    }

    private int newParam(int block, int local, int entry) {
        int param = graph.addParam(block, types[local]);
        int i = ask(param, local, graph.paramCount(block) - 1);
        if (open[block]) {
            askedNext[i] = headerChain[block];
            headerChain[block] = i;
        } else {
            askedFrom[i] = isBackwardTarget(block, entry) ? newest[local] : older[entry];
            askedNext[i] = workList;
            workList = i;
        }
        return param;
    }

    /** Whether some edge is newer than the block's entry: a loop's header. */
    private boolean isBackwardTarget(int block, int entry) {
        return edgeTime[lastEdge[block]] > entry;
    }

    private int ask(int param, int local, int index) {
        if (asked == askedParam.length) {
            askedParam = ensure(askedParam, asked);
            askedLocal = ensure(askedLocal, asked);
            askedIndex = ensure(askedIndex, asked);
            askedFrom = ensure(askedFrom, asked);
            askedNext = ensure(askedNext, asked);
        }
        askedParam[asked] = param;
        askedLocal[asked] = local;
        askedIndex[asked] = index;
        return asked++;
    }

    /** Finds the arguments of all parameters in the work list. */
    private void drain() {
        while (workList >= 0) {
            int i = workList;
            workList = askedNext[i];
            int local = askedLocal[i];
            int entry = askedFrom[i];
            int block = graph.blockOf(askedParam[i]);
            for (int e = lastEdge[block]; e >= 0; e = edgeOlder[e]) {
                graph.step();
                entry = entryAt(entry, edgeTime[e]);
                int v = value[entry] >= 0 ? value[entry] : resolve(local, entry);
                addFound(edgeJump[e], askedIndex[i], v);
            }
        }
    }

    private void addFound(int jump, int index, int v) {
        if (found == foundJump.length) {
            checkLimit(found);
            foundJump = ensure(foundJump, found);
            foundIndex = ensure(foundIndex, found);
            foundValue = ensure(foundValue, found);
        }
        foundJump[found] = jump;
        foundIndex[found] = index;
        foundValue[found++] = v;
    }

    /** Ends the function: every jump gets the arguments for its target's parameters. */
    void finish() {
        drain();
        for (int i = 0; i < found; i++) {
            graph.step();
            int jump = foundJump[i];
            int count = graph.paramCount(graph.successor(graph.blockOf(jump), 0));
            if (graph.operandCount(jump) < count) {
                graph.resizeList(jump, count);
            }
            graph.setOperand(jump, foundIndex[i], foundValue[i]);
        }
    }
}
