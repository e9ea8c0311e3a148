package org.sallyport.codegen.x64;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The extensions that emitted code may use. The baseline is x86-64-v2 (SSE4.1, POPCNT); what is here makes code better.
 *
 * @param avx three-operand forms of float and vector instructions, operands in memory at any address
 * @param avx2 broadcasts from registers
 * @param fma fused multiplication and addition
 * @param bmi1 ANDN, BLSR, BLSI, BLSMSK, TZCNT
 * @param bmi2 shifts without flags, RORX
 * @param lzcnt LZCNT
 */
public record CpuFeatures(boolean avx, boolean avx2, boolean fma, boolean bmi1, boolean bmi2, boolean lzcnt) {
    public static final CpuFeatures BASELINE = new CpuFeatures(false, false, false, false, false, false);
    public static final CpuFeatures ALL = new CpuFeatures(true, true, true, true, true, true);

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final List<String> REQUIRED = List.of("sse4_1", "popcnt");

    /**
     * System property that restricts what {@link #detect} finds: the names to keep, such as {@code avx,bmi1}, or
     * {@code none}. Without AVX there is neither AVX2 nor FMA.
     */
    public static final String RESTRICTION = "sallyport.cpu";

    /**
     * Features of the machine that this runs on; the baseline where they cannot be read. Machines that share compiled
     * artefacts are given the features that all of them have ({@link #RESTRICTION}).
     */
    public static CpuFeatures detect() {
        Set<String> flags = flags();
        String restriction = System.getProperty(RESTRICTION);
        Set<String> kept = restriction == null
                ? Set.of("avx", "avx2", "fma", "bmi1", "bmi2", "lzcnt")
                : Set.copyOf(Arrays.asList(restriction.split(",")));
        boolean avx = flags.contains("avx") && kept.contains("avx");
        return new CpuFeatures(
                avx,
                avx && flags.contains("avx2") && kept.contains("avx2"),
                avx && flags.contains("fma") && kept.contains("fma"),
                flags.contains("bmi1") && kept.contains("bmi1"),
                flags.contains("bmi2") && kept.contains("bmi2"),
                flags.contains("abm") && kept.contains("lzcnt"));
    }

    /** Whether this machine has the baseline. */
    public static boolean hasBaseline() {
        return flags().containsAll(REQUIRED);
    }

    private static Set<String> flags() {
        if (!Files.isReadable(CPUINFO)) {
            return Set.of();
        }
        try (Stream<String> lines = Files.lines(CPUINFO)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .<Set<String>>map(line -> new HashSet<>(Arrays.asList(line.split(" "))))
                    .orElse(Set.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code v2+avx+bmi2}. */
    @Override
    public String toString() {
        return "v2" + (avx ? "+avx" : "") + (avx2 ? "+avx2" : "") + (fma ? "+fma" : "")
                + (bmi1 ? "+bmi1" : "") + (bmi2 ? "+bmi2" : "") + (lzcnt ? "+lzcnt" : "");
    }
}
