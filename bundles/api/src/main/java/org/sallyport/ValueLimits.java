package org.sallyport;

/**
 * How much a guest may hand over to Java as strings, arrays, lists and records. {@linkplain Store#attach Attached} to a store
 * before its first instance is bound; a store without has {@link #DEFAULT}. In values of several parts, each part that is an
 * object in Java counts 32 bytes besides its own. More ends the call with a {@link LimitExceededException}.
 *
 * @param valueBytes of one value
 * @param callBytes of all values in one call of a method of a bound interface, to the end of the outermost
 */
public record ValueLimits(int valueBytes, long callBytes) {
    /** 16 MiB, and 256 MiB in a call. */
    public static final ValueLimits DEFAULT = new ValueLimits(16 << 20, 256L << 20);

    public ValueLimits {
        if (valueBytes < 0 || callBytes < 0) {
            throw new IllegalArgumentException("negative limit: " + valueBytes + ", " + callBytes);
        }
    }
}
