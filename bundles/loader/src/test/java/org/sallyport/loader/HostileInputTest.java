package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;
import com.sun.management.ThreadMXBean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.itests.support.Binary;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;

/** No more memory than the bytes deserve. */
class HostileInputTest {
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private final Loader loader = new BinaryLoader();

    private void load(byte[] bytes) {
        try {
            loader.load(bytes, ALL, LoadLimits.DEFAULT);
        } catch (MalformedModuleException | LimitExceededException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    /** Counts that promise four billion entries, in every section that has one. */
    @ParameterizedTest
    @ValueSource(strings = {
        "01 ffffffff0f", "01 014effffffff0f", "01 0160ffffffff0f", "01 015fffffffff0f", "01 0150ffffffff0f", "02 ffffffff0f",
        "03 ffffffff0f", "04 ffffffff0f", "05 ffffffff0f", "06 ffffffff0f", "07 ffffffff0f", "09 ffffffff0f",
        "09 010100ffffffff0f", "09 010570ffffffff0f", "0a ffffffff0f", "0a 0106ffffffff0f", "0b ffffffff0f", "0d ffffffff0f",
        "00 ffffffff0f", "00 046e616d6501ffffffff0f", "06 017f000effffffff0f", "06 017f001f40ffffffff0f"
    })
    void promisesAllocateNothing(String section) {
        int id = Integer.parseInt(section.substring(0, 2), 16);
        byte[] bytes = Binary.module().section(id, section.substring(3)).toBytes();
        load(bytes);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        load(bytes);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(256 << 10);
    }
}
