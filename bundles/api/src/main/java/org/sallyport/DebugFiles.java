package org.sallyport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where debug information lies that is not in the module itself: files that it names (section {@code external_debug_info},
 * {@code .dwo} files of split DWARF) and a {@code .dwp} package of them. Asked when a source position is wanted, by the thread
 * that wants it. The names are the module's own word: an implementation decides which files it may name.
 */
@FunctionalInterface
public interface DebugFiles {
    /** There are none. */
    DebugFiles NONE = new DebugFiles() {
        @Override
        public byte @Nullable [] read(String name) {
            return null;
        }
    };

    /** The name under which the package of all {@code .dwo} files is asked for. */
    String PACKAGE = ".dwp";

    /**
     * The contents of a file.
     *
     * @param name as the module has it, often a path on the machine that it was built on; or {@link #PACKAGE}
     * @return null if there is none, or if the module may not name it
     * @throws IOException as if there were none
     */
    byte @Nullable [] read(String name) throws IOException;
}
