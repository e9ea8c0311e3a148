package org.sallyport.spi;

import java.util.Set;
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
     * @throws org.sallyport.MalformedModuleException if the bytes do not follow the grammar
     * @throws org.sallyport.LimitExceededException if the module is larger than the limits allow
     */
    WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits);
}
