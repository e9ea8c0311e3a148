package org.sallyport.engine.code;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.sallyport.spi.CompiledModule;

/**
 * Tells the profiler {@code perf} what our machine code is: a line of address, size and name per function in
 * {@code perf-PID.map} below {@code /tmp}, where {@code perf report} looks for it. Only with the system property
 * {@code sallyport.perfMap=true}; names come from modules, so what is not printable in them is replaced.
 */
final class PerfMap {
    private static final boolean ON = Boolean.getBoolean("sallyport.perfMap");

    private PerfMap() {}

    /** Called once the code is mapped. Failures to write are ignored: this is a diagnostic. */
    static void add(CodeSpace.Mapping mapping) {
        if (!ON) {
            return;
        }
        CodeOwner module = mapping.module();
        CompiledModule code = mapping.code();
        int first = module.spaces().importedFuncs() + mapping.firstFunction();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < code.functionCount(); i++) {
            int size = code.functionEnd(i) - code.functionStart(i);
            String name = module.name() + '.' + module.functionName(first + i);
            lines.append(Long.toHexString(mapping.base() + code.functionStart(i))).append(' ')
                    .append(Integer.toHexString(size)).append(' ')
                    .append(name.replaceAll("[^\\x21-\\x7e]", "_")).append('\n');
        }
        write(lines);
    }

    private static synchronized void write(CharSequence lines) {
        Path file = Path.of("/tmp", "perf-" + ProcessHandle.current().pid() + ".map");
        try {
            Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            // no profile then
        }
    }
}
