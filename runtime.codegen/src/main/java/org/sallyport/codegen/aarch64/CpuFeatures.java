package org.sallyport.codegen.aarch64;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The extensions that emitted code may use. The baseline is Armv8.0-A.
 *
 * @param lse atomic accesses in one instruction (FEAT_LSE)
 */
public record CpuFeatures(boolean lse) {
    public static final CpuFeatures BASELINE = new CpuFeatures(false);
    public static final CpuFeatures ALL = new CpuFeatures(true);

    /** The kernel's word on the processor: pairs of a type and a value, 8 bytes each. */
    private static final Path AUXILIARY_VECTOR = Path.of("/proc/self/auxv");

    private static final int AT_HWCAP = 16;
    private static final long HWCAP_ATOMICS = 1 << 8;

    /** System property that restricts what {@link #detect} finds: the names to keep, {@code lse}, or {@code none}. */
    public static final String RESTRICTION = "sallyport.cpu";

    /** Features of the machine that this runs on; the baseline where they cannot be read. */
    public static CpuFeatures detect() {
        String restriction = System.getProperty(RESTRICTION);
        return new CpuFeatures((capabilities() & HWCAP_ATOMICS) != 0 && (restriction == null || restriction.equals("lse")));
    }

    private static long capabilities() {
        if (!Files.isReadable(AUXILIARY_VECTOR)) {
            return 0;
        }
        try {
            ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(AUXILIARY_VECTOR)).order(ByteOrder.LITTLE_ENDIAN);
            while (words.remaining() >= 16) {
                long type = words.getLong();
                long value = words.getLong();
                if (type == AT_HWCAP) {
                    return value;
                }
            }
        } catch (IOException e) {
            return 0; // then it has what all have
        }
        return 0;
    }

    /** {@code v8.0+lse}. */
    @Override
    public String toString() {
        return "v8.0" + (lse ? "+lse" : "");
    }
}
