package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GuestPathTest {

    @Test
    void emptyNamesAndDotsAreLeftOut() throws Exception {
        assertThat(GuestPath.parse("a//b/./c")).isEqualTo(new GuestPath(List.of("a", "b", "c"), false, "c"));
        assertThat(GuestPath.parse("a/../b")).isEqualTo(new GuestPath(List.of("a", "..", "b"), false, "b"));
        assertThat(GuestPath.parse("a/")).isEqualTo(new GuestPath(List.of("a"), true, "a"));
        assertThat(GuestPath.parse("a/.")).isEqualTo(new GuestPath(List.of("a"), true, "."));
        assertThat(GuestPath.parse("..")).isEqualTo(new GuestPath(List.of(".."), true, ".."));
        assertThat(GuestPath.parse(".")).isEqualTo(new GuestPath(List.of(), true, "."));
    }

    @Test
    void refusesWhatIsNoRelativePath() {
        refuses("", Errno.NOENT);
        refuses("/a", Errno.NOTCAPABLE);
        refuses("a\0", Errno.INVAL);
        refuses("ä".repeat(128), Errno.NAMETOOLONG);
        refuses("a/".repeat(2049), Errno.NAMETOOLONG);
    }

    private static void refuses(String path, Errno errno) {
        assertThatThrownBy(() -> GuestPath.parse(path))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
