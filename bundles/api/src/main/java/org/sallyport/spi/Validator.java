package org.sallyport.spi;

import java.util.Set;
import java.util.concurrent.Executor;
import org.sallyport.LoadLimits;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Checks modules against the rules of WebAssembly 3.0, chapter 3. The only one to make a {@link ValidModule}.
 * Thread-safe.
 */
public interface Validator {
    /**
     * Validates on the calling thread.
     *
     * @param features proposals that the module may use
     * @throws org.sallyport.InvalidModuleException if the module is not valid; of several faults the first in the
     *     binary
     * @throws org.sallyport.MalformedModuleException if the instructions of a body do not follow the grammar
     * @throws org.sallyport.LimitExceededException if an instruction has more operands or targets than the limits allow
     */
    default ValidModule validate(WasmModule module, Set<Feature> features) {
        return validate(module, features, LoadLimits.DEFAULT, CompileBudget.unlimited(), Runnable::run);
    }

    /**
     * The same; function bodies are checked in parallel on the executor and the calling thread. The failure reported is
     * the same whatever the executor does. A saturated executor costs time, never progress.
     *
     * @param limits those that concern instructions and types
     * @param budget asked for each function
     * @throws org.sallyport.CompilationException if the budget says that it must end
     */
    ValidModule validate(
            WasmModule module, Set<Feature> features, LoadLimits limits, CompileBudget budget, Executor executor);

    /** The same without a budget. */
    default ValidModule validate(WasmModule module, Set<Feature> features, LoadLimits limits, Executor executor) {
        return validate(module, features, limits, CompileBudget.unlimited(), executor);
    }
}
