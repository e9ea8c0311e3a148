package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.sallyport.ArtefactKey;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.ModuleForm;

/**
 * A file that holds a module: binary, text, or a compiled artefact. Told apart by their contents, not by their names.
 *
 * @param name as given on the command line; {@code -} is standard input
 */
record ModuleFile(String name, byte[] bytes) {

    /** What a file holds. */
    enum Kind {
        BINARY,
        TEXT,
        ARTEFACT
    }

    static ModuleFile read(String name, Streams streams) throws IOException {
        if (name.equals("-")) {
            return new ModuleFile("standard input", streams.in().readAllBytes());
        }
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
            throw new FailureException(name + ": is a directory");
        }
        return new ModuleFile(name, Files.readAllBytes(path));
    }

    /** @throws FailureException if it holds none of them; says what it seems to hold */
    Kind kind() {
        if (startsWith(ArtefactFile.MAGIC)) {
            return Kind.ARTEFACT;
        }
        return switch (ModuleForm.of(bytes)) {
            case BINARY -> Kind.BINARY;
            case TEXT -> Kind.TEXT;
            case EMPTY, COMPONENT -> throw new FailureException(name + ": " + ModuleForm.describe(bytes));
            case OTHER -> throw new FailureException(name + ": " + ModuleForm.describe(bytes)
                    + "\n  expected the binary format (\\0asm), the text format (a parenthesis) or what"
                    + " \"sallyport compile\" wrote"
                    + "\n  Source code of another language must be compiled to WebAssembly first.");
        };
    }

    private boolean startsWith(byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** The last part of the name, for messages and backtraces of a module that does not name itself. */
    String shortName() {
        return name.substring(name.replace('\\', '/').lastIndexOf('/') + 1);
    }

    /** The binary format, from whatever the file holds. Identifiers of a text become names. */
    byte[] binary() {
        return switch (kind()) {
            case TEXT -> Wat.compile(bytes, name, WatOptions.DEFAULT.withNames(true));
            case BINARY -> bytes;
            case ARTEFACT -> throw new FailureException(name + ": is a compiled artefact; it can only be run");
        };
    }

    /** @throws FailureException names the file and says what is wrong with the module */
    Module compile(Engine engine) throws IOException {
        if (kind() == Kind.ARTEFACT) {
            ArtefactKey key = KeyFile.ofUser().read();
            return named(() -> engine.deserialize(ArtefactFile.contents(bytes), key));
        }
        byte[] binary = binary();
        return named(() -> engine.compile(binary, shortName()));
    }

    /** Has what fails on account of the module name its file, as the parser of the text format does by itself. */
    <T> T named(Supplier<T> work) {
        try {
            return work.get();
        } catch (SallyportException e) {
            throw new FailureException(name + ": " + e.getMessage(), e);
        }
    }
}
