package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments, environment and file names that are bytes, in whatever locale: unchanged, or refused and named. */
@Timeout(300)
class HostBytesTest extends ShellTest {
    /** Writes its arguments and its environment, a NUL byte behind each. */
    private static final String ECHO =
            """
            (module
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes2 (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func $out (param i32 i32)
                (i32.store (i32.const 8) (local.get 0))
                (i32.store (i32.const 12) (local.get 1))
                (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))
              (func (export "_start")
                (drop (call $sizes (i32.const 0) (i32.const 4)))
                (drop (call $args (i32.const 100) (i32.const 1000)))
                (call $out (i32.const 1000) (i32.load (i32.const 4)))
                (drop (call $sizes2 (i32.const 0) (i32.const 4)))
                (drop (call $environ (i32.const 100) (i32.const 10000)))
                (call $out (i32.const 10000) (i32.load (i32.const 4)))))
            """;

    @BeforeEach
    void linux() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/cmdline")), "SKIPPED: no /proc/self/cmdline here");
        file("echo.wat", ECHO);
    }

    /** None of those in German is installed on most machines, which is the case that matters: Java then has ASCII. */
    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8", "de_DE.UTF-8", "de_DE.ISO-8859-1", ""})
    void bytesReachTheGuestUnchanged(String locale) throws Exception {
        String bytes = "caf\u00e9 \u00c3\u00a9 \u00ff\u00fe \u00ed\u00a0\u0080 \u00f0\u009f\u0098\u0080";
        Map<String, String> environment = locale.isEmpty() ? Map.of() : Map.of("LC_ALL", locale);
        Said said = shell(environment, """
                export V=$'v\\xff=\\xc3\\xa9'
                plain run --env V --env LC_ALL --env $'N\\xe9=w\\xe9' --env NONE echo.wat BYTES '' | tr '\\0' '\\n'
                launched run --env V --env LC_ALL --env $'N\\xe9=w\\xe9' --env NONE echo.wat BYTES '' | tr '\\0' '\\n'
                """.replace("BYTES", bytes));
        String all = "echo.wat\n" + bytes.replace(' ', '\n') + "\n\nV=v\u00ff=\u00c3\u00a9\n"
                + (locale.isEmpty() ? "" : "LC_ALL=" + locale + "\n") + "N\u00e9=w\u00e9\n";
        assertThat(said.out()).as(said.err()).isEqualTo(all + all);
    }

    @Test
    void filesThatJavaCannotNameAreRefusedAndNamed() throws Exception {
        file("m.wat", ECHO);
        Said said = shell("""
                cp echo.wat $'x\\xe9'; cp m.wat $'x\\xef\\xbf\\xbd' # what Java would make of the first
                mkdir $'d\\xe9' $'d\\xef\\xbf\\xbd'
                launched run $'x\\xe9' 2>&1; echo $?
                plain validate $'x\\xe9' 2>&1; echo $?
                launched run --dir $'d\\xe9' echo.wat 2>&1; echo $?
                launched run --dir $'.::d\\xe9' echo.wat 2>&1; echo $?
                launched wat2wasm echo.wat -o $'o\\xe9' 2>&1; echo $?
                launched compile echo.wat -o $'o\\xe9' 2>&1; echo $?
                launched run --cache $'c\\xe9' echo.wat 2>&1; echo $?
                launched wast $'x\\xe9' 2>&1; echo $?
                ls
                """);
        assertThat(said.lines().stream().filter(line -> line.matches("\\d")))
                .containsExactly("1", "1", "1", "2", "1", "1", "1", "1");
        assertThat(said.lines().stream().filter(line -> line.startsWith("sallyport:")))
                .hasSize(8)
                .allMatch(line -> line.contains("\\xe9"))
                .allMatch(line -> line.contains("UTF-8"));
        assertThat(said.out()).endsWith("d\u00e9\nd\u00ef\u00bf\u00bd\necho.wat\nm.wat\nx\u00e9\nx\u00ef\u00bf\u00bd\n");
    }

    @Test
    void filesAreFoundInDirectoriesThatJavaCannotName() throws Exception {
        Said said = shell("""
                mkdir $'d\\xe9' && cd $'d\\xe9' && cp ../echo.wat .
                launched run echo.wat a | tr '\\0' '\\n'; echo ${PIPESTATUS[0]}
                plain run --dir . ./echo.wat b | tr '\\0' '\\n'; echo ${PIPESTATUS[0]}
                launched wat2wasm echo.wat -o echo.wasm; ls
                """);
        assertThat(said.out()).as(said.err()).isEqualTo("echo.wat\na\n0\n./echo.wat\nb\n0\necho.wasm\necho.wat\n");
    }

    @Test
    void filesWithNamesThatTheLocaleLacksAreFoundByTheLauncherAndRefusedWithoutIt() throws Exception {
        Said said = shell(Map.of("LC_ALL", "POSIX"), """
                cp echo.wat $'gr\\xc3\\xbc\\xc3\\x9fe.wat'
                launched run $'gr\\xc3\\xbc\\xc3\\x9fe.wat' | tr '\\0' '\\n'
                plain run $'gr\\xc3\\xbc\\xc3\\x9fe.wat' 2>&1; echo $?
                """);
        String name = new String("gr\u00fc\u00dfe.wat".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(said.out()).startsWith(name + "\nsallyport: " + name + ": ").contains("LC_ALL=C.UTF-8").endsWith("1\n");
    }

    @Test
    void aHomeThatJavaCannotNameCostsTheCacheOnly() throws Exception {
        Said said = shell("""
                mkdir $'h\\xe9'
                export HOME=$PWD/$'h\\xe9'
                as_user run echo.wat >out 2>err; echo $?
                ls; cat err
                """);
        assertThat(said.lines()).startsWith("0", "echo.wat", "err", "h\u00e9", "out");
        assertThat(said.out()).contains("the code cache is not used: ", "h\\xe9");
    }
}
