package org.sallyport.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FormTest {
    private static final int[][] NUMBERS = {
        {}, {0}, {-1}, {1, 2, 3, 200, 100, 70_000},
        {Integer.MIN_VALUE, Integer.MAX_VALUE, 0, Integer.MIN_VALUE, -1, 63, 64, 127, 128},
    };

    @Test
    void numbersAreReadAsTheyWereWritten() {
        FormWriter out = new FormWriter(0);
        for (int[] numbers : NUMBERS) {
            out.numbers(numbers).ascending(numbers);
        }
        byte[] bytes = out.toBytes();
        FormReader in = new FormReader(bytes, 0, bytes.length);
        for (int[] numbers : NUMBERS) {
            assertThat(in.numbers()).containsExactly(numbers);
            assertThat(in.ascending()).containsExactly(numbers);
        }
        in.end();
    }

    @Test
    void neighboursTakeOneByte() {
        assertThat(new FormWriter(0).ascending(new int[] {100, 227, 300}).toBytes()).hasSize(4 + 3);
        assertThat(new FormWriter(0).numbers(new int[] {-64, -1, -30}).toBytes()).hasSize(4 + 3);
    }

    @Test
    void numbersThatDoNotEndAreRefused() {
        byte[] endless = {1, 0, 0, 0, -1, -1, -1, -1, -1, -1};
        assertThatThrownBy(() -> new FormReader(endless, 0, endless.length).numbers())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FormReader(endless, 0, 7).numbers()).isInstanceOf(BufferUnderflowException.class);
        assertThatThrownBy(() -> new FormReader(endless, 0, 4).numbers()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsPackedIsReadAsItWasWritten() {
        Random random = new Random(7);
        for (int length : new int[] {0, 1, 2, 100, 1023, 1024, 1 << 16, 300_000}) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            for (byte[] contents : new byte[][] {noise, new byte[length]}) {
                byte[] bytes = packed(contents);
                FormReader in = new FormReader(bytes, 0, bytes.length);
                assertThat(in.packed().rest()).isEqualTo(contents);
                in.end();
            }
        }
        assertThat(packed(new byte[1 << 16])).hasSizeLessThan(1000);
    }

    @Test
    void wrongLengthsAreRefused() {
        byte[] bytes = packed("what is in it, in it, in it".getBytes());
        for (int at : new int[] {0, 4}) {
            for (int other : new int[] {bytes[at] - 1, bytes[at] + 1, 0, -1}) {
                byte[] wrong = Arrays.copyOf(bytes, bytes.length + 1);
                wrong[at] = (byte) other;
                assertThatThrownBy(() -> new FormReader(wrong, 0, wrong.length).packed())
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
        byte[] huge = bytes.clone();
        huge[3] = 0x7F;
        assertThatThrownBy(() -> new FormReader(huge, 0, huge.length).packed()).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] packed(byte[] contents) {
        return new FormWriter(0).packed(new FormWriter(contents.length).raw(contents)).toBytes();
    }
}
