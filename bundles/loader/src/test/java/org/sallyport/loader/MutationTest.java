package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.itests.support.Binary;
import org.sallyport.itests.support.Mutator;
import org.sallyport.spi.Loader;
import org.sallyport.wasm.Feature;

/** Whatever the bytes: a module or one of the documented failures. */
class MutationTest {
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
            .toBytes();

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
        Mutator mutator = new Mutator(List.of(SEED), seed);
        for (int i = 0; i < 50; i++) {
            load(mutator.mutant());
        }
    }

    @Property(tries = 2000)
    void anyBytesBehindTheHeader(@ForAll @Size(max = 64) byte[] bytes) {
        load(Binary.join(Binary.module().toBytes(), bytes));
    }

    @Property(tries = 200)
    void everyPrefixEnds(@ForAll long seed) {
        int length = new Random(seed).nextInt(SEED.length);
        load(Arrays.copyOf(SEED, length));
    }
}
