package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.sallyport.DebugFiles;

/**
 * Debug information beside a module: of the names that the module has for it, only the last part counts, so that it names no
 * file elsewhere. A package is {@code MODULE.dwp}, with or without the module's own ending.
 */
final class DebugFolder implements DebugFiles {
    private static final long LARGEST = 1L << 30;

    private final Path module;

    DebugFolder(Path module) {
        this.module = module;
    }

    /** Of a module in a file; there is nothing beside standard input. */
    static DebugFiles of(String name) {
        return name.equals("-") ? NONE : new DebugFolder(HostPath.of(name));
    }

    @Override
    public byte @Nullable [] read(String name) throws IOException {
        String own = String.valueOf(module.getFileName());
        if (!name.equals(PACKAGE)) {
            String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
            boolean isName = !last.isEmpty() && !last.equals(".") && !last.equals("..") && last.indexOf('\0') < 0;
            return isName ? contents(last) : null;
        }
        byte[] whole = contents(own + PACKAGE);
        int dot = own.lastIndexOf('.');
        return whole != null || dot <= 0 ? whole : contents(own.substring(0, dot) + PACKAGE);
    }

    private byte @Nullable [] contents(String name) throws IOException {
        Path file = module.resolveSibling(name);
        return Files.isRegularFile(file) && Files.size(file) <= LARGEST ? Files.readAllBytes(file) : null;
    }
}
