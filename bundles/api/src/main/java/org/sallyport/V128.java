package org.sallyport;

/**
 * A {@code v128} value between host and guest.
 *
 * @param low bytes 0 to 7, little-endian
 * @param high bytes 8 to 15, little-endian
 */
public record V128(long low, long high) {
    public static final V128 ZERO = new V128(0, 0);

    /** The form of the text format: {@code i64x2 0x... 0x...}. */
    @Override
    public String toString() {
        return "i64x2 0x" + Long.toHexString(low) + " 0x" + Long.toHexString(high);
    }
}
