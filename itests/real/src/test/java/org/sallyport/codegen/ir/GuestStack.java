package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sallyport.GuestFrame;

/** The functions that a thread is in. */
final class GuestStack {
    private static final ThreadLocal<GuestStack> OF_THREAD = ThreadLocal.withInitial(GuestStack::new);
    private static final int MOST_FRAMES = 100;

    int depth;
    private GraphFunction[] functions = new GraphFunction[64];
    private int[] positions = new int[64];

    static GuestStack ofThisThread() {
        return OF_THREAD.get();
    }

    void push(GraphFunction function) {
        if (depth == functions.length) {
            functions = Arrays.copyOf(functions, 2 * depth);
            positions = Arrays.copyOf(positions, 2 * depth);
        }
        functions[depth] = function;
        positions[depth++] = -1;
    }

    /** Where the innermost function is. */
    void at(int position) {
        positions[depth - 1] = position;
    }

    List<GuestFrame> frames() {
        List<GuestFrame> frames = new ArrayList<>();
        for (int i = depth - 1; i >= 0 && frames.size() < MOST_FRAMES; i--) {
            GraphFunction function = functions[i];
            int position = function.graph.positions().original(positions[i]);
            ModuleFacts facts = function.code.facts;
            int index = function.graph.function();
            frames.add(new GuestFrame("", index, facts.valid().module().names().function(index), position));
        }
        return frames;
    }
}
