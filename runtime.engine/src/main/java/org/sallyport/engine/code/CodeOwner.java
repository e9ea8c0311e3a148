package org.sallyport.engine.code;

import org.sallyport.spi.SourceMap;
import org.sallyport.wasm.IndexSpaces;

/** The module whose code is mapped: what backtraces and profiles say of it. */
public interface CodeOwner {
    /** For people. */
    String name();

    IndexSpaces spaces();

    /** Of its instructions. */
    SourceMap sources();

    /** For people: a name or an index. */
    String functionName(int function);
}
