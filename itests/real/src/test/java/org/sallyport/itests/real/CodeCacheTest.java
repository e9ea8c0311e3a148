package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.itests.inputs.RealInputs;

/** The code cache as several processes see it that share one directory. */
class CodeCacheTest {
    @TempDir
    Path temporary;

    private Path directory = Path.of("");

    @BeforeEach
    void chooseDirectory() {
        directory = temporary.resolve("code");
    }

    private static long count(String output, String what) {
        Matcher matcher = Pattern.compile("\\b" + what + "=(\\d+)").matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(suffix)).toList();
        }
    }

    private List<String> command(String maxBytes, String... what) {
        List<String> args = new ArrayList<>(List.of(directory.toString(), maxBytes));
        args.addAll(List.of(what));
        return FreshJvm.command(CodeCacheUser.class, args.toArray(String[]::new));
    }

    @Test
    void theNextProcessNeedNotCompile() throws Exception {
        assertThat(RealInputs.dprintJson()).isNotEmpty(); // fetched from here on
        List<String> command = command("100000000", "dprint");
        String first = FreshJvm.start(command).output();
        assertThat(count(first, "stored")).as(first).isEqualTo(1);

        String second = FreshJvm.start(command).output();
        assertThat(count(second, "hits")).as(second).isEqualTo(1);
        assertThat(count(second, "stored")).as(second).isZero();

        Path entry = files(".code").getFirst();
        byte[] bytes = Files.readAllBytes(entry);
        bytes[bytes.length - 1000] ^= 1;
        Files.write(entry, bytes);
        String third = FreshJvm.start(command).output();
        assertThat(count(third, "refused")).as(third).isEqualTo(1);
        assertThat(third).contains("is refused and deleted: it was changed, or made with another key");
        assertThat(count(FreshJvm.start(command).output(), "hits")).isEqualTo(1);
    }

    @Test
    void manyProcessesAtOnce() throws Exception {
        List<FreshJvm.Running> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) { // room for about half of the modules, so that they evict each other's
            all.add(FreshJvm.start(command("6000", "small", "300", String.valueOf(i))));
        }
        long hits = 0;
        long evicted = 0;
        for (FreshJvm.Running process : all) {
            String output = process.output();
            assertThat(count(output, "hits") + count(output, "misses")).as(output).isEqualTo(300);
            assertThat(count(output, "refused")).as(output).isZero();
            assertThat(count(output, "failures")).as(output).isZero();
            hits += count(output, "hits");
            evicted += count(output, "evicted");
        }
        assertThat(hits).isPositive();
        assertThat(evicted).isPositive();
        assertThat(files(".new")).isEmpty();
        assertThat(files("key")).hasSize(1);
        String last = FreshJvm.start(command("6000", "small", "20", "9")).output();
        assertThat(count(last, "refused")).as(last).isZero();
        assertThat(count(last, "bytes")).as(last).isBetween(1L, 6_000L);
    }

    /** A process that may not write files larger than 64 KiB: what a full disk is to a large module. */
    @Test
    void aFullDiskCostsACompilation() throws Exception {
        assertThat(RealInputs.dprintJson()).isNotEmpty();
        FreshJvm.start(command("100000000", "small", "1", "1")).output(); // makes the directory
        List<String> limited = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -f 128 && exec \"$@\"", "sh"));
        limited.addAll(command("100000000", "dprint"));
        String output = FreshJvm.start(limited).output();

        assertThat(count(output, "failures")).as(output).isEqualTo(1);
        assertThat(count(output, "stored")).as(output).isZero();
        assertThat(output).containsOnlyOnce("WARNING").contains("cannot write to it", "compiled as without a cache");
        assertThat(files(".new")).isEmpty();
        assertThat(files(".code")).hasSize(1);
    }
}
