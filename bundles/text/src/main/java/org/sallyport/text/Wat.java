package org.sallyport.text;

import java.util.List;
import java.util.function.IntFunction;
import org.sallyport.MalformedModuleException;
import org.sallyport.TextFormatException;
import org.sallyport.text.parse.ModuleParser;
import org.sallyport.text.parse.Source;
import org.sallyport.text.print.ModulePrinter;
import org.sallyport.wasm.WasmModule;

/**
 * Modules in the text format (WebAssembly 3.0, chapter 6, with the threads, custom-page-sizes and wide-arithmetic
 * proposals). The result is the binary format; whether the module is valid is for the loader and the validator to say.
 * Stateless and thread-safe.
 */
public final class Wat {
    private Wat() {}

    /**
     * The binary form of a module.
     *
     * @param text {@code (module ...)}, or the fields alone
     * @throws TextFormatException if it is no module; says where and what was expected
     */
    public static byte[] compile(String text) {
        return compile(text, "text");
    }

    /** @param file name of the text for messages */
    public static byte[] compile(String text, String file) {
        return ModuleParser.compile(Source.of(file, text), WatOptions.DEFAULT);
    }

    /** @param utf8 the text; not changed */
    public static byte[] compile(byte[] utf8, String file, WatOptions options) {
        return ModuleParser.compile(new Source(file, utf8), options);
    }

    /**
     * As {@link #compile(byte[], String, WatOptions)}.
     *
     * @param places are told where each instruction is; nothing of a text that is in {@code binary} or {@code quote} form
     */
    public static byte[] compile(byte[] utf8, String file, WatOptions options, WatPlaces places) {
        return ModuleParser.compile(new Source(file, utf8), options, places);
    }

    /**
     * The text form of a decoded module, one instruction a line. It parses back to the same binary, up to what the text
     * cannot say, such as padded numbers; names become identifiers, which {@link WatOptions#withNames} turns into names
     * again.
     *
     * @throws MalformedModuleException if a body's instructions cannot be read
     */
    public static String print(WasmModule module) {
        return ModulePrinter.print(module);
    }

    /**
     * The instructions of functions, as {@link #print} writes them, with their places in the binary.
     *
     * @return by the number of a function among those that the module defines; throws {@link MalformedModuleException} where
     *     they cannot be read; not thread-safe
     */
    public static IntFunction<List<WatInstruction>> instructions(WasmModule module) {
        return ModulePrinter.instructions(module);
    }
}
