package org.sallyport;

import org.sallyport.wasm.Printable;

/**
 * A place in the source of a guest, as its producer says: for people only. The texts are {@linkplain Printable printable}.
 *
 * @param function name of the function in the source, or the empty string if it is not known
 * @param file as the producer named it, with its directory where that is known
 * @param line from 1; 0 if it is not known
 * @param column from 1; 0 if it is not known
 */
public record SourcePosition(String function, String file, int line, int column) {
    public SourcePosition {
        function = Printable.name(function);
        file = Printable.name(file);
    }

    /** {@code file:line:column}, as compilers and editors write it. */
    @Override
    public String toString() {
        return line <= 0 ? file : file + ":" + line + (column <= 0 ? "" : ":" + column);
    }
}
