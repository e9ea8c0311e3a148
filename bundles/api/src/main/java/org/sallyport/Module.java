package org.sallyport;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.SourceMap;
import org.sallyport.spi.ValidModule;

/**
 * A compiled module: immutable, shared by any number of stores and threads. Closing it while instances exist is
 * allowed: its code stays until the last store that uses it is closed.
 */
public interface Module extends AutoCloseable {
    /**
     * The name from the name section, or the one given to {@link Engine#compile(byte[], String)}; made {@linkplain
     * org.sallyport.wasm.Printable printable}.
     */
    String name();

    /** In the order of the module. */
    List<ImportType> imports();

    /** In the order of the module. */
    List<ExportType> exports();

    /** Contents of the first custom section of that name (a copy), or null. */
    byte @Nullable [] customSection(String name);

    /**
     * Where source positions of backtraces ({@link GuestFrame#sources}) come from that are not in the module itself. Without
     * it no file is read, whatever the module names. For the traps that follow.
     */
    void setDebugFiles(DebugFiles files);

    /** Finds the source of the module's instructions, for tools; by the debug information in it, or in {@link #setDebugFiles}. */
    SourceMap sources();

    /** The decoded and validated module, for tools. */
    ValidModule validModule();

    /**
     * The machine code with its tables, for tools: always that of the whole module. Where it is not compiled yet
     * ({@link Compilation}), this thread does it, or waits for those that do so in the background; calls run that code from
     * then on.
     *
     * @throws UnsupportedOperationException if guests of the engine are no machine code
     * @throws CompilationException as {@link Engine#compile}
     * @throws LimitExceededException as {@link Engine#compile}
     */
    CompiledModule compiledModule();

    /**
     * Has everything compiled that is not yet ({@link Compilation}), by this thread, or waits for those that do so in the
     * background: no call has to compile anything afterwards. Does nothing where there is nothing to be done.
     *
     * @throws CompilationException as {@link Engine#compile}
     * @throws LimitExceededException as {@link Engine#compile}
     */
    void compileAll();

    /**
     * An artefact for {@link Engine#deserialize}: the module with its machine code, authenticated with the key.
     *
     * @throws CompilationException as {@link #compiledModule}
     * @throws LimitExceededException as {@link #compiledModule}
     */
    byte[] serialize(ArtefactKey key);

    @Override
    void close();
}
