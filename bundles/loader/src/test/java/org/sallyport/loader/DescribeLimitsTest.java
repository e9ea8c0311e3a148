package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.ModuleDescription.Fault;
import org.sallyport.wasm.WasmModule;

/** A description is not larger than the binary deserves, whatever its sections claim. */
class DescribeLimitsTest {
    private static final int N = 10_000;
    /** The first of each known kind may come on top of the limit. */
    private static final int MAX_SECTIONS = DescribeModule.MAX_SECTIONS + Section.values().length;
    /** Transient ones, too. */
    private static final int HEAP_PER_BYTE = 200;

    private static final int HEAP_FOR_LISTS = 8 << 20;

    private static byte[] repeated(String hex, int n) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HexFormat.of().parseHex("0061736d01000000"));
        byte[] section = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (int i = 0; i < n; i++) {
            out.writeBytes(section);
        }
        return out.toByteArray();
    }

    private static ModuleDescription describe(byte[] bytes) {
        return new BinaryLoader().describe(bytes, LoadLimits.DEFAULT);
    }

    private static long entries(ModuleDescription description) {
        WasmModule found = description.found();
        return (long) found.types().size()
                + found.imports().size()
                + found.functions().length
                + found.tables().size()
                + found.memories().size()
                + found.tags().size()
                + found.globals().size()
                + found.exports().size()
                + found.elements().size()
                + found.data().size()
                + found.bodies().size()
                + found.customSections().size();
    }

    /**
     * Many sections of one kind: ones that are entries of the section before them, as the first case; ones that end too
     * early; whole ones; empty ones; custom ones; unknown ones.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "07 08 c3840002 6263 0000", "07 08 c384 3c02 6263 0000", "02 08 c384 0002 6263 0000", "06 05 8201 7f00 01",
        "06 03 01 7f00", "09 03 01 0041", "01 02 8701", "01 04 01 600000", "03 03 02 0000", "04 04 01 700000",
        "05 03 01 0001", "0d 03 01 0000", "0a 05 01 030001 0b", "0a 02 8201", "0b 04 01 01 01 61", "01 00", "0a 00", "00 00",
        "00 01 00", "00 02 01 61", "0e 00", "7f 00"
    })
    void entriesAndHeapFollowTheBytes(String section) {
        describe(repeated(section, 10));
        for (int n : new int[] {N, 2 * N}) {
            byte[] bytes = repeated(section, n);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            ModuleDescription description = describe(bytes);
            long heap = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(heap).isLessThan(HEAP_FOR_LISTS + (long) HEAP_PER_BYTE * bytes.length);
            assertThat(entries(description)).isLessThan(MAX_SECTIONS + 10);
            assertThat(description.sections()).hasSizeLessThanOrEqualTo(MAX_SECTIONS);
            assertThat(description.faults()).hasSizeLessThanOrEqualTo(DescribeModule.MAX_FAULTS + 2);
            assertThat(description.faults().getFirst().what())
                    .isEqualTo(n - description.sections().size() + " more sections are neither listed nor read");
        }
    }

    /** In one section, too, there is one fault for each function. */
    @Test
    void faultsAreListedUpToALimit() {
        String body = "0300ff0b";
        String section = "0a c2b802 904e" + body.repeat(N); // 40 002 bytes, 10 000 bodies
        ModuleDescription description = describe(repeated(section, 1));
        assertThat(description.found().bodies()).hasSize(N);
        assertThat(description.faults()).hasSize(DescribeModule.MAX_FAULTS + 1);
        assertThat(description.faults().getFirst().what())
                .isEqualTo(N - DescribeModule.MAX_FAULTS + " more faults are not listed");
    }

    @Test
    void aSectionIsReadWithinItsEndOnly() {
        ModuleDescription description = describe(repeated("07 05 02 01 61 00 00", 2));
        assertThat(description.found().exports()).hasSize(1);
        assertThat(description.sections()).hasSize(2);
        assertThat(description.faults().stream().map(Fault::what))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("unexpected end");
        assertThat(description.faults().getLast().what()).endsWith("export section, not read again");
    }

    @Test
    void knownSectionsBehindManyOthersAreRead() {
        byte[] customs = repeated("00 02 01 61", N);
        byte[] both = Arrays.copyOf(customs, customs.length + 7);
        System.arraycopy(HexFormat.of().parseHex("07050101610000"), 0, both, customs.length, 7);
        ModuleDescription description = describe(both);
        assertThat(description.found().exports()).hasSize(1);
        assertThat(description.sections().getLast().name()).isEqualTo("export");
    }

    @Test
    void limitsHoldForAllSectionsOfAKind() {
        LoadLimits limits = LoadLimits.DEFAULT.with(Limit.EXPORTS, 1);
        WasmModule found = new BinaryLoader().describe(repeated("07 05 01 01 61 00 00", 3), limits).found();
        assertThat(found.exports()).hasSize(1);
    }
}
