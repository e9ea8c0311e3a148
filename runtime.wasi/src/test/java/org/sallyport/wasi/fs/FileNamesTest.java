package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FileNamesTest {

    @Test
    void namesThatMeanSomethingElseOnWindowsAreRecognized() {
        for (String name : List.of(
                "CON", "con", "Nul.txt", "AUX .tar.gz", "COM1", "com\u00b9", "LPT9.x", "CONIN$", "a\\b", "a:b",
                "file::$DATA", "trail.", "trail ", "...", "a*", "a?", "a\"b", "a<b", "a|b", "tab\t", "C:")) {
            assertThat(FileNames.isWindowsName(name)).as(name).isFalse();
        }
        for (String name : List.of("a", "CONSOLE", "COM10", "nul_", ".config", "a.b.c", "console.con", "a b")) {
            assertThat(FileNames.isWindowsName(name)).as(name).isTrue();
        }
    }
}
