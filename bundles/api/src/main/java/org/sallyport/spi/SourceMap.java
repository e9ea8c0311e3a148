package org.sallyport.spi;

import java.util.List;
import org.sallyport.SourcePosition;

/** Finds the source of a module's instructions. Thread-safe. Reads what it needs when it is asked, and never fails. */
@FunctionalInterface
public interface SourceMap {
    /** Knows nothing. (A class: traps must not link call sites, docs/decisions/full-heap.md.) */
    SourceMap NONE = new SourceMap() {
        @Override
        public List<SourcePosition> find(int offset) {
            return List.of();
        }
    };

    /**
     * The source of an instruction. Where the producer copied functions into each other, there is a position for each: the
     * innermost first, then that of the call which the copy stands for, and so on; the last is in the function itself.
     *
     * @param offset of the instruction in the module's binary
     * @return empty if nothing is known
     */
    List<SourcePosition> find(int offset);
}
