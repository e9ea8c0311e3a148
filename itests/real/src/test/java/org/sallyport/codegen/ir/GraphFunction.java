package org.sallyport.codegen.ir;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.ObjectParts;

/** A function of an instance. */
final class GraphFunction implements GuestFunction {
    /** A call in the place of its caller. @param slots arguments, and room for the results */
    record TailCall(GuestFunction target, long[] slots) {}

    final GraphCode code;
    final ObjectParts parts;
    /** Those that the module defines. */
    final GraphFunction[] own;
    final Graph graph;

    GraphFunction(GraphCode code, ObjectParts parts, GraphFunction[] own, Graph graph) {
        this.code = code;
        this.parts = parts;
        this.own = own;
        this.graph = graph;
    }

    /** Tail calls of such functions, of whatever instance, take no stack. */
    @Override
    public void call(long[] slots) {
        GuestStack stack = GuestStack.ofThisThread();
        int depth = stack.depth;
        try {
            GraphFunction function = this;
            long[] values = slots;
            while (true) {
                stack.depth = depth;
                stack.push(function);
                TailCall next = new GraphRun(function, stack).run(values);
                if (next == null) {
                    break;
                }
                values = next.slots;
                GraphFunction known = asGraph(next.target);
                if (known == null) {
                    next.target.call(values);
                    break;
                }
                function = known;
            }
            System.arraycopy(values, 0, slots, 0, Math.min(2 * graph.resultCount(), slots.length));
        } finally {
            stack.depth = depth;
        }
    }

    private static @Nullable GraphFunction asGraph(GuestFunction function) {
        return function instanceof GraphFunction graph ? graph : null;
    }
}
