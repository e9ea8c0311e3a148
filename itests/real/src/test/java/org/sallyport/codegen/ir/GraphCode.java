package org.sallyport.codegen.ir;

import java.util.List;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ObjectParts;

/** The graphs of a module's functions. */
final class GraphCode implements ObjectCode {
    private static final long VALUE_BYTES = 64;

    final ModuleFacts facts;
    private final List<Graph> graphs;

    GraphCode(ModuleFacts facts, List<Graph> graphs) {
        this.facts = facts;
        this.graphs = graphs;
    }

    @Override
    public GuestFunction[] instantiate(ObjectParts parts) {
        GraphFunction[] functions = new GraphFunction[graphs.size()];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = new GraphFunction(this, parts, functions, graphs.get(i));
        }
        return functions;
    }

    /** Its frames are of functions without names. */
    @Override
    public void setFrames(Frames frames) {}

    @Override
    public long heapBytes() {
        return graphs.stream().mapToLong(g -> VALUE_BYTES * g.size()).sum();
    }
}
