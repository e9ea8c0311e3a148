package org.sallyport.wasm;

/**
 * Size bounds of a memory (in pages) or table (in elements), WebAssembly 3.0, 2.3.13. Both are unsigned 64-bit numbers.
 *
 * @param max meaningful only where {@code hasMax}
 */
public record Limits(long min, boolean hasMax, long max) {

    public static Limits atLeast(long min) {
        return new Limits(min, false, 0);
    }

    public static Limits between(long min, long max) {
        return new Limits(min, true, max);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(min) + (hasMax ? " " + Long.toUnsignedString(max) : "");
    }
}
