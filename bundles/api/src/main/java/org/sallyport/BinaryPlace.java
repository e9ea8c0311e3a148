package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/**
 * A place in a module's binary.
 *
 * @param section name of the section, such as {@code import}; {@code module} outside of sections
 * @param entry index of the entry in the section, or -1; in the code section the function's index (imports come first)
 * @param name of the entry where it has one (functions from the name section, imports, exports), as the module has it;
 *     printable in the text
 * @param offset in bytes from the start of the binary, or -1
 */
public record BinaryPlace(String section, int entry, @Nullable String name, int offset) {

    /** {@code code[12] ($parse) at 0x1a4}. */
    @Override
    public String toString() {
        return section
                + (entry < 0 ? "" : "[" + entry + "]")
                + (name == null ? "" : " (" + Printable.name(name) + ")")
                + (offset < 0 ? "" : " at 0x" + Integer.toHexString(offset));
    }
}
