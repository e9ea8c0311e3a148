package org.sallyport.validator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.sallyport.itests.support.Mutator;

/** Whatever becomes of a module's bytes: it is valid, or the failure is a documented one. */
class MutationTest {
    private static final TestModule SEED = new TestModule()
            .section(1, "06 600000 60017f017f 5f027f007801 5e7e00 5e640201 60017f027f7f")
            .section(2, "01 0161 0162 00 01")
            .section(3, "04 00 01 00 05")
            .section(4, "02 70 00 05 4000 63 02 00 03 d0020b")
            .section(5, "01 01 01 02")
            .section(13, "01 00 00")
            .section(6, "03 7f00 41000b 7f01 230041016a 0b 640200 4101 4102 fb00020b")
            .section(7, "01 0166 00 01")
            .section(9, "03 00 41000b 02 00 01  01 00 01 02  05 6302 01 d0020b")
            .section(12, "01")
            .body("02 017f 016302",
                    "block 0x7f", "i32.const 1", "local.tee 0", "local.get 0", "br_if 0", "local.get 0", "i32.load8_u 0 4",
                    "if 0x7f", "i32.const 2", "else", "i32.const 3", "end", "i32.add", "end", "drop",
                    "loop 0x40", "local.get 0", "br_if 0", "end",
                    "i32.const 0", "i32.const 0", "struct.new 2", "local.set 1", "local.get 1", "struct.get_u 2 1", "drop",
                    "try_table 0x40 1 0 0 0", "throw 0", "end",
                    "try 0x40", "try 0x40", "delegate 0", "catch 0", "rethrow 0", "catch_all", "end")
            .body("00", "local.get 0", "call 0", "i32.const 3", "call_indirect 1 0")
            .body("00", "i64.const 7", "i32.const 4", "array.new 3", "ref.cast 3", "array.len", "drop",
                    "i32.const 0", "i32.const 0", "i32.const 0", "memory.init 0 0", "ref.func 1", "call_ref 0")
            .body("00", "local.get 0", "i8x16.splat", "i8x16.extract_lane_s 15", "local.get 0", "return_call 4")
            .section(11, "01 00 41000b 02 aabb");

    @Property(tries = 300)
    void mutationsOfAModule(@ForAll long seed) {
        byte[] original = SEED.bytes();
        assertThat(TestModule.outcome(original, Runnable::run)).isEqualTo("valid");
        Mutator mutator = new Mutator(List.of(original), seed);
        for (int i = 0; i < 50; i++) {
            assertThat(TestModule.outcome(mutator.mutant(), Runnable::run)).isNotBlank();
        }
    }
}
