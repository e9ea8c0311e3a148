package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Our numbers of system calls are those of the kernel's tables, as its headers have them. */
class SystemCallNumbersTest {
    @Test
    void thoseOfX64AreItsTable() throws IOException {
        compare(Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), "__NR_", call -> call.x64);
    }

    @Test
    void thoseOfAarch64AreTheGenericTable() throws IOException {
        compare(Path.of("/usr/include/asm-generic/unistd.h"), "__NR(?:3264)?_", call -> call.aarch64);
    }

    private static void compare(Path header, String prefix, ToIntFunction<Linux.Call> number) throws IOException {
        if (!Files.exists(header)) {
            System.out.println("SKIPPED: no " + header + " (package linux-libc-dev)");
        }
        assumeTrue(Files.exists(header));
        String text = Files.readString(header);
        for (Linux.Call call : Linux.Call.values()) {
            String name = call.name().toLowerCase(Locale.ROOT);
            Matcher row = Pattern.compile("#define " + prefix + name + " (\\d+)\n").matcher(text);
            assertThat(row.find()).as(name).isTrue();
            assertThat(number.applyAsInt(call)).as(name).isEqualTo(Integer.parseInt(row.group(1)));
        }
    }
}
