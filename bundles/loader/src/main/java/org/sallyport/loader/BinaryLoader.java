package org.sallyport.loader;

import java.util.Set;
import org.osgi.service.component.annotations.Component;
import org.sallyport.DebugFiles;
import org.sallyport.LoadLimits;
import org.sallyport.loader.dwarf.DwarfSources;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.SourceMap;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/** The loader as a service. Stateless. */
@Component
public final class BinaryLoader implements Loader {
    @Override
    public WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
        return new DecodeModule(binary, features, limits, budget).decode();
    }

    @Override
    public SourceMap sources(WasmModule module, DebugFiles files) {
        return DwarfSources.of(module, files);
    }

    @Override
    public ModuleDescription describe(byte[] binary, LoadLimits limits) {
        return new DescribeModule(binary, limits).describe();
    }
}
