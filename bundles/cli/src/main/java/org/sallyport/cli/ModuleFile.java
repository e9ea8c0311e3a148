package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.sallyport.ArtefactKey;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/**
 * A file that holds a module: binary, text, or a compiled artefact. Told apart by their contents, not by their names.
 *
 * @param name as given on the command line; {@code -} is standard input
 */
record ModuleFile(String name, byte[] bytes) {

    private static final int SHOWN = 40;
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};
    /** A component begins with the same magic, and has a version and a layer of its own (component model, Binary.md). */
    private static final byte[] COMPONENT = {0, 'a', 's', 'm', 13, 0, 1, 0};

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
        if (looksLikeText()) {
            return Kind.TEXT;
        }
        if (bytes.length == 0) {
            throw new FailureException(name + ": is empty");
        }
        if (startsWith(COMPONENT)) {
            throw new FailureException(name + ": is a component; only core modules can be used, such as those inside of it");
        }
        if (startsWith(MAGIC) || bytes.length < MAGIC.length && Arrays.mismatch(bytes, MAGIC) == bytes.length) {
            return Kind.BINARY;
        }
        throw new FailureException(name + ": is no WebAssembly; it begins with " + beginning()
                + "\n  expected the binary format (\\0asm), the text format (a parenthesis) or what \"sallyport compile\" wrote"
                + "\n  Source code of another language must be compiled to WebAssembly first.");
    }

    private boolean startsWith(byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** The first line as far as it is text, else the first bytes. */
    private String beginning() {
        int text = 0;
        while (text < Math.min(bytes.length, SHOWN) && bytes[text] >= ' ' && bytes[text] <= '~') {
            text++;
        }
        return text > 1
                ? "\"" + new String(bytes, 0, text, StandardCharsets.US_ASCII) + "\""
                : "the bytes " + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(bytes.length, 16));
    }

    /** The first character that is no white space begins an expression or a comment. */
    private boolean looksLikeText() {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return b == '(' || b == ';';
            }
        }
        return false;
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
