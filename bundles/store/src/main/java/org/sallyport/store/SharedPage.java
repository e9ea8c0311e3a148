package org.sallyport.store;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.ProcessPage;

/**
 * Finds the {@link ProcessPage}, or makes it. It is a file in memory with a name, mapped once. Copies of Sallyport in
 * other class loaders find it where the kernel lists the mappings of the process: no code in the JVM can lose it, or
 * take it to a process where it is not true, as would happen with a system property
 * (docs/decisions/process-page.md).
 */
final class SharedPage {
    private static final String MAPS = "/proc/self/maps";
    /** How the kernel ends the line of such a mapping; nobody holds the file open. */
    private static final String LINE_END = "/memfd:" + ProcessPage.NAME + " (deleted)";

    /** Found once for a class loader: the page stays where it is. */
    private static volatile @Nullable ProcessPage known;

    private SharedPage() {}

    static ProcessPage of(LinuxMemory memory) {
        ProcessPage page = known;
        if (page == null) {
            synchronized (ProcessPage.LOCK) {
                page = known;
                if (page == null) {
                    page = findOrMake(memory);
                    known = page;
                }
            }
        }
        return page;
    }

    private static ProcessPage findOrMake(LinuxMemory memory) {
        boolean findable = true;
        try (BufferedReader maps = new BufferedReader(new FileReader(MAPS, StandardCharsets.ISO_8859_1))) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                long address = addressIn(line);
                if (address != 0 && ProcessPage.isAt(address)) {
                    return ProcessPage.at(address);
                }
            }
        } catch (IOException e) {
            findable = false;
        }
        long address = findable ? memory.mapForEver(ProcessPage.NAME, ProcessPage.SIZE) : -1;
        if (address < 0) {
            address = memory.mapForEver(ProcessPage.SIZE);
        }
        if (address < 0) {
            throw new LimitExceededException(
                    "memory bytes", ProcessPage.SIZE, 0, "the operating system: mmap failed with errno " + -address);
        }
        return ProcessPage.create(address);
    }

    /** Where the mapping of a line begins, or 0 if it is not that of a page (proc(5): range, rights, offset, …, path). */
    static long addressIn(String line) {
        if (!line.endsWith(LINE_END)) {
            return 0;
        }
        String[] words = line.split(" ", 4);
        return words[1].equals("rw-s") && Long.parseUnsignedLong(words[2], 16) == 0
                ? Long.parseUnsignedLong(words[0], 0, words[0].indexOf('-'), 16)
                : 0;
    }
}
