package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

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

    Kind kind() {
        if (startsWith(new byte[] {0, 'a', 's', 'm'})) {
            return Kind.BINARY;
        }
        if (startsWith(ArtefactFile.MAGIC)) {
            return Kind.ARTEFACT;
        }
        return looksLikeText() ? Kind.TEXT : Kind.BINARY;
    }

    private boolean startsWith(byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
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

    Module compile(Engine engine) throws IOException {
        if (kind() == Kind.ARTEFACT) {
            return engine.deserialize(ArtefactFile.contents(bytes), KeyFile.ofUser().read());
        }
        return engine.compile(binary(), shortName());
    }
}
