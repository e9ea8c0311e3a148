package org.sallyport.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LinuxCallTest {
    @Test
    void numbersOfX64AreThoseOfTheKernelsHeader() throws IOException {
        compare("amd64", Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"));
    }

    /** AArch64 has the numbers that all newer machines have. */
    @Test
    void numbersOfAArch64AreThoseOfTheKernelsHeader() throws IOException {
        compare("aarch64", Path.of("/usr/include/asm-generic/unistd.h"));
    }

    @Test
    void noSystemKnowsTheNumbersOfOtherMachines() {
        assertThat(LinuxCall.MMAP.number("sparc")).isEqualTo(-1);
    }

    private static void compare(String arch, Path header) throws IOException {
        if (!Files.exists(header)) {
            System.err.println("SKIPPED: no " + header + " (linux-libc-dev)");
            Assumptions.abort("no " + header);
        }
        String text = Files.readString(header);
        for (LinuxCall call : LinuxCall.values()) {
            String name = call.name().toLowerCase(Locale.ROOT);
            Matcher row = Pattern.compile("(?m)^#define __NR(?:3264)?_" + name + "\\s+(\\d+)$").matcher(text);
            assertThat(row.find()).as("%s in %s", name, header).isTrue();
            assertThat(call.number(arch)).as(name).isEqualTo(Long.parseLong(row.group(1)));
        }
    }
}
