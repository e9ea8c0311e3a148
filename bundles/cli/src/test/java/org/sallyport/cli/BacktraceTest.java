package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.GuestFrame;

class BacktraceTest {
    private static List<GuestFrame> frames(String letters) {
        List<GuestFrame> frames = new ArrayList<>();
        letters.chars().forEach(c -> frames.add(new GuestFrame("m", c, Character.toString(c), 1)));
        return frames;
    }

    private static String folded(String letters) {
        return String.join(",", Backtrace.folded(frames(letters))).replace("at m!", "").replace(" @ 0x1", "");
    }

    @Test
    void repeatedFramesAreCounted() {
        assertThat(folded("f".repeat(64))).isEqualTo("f,f,f,… 61 more of the same");
        assertThat(folded("x" + "f".repeat(60) + "abc")).isEqualTo("x,f,f,f,… 57 more of the same,a,b,c");
        assertThat(folded("ab".repeat(10) + "a")).isEqualTo("a,b,a,b,a,b,… 14 more of the same 2,a");
        assertThat(folded("f".repeat(10) + "g".repeat(10)))
                .isEqualTo("f,f,f,… 7 more of the same,g,g,g,… 7 more of the same");
    }

    @Test
    void othersStayAsTheyAre() {
        for (String letters : List.of("", "a", "abc", "fff", "ffff", "abab", "abcabcabc", "aab")) {
            assertThat(folded(letters)).isEqualTo(String.join(",", letters.split("")));
        }
    }
}
