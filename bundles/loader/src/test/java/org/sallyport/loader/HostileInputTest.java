package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.LimitExceededException;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;

/** Whatever the bytes: a module or one of the documented failures, and no more memory than the bytes deserve. */
class HostileInputTest {
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);
    private static final byte[] SEED = Binary.module()
            .section(1, "03 60017f017e 600000 4e02 50005f02 7801 6b00 4f0100 5e 640200")
            .section(2, "05 0161 0162 00 00  0161 00 01 70 01 02 03  00 00 02 05 01 02  00 00 03 7f 01  00 00 04 00 01")
            .section(3, "02 00 01")
            .section(4, "02 70 00 05  4000 6470 00 03 d2000b")
            .section(5, "01 00 01")
            .section(13, "01 00 01")
            .section(6, "01 7f00 4100 0b")
            .section(7, "02 0166 00 00 016d 02 00")
            .section(8, "02")
            .section(9, "03 00 41000b 02 00 01 01 00 01 01 05 6f 01 d06f0b")
            .section(12, "02")
            .section(10, "02 04 00 42 00 0b 06 01 05 7f 01 01 0b")
            .section(11, "02 00 41000b 02 aabb 01 00")
            .custom("name", "00 02 016d 01 07 02 00 0166 01 0167")
            .bytes();

    private final Loader loader = new BinaryLoader();

    /** Whether it is a module. */
    private boolean load(byte[] bytes) {
        try {
            loader.load(bytes, ALL, LoadLimits.DEFAULT);
            return true;
        } catch (MalformedModuleException | LimitExceededException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    @Property(tries = 300)
    void mutationsOfAModule(@ForAll long seed) {
        assertThat(load(SEED)).isTrue();
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = SEED.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int at = 8 + random.nextInt(bytes.length - 8);
                bytes[at] = switch (random.nextInt(3)) {
                    case 0 -> (byte) random.nextInt();
                    case 1 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                    default -> bytes[8 + random.nextInt(bytes.length - 8)];
                };
            }
            load(bytes);
        }
    }

    @Property(tries = 2000)
    void anyBytesBehindTheHeader(@ForAll @Size(max = 64) byte[] bytes) {
        load(Binary.join(Binary.module().bytes(), bytes));
    }

    @Property(tries = 200)
    void everyPrefixEnds(@ForAll long seed) {
        int length = new Random(seed).nextInt(SEED.length);
        load(java.util.Arrays.copyOf(SEED, length));
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
        byte[] bytes = Binary.module().section(id, section.substring(3)).bytes();
        load(bytes);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        load(bytes);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(256 << 10);
    }
}
