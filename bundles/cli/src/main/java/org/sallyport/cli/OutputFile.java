package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What a subcommand makes: a file, or {@code -} for standard output. */
final class OutputFile {
    private OutputFile() {}

    /**
     * Whole or not at all, if it is a regular file or none yet.
     *
     * @param name as {@link HostText}
     */
    static void write(String name, byte[] contents, Streams streams) throws IOException {
        if (name.equals("-")) {
            streams.out().write(contents);
            return;
        }
        try {
            write(HostPath.of(name), contents);
        } catch (IOException e) {
            throw e instanceof NoSuchFileException f ? Failures.named(f.getFile(), e) : Failures.named(name, e);
        }
    }

    private static void write(Path output, byte[] contents) throws IOException {
        if (Files.isDirectory(output)) {
            throw new FileSystemException(output.toString(), null, "is a directory");
        }
        if (Files.exists(output) && !Files.isRegularFile(output)) {
            Files.write(output, contents); // a device or a pipe
            return;
        }
        Path folder = output.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        Path draft = output.resolveSibling(output.getFileName() + ".new");
        try {
            Files.write(draft, contents);
            Files.move(draft, output, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
