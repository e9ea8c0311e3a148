package org.sallyport.text;

import java.util.Set;
import org.sallyport.DebugFiles;
import org.sallyport.LoadLimits;
import org.sallyport.TextFormatException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.SourceMap;
import org.sallyport.text.parse.ModuleParser;
import org.sallyport.text.parse.Source;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * A loader that reads text as well: what does not begin as a binary is taken for UTF-8 text, whose identifiers become
 * names. For tools; an engine's own loader should not guess. Thread-safe.
 */
public final class TextLoader implements Loader {
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    private final Loader binaries;

    /** @param binaries reads the binary form */
    public TextLoader(Loader binaries) {
        this.binaries = binaries;
    }

    /** Whether the bytes begin as the binary format does, right or wrong after that. */
    public static boolean isBinary(byte[] bytes) {
        int length = Math.min(MAGIC.length, bytes.length);
        return java.util.Arrays.equals(bytes, 0, length, MAGIC, 0, length) && length > 0;
    }

    /** The bytes themselves if they are a binary, else the binary form of the text. */
    public static byte[] toBinary(byte[] bytes, String file, WatOptions options) {
        return isBinary(bytes) ? bytes : ModuleParser.compile(new Source(file, bytes), options);
    }

    /** @throws TextFormatException if the bytes are neither a binary nor a text */
    @Override
    public WasmModule load(byte[] bytes, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
        WatOptions options = WatOptions.DEFAULT.withNames(true).withFeatures(features);
        return binaries.load(toBinary(bytes, "module", options), features, limits, budget);
    }

    @Override
    public SourceMap sources(WasmModule module, DebugFiles files) {
        return binaries.sources(module, files);
    }

    /** @throws TextFormatException if the bytes are neither a binary nor a text */
    @Override
    public ModuleDescription describe(byte[] bytes, LoadLimits limits) {
        return binaries.describe(toBinary(bytes, "module", WatOptions.DEFAULT.withNames(true)), limits);
    }
}
