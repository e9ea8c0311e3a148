package org.sallyport.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class WatPlacesTest {
    private static final String TEXT = """
            (module
              (import "m" "f" (func $f (param i32)))
              (global i32 (i32.const 7))
              (func (export "a") nop)
              (func (param i32) (result i32) (local i64)
                (if (result i32) (local.get 0)
                  (then (i32.add (local.get 0) (i32.const 1)))
                  (else (block $b (result i32) (br $b (i32.const 2)))))
                i32.const 3
                i32.mul
                loop
                  nop
                end))
            """;

    private final WatPlaces places = new WatPlaces();
    private final byte[] text = TEXT.getBytes(UTF_8);
    private final byte[] binary = Wat.compile(text, "test", WatOptions.DEFAULT, places);

    private String at(int offset) {
        int place = places.textOffset(binary, offset);
        return place < 0 ? "" : TEXT.substring(place).split("[\\s()]", 2)[0];
    }

    private int indexOf(int... bytes) {
        for (int i = binary.length - bytes.length; i >= 0; i--) {
            boolean same = true;
            for (int j = 0; j < bytes.length; j++) {
                same &= (binary[i + j] & 0xFF) == bytes[j];
            }
            if (same) {
                return i;
            }
        }
        throw new AssertionError("not in the binary");
    }

    /** In the order of the binary, which is not that of folded instructions. */
    @Test
    void eachInstructionLeadsToItsName() {
        int body = indexOf(1, 1, 0x7E, 0x20, 0x00, 0x04, 0x7F); // one local i64; local.get 0, if
        List<String> found = new ArrayList<>();
        for (int offset = body + 3; offset < binary.length; offset++) {
            String name = at(offset);
            if (found.isEmpty() || !found.getLast().equals(name)) {
                found.add(name);
            }
        }
        assertThat(found).containsExactly(
                "local.get", "if", "local.get", "i32.const", "i32.add", "else", "block", "i32.const", "br", "", "i32.const",
                "i32.mul", "loop", "nop", "end", "");
    }

    @Test
    void otherPlacesLeadNowhere() {
        assertThat(places.textOffset(binary, 0)).isEqualTo(-1);
        assertThat(places.textOffset(binary, indexOf(0x41, 7, 0x0B))).as("of a global").isEqualTo(-1);
        assertThat(places.textOffset(binary, binary.length)).isEqualTo(-1);
        assertThat(new WatPlaces().textOffset(new byte[8], 8)).isEqualTo(-1);
    }

    @Test
    void theBinaryIsTheSame() {
        assertThat(binary).isEqualTo(Wat.compile(TEXT));
    }

    @Test
    void quotedAndBinaryModulesHaveNoPlaces() {
        WatPlaces none = new WatPlaces();
        byte[] quoted = Wat.compile(
                "(module quote \"(func nop)\")".getBytes(UTF_8), "test", WatOptions.DEFAULT, none);
        assertThat(none.textOffset(quoted, quoted.length - 2)).isEqualTo(-1);
    }
}
