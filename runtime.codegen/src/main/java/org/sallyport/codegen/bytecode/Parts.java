package org.sallyport.codegen.bytecode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;

/**
 * How a function that is too large for one method is cut: neighbouring blocks of the layout make a part, a method of its own. A
 * part begins at one of its blocks that are entered from others, with what is alive there from the frame, and ends with the
 * number of the block to go on at, when what is alive there is in the frame.
 */
final class Parts {
    /** Bits of a block's number that say which entry of its part it is. */
    private static final int ENTRY_BITS = 16;

    private final Graph graph;
    final Plan plan;
    final Slots slots;
    final Variables variables;
    private final int[] partOf;
    private final int[] entryOf;
    private final List<List<Integer>> entries = new ArrayList<>();
    private final Map<Integer, Integer> places = new HashMap<>();
    private int placeWords;
    private final int resultWords;

    /** @param bytes about so many of instructions make a part */
    Parts(Graph graph, Shape shape, int bytes) {
        this.graph = graph;
        cutBlocks(graph, bytes / 2);
        plan = new Plan(graph);
        variables = Variables.ofPart(shape);
        slots = new Slots(graph, plan, variables.parameters(), variables.free());
        resultWords = shape.resultWords.size();
        partOf = new int[plan.start.length];
        entryOf = new int[plan.start.length];
        Arrays.fill(entryOf, -1);
        divide(bytes);
        findEntries();
    }

    /** About how many bytes a function is. */
    static int bytes(Graph graph) {
        int sum = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            sum += bytesOf(graph, b);
        }
        return sum;
    }

    private static int bytesOf(Graph graph, int b) {
        int sum = 0;
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            sum += bytesOfInstruction(graph, v);
        }
        return sum;
    }

    private static int bytesOfInstruction(Graph graph, int v) {
        Op op = graph.op(v);
        int operands = graph.operandCount(v);
        return switch (op) {
            case ARG, CONST, RESULT -> 0;
            case LOAD, STORE -> 18;
            case ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_ADD, ATOMIC_AND, ATOMIC_OR, ATOMIC_XOR, ATOMIC_XCHG, ATOMIC_CMPXCHG ->
                30 + 10 * operands;
            case CALL, CALL_HELPER -> 10 + 4 * operands;
            case CALL_REF, CALL_IMPORT, CALL_BUILTIN -> 40 + 4 * operands;
            case RETURN_CALL, RETURN_CALL_REF, RETURN_CALL_IMPORT, RETURN -> 40 + 12 * operands;
            case OBJECT -> 36 + 16 * operands;
            case REF_TEST -> 24;
            case BR_TABLE -> 16 + 4 * graph.tableCaseCount(v);
            case JUMP -> 16 + 8 * operands;
            case SELECT, GUARD, TRAP_IF, TRAP_UNLESS, CHARGE, CHARGE_BY, BRANCH, OUTCOME -> 20;
            case GLOBAL_GET, GLOBAL_SET, TABLE_GET, TABLE_SET -> 16;
            case VSHUFFLE -> 200;
            case VUNARY, VBINARY, VTERNARY, VSHIFT, VTEST, VSPLAT, VEXTRACT, VREPLACE -> 14 + 8 * operands;
            default -> op.isCompare() ? 12 : 9;
        };
    }

    /** Makes several blocks of one that is too large. */
    private static void cutBlocks(Graph graph, int most) {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            int sum = 0;
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                sum += bytesOfInstruction(graph, v);
                if (sum > most && v != graph.first(b) && mayBegin(graph.op(v))) {
                    int rest = graph.cutBefore(v);
                    graph.placeBlock(rest, b);
                    graph.appendJump(b, rest);
                    break; // the rest is looked at next
                }
            }
        }
    }

    /** What belongs to a call stays behind it. */
    private static boolean mayBegin(Op op) {
        return op != Op.RESULT && op != Op.OUTCOME && op != Op.ARG;
    }

    private void divide(int bytes) {
        int sum = 0;
        int part = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            int more = bytesOf(graph, b);
            if (sum > 0 && sum + more > bytes) {
                part++;
                sum = 0;
            }
            sum += more;
            partOf[b] = part;
        }
        for (int i = 0; i <= part; i++) {
            entries.add(new ArrayList<>());
        }
    }

    private void findEntries() {
        addEntry(graph.firstBlock());
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int i = 0; i < graph.successorCount(b); i++) {
                int to = graph.successor(b, i);
                if (partOf[to] != partOf[b]) {
                    addEntry(to);
                }
            }
        }
    }

    private void addEntry(int b) {
        List<Integer> list = entries.get(partOf[b]);
        if (entryOf[b] < 0) {
            entryOf[b] = list.size();
            list.add(b);
        }
    }

    int count() {
        return entries.size();
    }

    boolean isIn(int part, int b) {
        return partOf[b] == part;
    }

    /** Blocks of a part that others go to. */
    List<Integer> entries(int part) {
        return entries.get(part);
    }

    /** What a part returns to have another one go on. */
    int number(int b) {
        return partOf[b] << ENTRY_BITS | entryOf[b];
    }

    static int partBits() {
        return ENTRY_BITS;
    }

    /** Values that are alive where a block begins, its parameters among them. */
    List<Integer> alive(int b) {
        List<Integer> list = slots.liveAt(b);
        for (int i = 0; i < graph.paramCount(b); i++) {
            list.add(graph.param(b, i));
        }
        if (b == graph.firstBlock()) {
            list.addAll(arguments());
        }
        return list;
    }

    /** The arguments that anybody uses. */
    List<Integer> arguments() {
        List<Integer> list = new ArrayList<>();
        int b = graph.firstBlock();
        for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
            if (graph.op(v) == Op.ARG) {
                list.add(v);
            }
        }
        return list;
    }

    /** Where a value is in the frame. */
    int place(int v) {
        Integer known = places.get(v);
        if (known == null) {
            known = placeWords;
            placeWords += Words.count(graph.type(v));
            places.put(v, known);
        }
        return known;
    }

    /** Length of the frame, when all parts are there. */
    int frame() {
        return Math.max(placeWords, Math.max(1, resultWords));
    }

    Type type(int v) {
        return graph.type(v);
    }
}
