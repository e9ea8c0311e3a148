package org.sallyport.validator;

import static org.sallyport.validator.Problem.TYPE_MISMATCH;
import static org.sallyport.validator.Problem.UNKNOWN_LABEL;

import java.util.Arrays;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.Opcode;

/**
 * The operand stack and the control stack of the validation algorithm (WebAssembly 3.0, appendix 7.6), as arrays that
 * are used again for the next body. Types are the codes of {@link Types}.
 *
 * <p>After an unconditional branch the stack of the frame is <em>polymorphic</em>: it gives as many {@link
 * Types#BOTTOM} as are asked for, and an amount of work never depends on a number that only an immediate claims.
 */
final class Operands {
    /** What it costs to see whether one type is a subtype of another, next to finding them equal. */
    private static final int SUBTYPE_WORK = 32;

    private final LoadLimits limits;
    private final int maxHeight;
    private final Types types;

    private int[] stack = new int[64];
    private int height;
    private int greatestHeight;
    /** Where the current frame's operands begin. */
    private int base;
    private boolean polymorphic;

    /** How many operands have been looked at in lists, since somebody set it to 0: what instructions cost beside one step. */
    int work;

    private Opcode[] kinds = new Opcode[16];
    private int[] bases = new int[16];
    private boolean[] polymorphics = new boolean[16];
    private int[][] starts = new int[16][];
    private int[][] ends = new int[16][];
    private int[] marks = new int[16];
    private int depth;
    private int greatestDepth;

    Operands(Types types, LoadLimits limits) {
        this.types = types;
        this.limits = limits;
        maxHeight = limits.max(Limit.OPERANDS);
    }

    void reset() {
        height = 0;
        greatestHeight = 0;
        base = 0;
        polymorphic = false;
        depth = 0;
        greatestDepth = 0;
    }

    // Operands

    void push(int type) {
        reserve(1);
        stack[height++] = type;
    }

    void pushAll(int[] list) {
        pushAll(list, list.length);
    }

    /** Pushes the first {@code count} types of the list. */
    void pushAll(int[] list, int count) {
        reserve(count);
        System.arraycopy(list, 0, stack, height, count);
        height += count;
    }

    private void reserve(int count) {
        int needed = height + count;
        if (needed > greatestHeight) {
            if (needed > maxHeight) {
                limits.check(Limit.OPERANDS, needed, "");
            }
            greatestHeight = needed;
            if (needed > stack.length) {
                stack = Arrays.copyOf(stack, Math.max(needed, stack.length * 2));
            }
        }
    }

    /** Takes an operand of any type. */
    int pop() {
        if (height == base) {
            if (polymorphic) {
                return Types.BOTTOM;
            }
            throw new Violation(TYPE_MISMATCH, "instruction requires an operand but stack has []");
        }
        return stack[--height];
    }

    /** Takes an operand of the type or a subtype and gives what it really is. */
    int pop(int expected) {
        if (height == base) {
            if (polymorphic) {
                return Types.BOTTOM;
            }
            throw mismatch(expected);
        }
        int actual = stack[height - 1];
        if (actual != expected && !isSubtype(actual, expected)) {
            throw mismatch(expected);
        }
        height--;
        return actual;
    }

    /** Takes a reference of any type; the result may be {@link Types#BOTTOM}. */
    int popRef() {
        int actual = pop();
        if (actual != Types.BOTTOM && !Types.isRef(actual)) {
            throw new Violation(
                    TYPE_MISMATCH, "instruction requires [a reference] but stack has [" + Types.text(actual) + "]");
        }
        return actual;
    }

    /** Takes operands of the types or subtypes, the last one from the top. */
    void popAll(int[] expected) {
        popAll(expected, expected.length);
    }

    /** Takes operands of the first {@code count} types of the list. */
    void popAll(int[] expected, int count) {
        checkTop(expected, count);
        height = Math.max(base, height - count);
    }

    /** Takes {@code count} operands of one type. */
    void popRepeated(int expected, int count) {
        int there = Math.min(count, height - base);
        work += there;
        for (int i = 0; i < there; i++) {
            pop(expected);
        }
        if (there < count && !polymorphic) {
            throw new Violation(TYPE_MISMATCH, "instruction requires " + count + " times [" + Types.text(expected)
                    + "] but stack has " + there);
        }
    }

    /** Checks the topmost operands and leaves them. */
    void checkTop(int[] expected) {
        checkTop(expected, expected.length);
    }

    private void checkTop(int[] expected, int count) {
        int from = height - count;
        if (from < base) {
            if (!polymorphic) {
                throw mismatch(Arrays.copyOf(expected, count));
            }
            from = base;
        }
        work += height - from;
        int skipped = count - (height - from);
        int at = 0;
        while (true) {
            // Equal types are the rule, and lists may be long.
            int differs = Arrays.mismatch(stack, from + at, height, expected, skipped + at, count);
            if (differs < 0) {
                return;
            }
            at += differs;
            if (!isSubtype(stack[from + at], expected[skipped + at])) {
                throw mismatch(Arrays.copyOf(expected, count));
            }
            at++;
        }
    }

    private boolean isSubtype(int sub, int sup) {
        work += SUBTYPE_WORK;
        return types.isSubtype(sub, sup);
    }

    /** {@link Types#areSubtypes}, counted as work. */
    boolean areSubtypes(int[] sub, int[] sup) {
        if (sub == sup) {
            return true;
        }
        work += sub.length * SUBTYPE_WORK;
        return types.areSubtypes(sub, sup);
    }

    private Violation mismatch(int... expected) {
        int from = Math.max(base, height - expected.length);
        String wanted = Types.text(expected, 0, expected.length);
        return new Violation(
                TYPE_MISMATCH, "instruction requires " + wanted + " but stack has " + Types.text(stack, from, height));
    }

    // Control frames

    /**
     * Opens a frame whose parameters have been taken from the stack; they are put on it again.
     *
     * @param mark of the caller, given back by {@link #leave()}
     */
    void enter(Opcode kind, int[] params, int[] results, int mark) {
        if (depth == bases.length) {
            growFrames();
        }
        if (depth > 0) {
            polymorphics[depth - 1] = polymorphic;
        }
        kinds[depth] = kind;
        bases[depth] = height;
        starts[depth] = params;
        ends[depth] = results;
        marks[depth] = mark;
        depth++;
        greatestDepth = Math.max(greatestDepth, depth);
        base = height;
        polymorphic = false;
        pushAll(params);
    }

    private void growFrames() {
        int n = depth * 2;
        kinds = Arrays.copyOf(kinds, n);
        bases = Arrays.copyOf(bases, n);
        polymorphics = Arrays.copyOf(polymorphics, n);
        starts = Arrays.copyOf(starts, n);
        ends = Arrays.copyOf(ends, n);
        marks = Arrays.copyOf(marks, n);
    }

    /**
     * Closes the frame: exactly its results must be there; they are left to the caller to push. Returns the frame's
     * mark.
     */
    int leave() {
        int[] results = ends[depth - 1];
        checkTop(results);
        int surplus = height - base - results.length;
        if (surplus > 0) {
            String wanted = Types.text(results, 0, results.length);
            throw new Violation(
                    TYPE_MISMATCH, "block requires " + wanted + " but stack has " + Types.text(stack, base, height));
        }
        height = base;
        depth--;
        if (depth > 0) {
            base = bases[depth - 1];
            polymorphic = polymorphics[depth - 1];
        }
        return marks[depth];
    }

    /** The rest of the frame cannot be reached. */
    void unreachable() {
        height = base;
        polymorphic = true;
    }

    /** Number of open frames. */
    int depth() {
        return depth;
    }

    Opcode kind() {
        return kinds[depth - 1];
    }

    int[] starts() {
        return starts[depth - 1];
    }

    int[] ends() {
        return ends[depth - 1];
    }

    /** What opened the frame of the label, or divided it last. */
    Opcode kind(int label) {
        if (label >= depth) {
            throw Violation.index(UNKNOWN_LABEL, label, depth);
        }
        return kinds[depth - 1 - label];
    }

    /** What a branch to the label takes. */
    int[] label(int label) {
        if (label >= depth) {
            throw Violation.index(UNKNOWN_LABEL, label, depth);
        }
        int frame = depth - 1 - label;
        return kinds[frame] == Opcode.LOOP ? starts[frame] : ends[frame];
    }

    /** What the body as a whole gives. */
    int[] bodyResults() {
        return ends[0];
    }

    int greatestHeight() {
        return greatestHeight;
    }

    int greatestDepth() {
        return greatestDepth;
    }
}
