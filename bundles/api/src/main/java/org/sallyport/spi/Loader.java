package org.sallyport.spi;

import java.util.Set;
import org.sallyport.DebugFiles;
import org.sallyport.LoadLimits;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Decodes WebAssembly binaries (WebAssembly 3.0, 5). Checks the grammar of everything but the instructions in function
 * bodies and constant expressions, which the {@link Validator} reads. Thread-safe; keeps nothing.
 */
public interface Loader {
    /**
     * The module that the bytes describe.
     *
     * @param binary not copied: nobody may write to it as long as the module lives
     * @param features proposals whose syntax is accepted
     * @param budget looked at every few milliseconds
     * @throws org.sallyport.MalformedModuleException if the bytes do not follow the grammar
     * @throws org.sallyport.LimitExceededException if the module is larger than the limits allow
     * @throws org.sallyport.CompilationException if the budget says so
     */
    WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits, CompileBudget budget);

    /**
     * What there is to tell of a binary, also of one that {@link #load} refuses: all proposals are accepted, and what cannot
     * be read is left out and said. Never fails for what is in the binary.
     *
     * @param limits what is beyond them is a fault of the section
     */
    ModuleDescription describe(byte[] binary, LoadLimits limits);

    /**
     * Where the module's instructions come from, by the debug information in it or in files that it names. Reads nothing yet.
     *
     * @param files asked only for positions of a module that names them
     */
    default SourceMap sources(WasmModule module, DebugFiles files) {
        return SourceMap.NONE;
    }

    /** The same, however long it takes. */
    default WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits) {
        return load(binary, features, limits, CompileBudget.unlimited());
    }
}
