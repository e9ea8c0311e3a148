package org.sallyport.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.DebugFiles;
import org.sallyport.LoadLimits;
import org.sallyport.SourcePosition;
import org.sallyport.spi.SourceMap;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Source positions by DWARF, at every address of small C programs, against what llvm-symbolizer said of them
 * ({@code src/test/programs/build.sh}).
 */
@Timeout(60)
class DwarfTest {
    private static byte[] resource(String name) throws IOException {
        try (InputStream in = DwarfTest.class.getResourceAsStream("/dwarf/" + name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    private static WasmModule load(byte[] binary) {
        return new BinaryLoader().load(binary, EnumSet.allOf(Feature.class), LoadLimits.DEFAULT);
    }

    private static SourceMap sources(WasmModule module, DebugFiles files) {
        return new BinaryLoader().sources(module, files);
    }

    /** What is known of an address, as {@code build.sh} writes it. */
    private static String found(WasmModule module, SourceMap sources, int address) {
        return sources.find(module.codeSection().start() + address).stream()
                .map(p -> " " + p.function() + " " + p.file() + ":" + p.line() + ":" + p.column())
                .collect(Collectors.joining());
    }

    private static void assertAsExpected(String expected, byte[] binary, DebugFiles files) throws IOException {
        WasmModule module = load(binary);
        SourceMap sources = sources(module, files);
        List<String> lines = new String(resource(expected), StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSizeGreaterThan(100);
        for (String line : lines) {
            int address = Integer.parseInt(line.substring(0, line.indexOf(' ')));
            assertThat(address + found(module, sources, address)).isEqualTo(line);
        }
        assertThat(sources.find(module.codeSection().start())).isEmpty(); // the number of functions
        assertThat(sources.find(0)).isEmpty();
        assertThat(sources.find(Integer.MAX_VALUE)).isEmpty();
        assertThat(sources.find(-1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dwarf4-O0", "dwarf4-O2", "dwarf5-O0", "dwarf5-O2"})
    void everyAddressIsWhereLlvmSaysItIs(String name) throws IOException {
        assertAsExpected(name + ".wasm.expected", resource(name + ".wasm"), DebugFiles.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void splitFilesAreAskedForByTheirNames(int version) throws IOException {
        byte[] split = resource("split" + version + ".dwo");
        assertAsExpected(
                "dwarf" + version + "-O2.wasm.expected",
                resource("split" + version + ".wasm"),
                name -> name.equals("./trap.dwo") ? split : null);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void packagesComeBeforeSplitFiles(int version) throws IOException {
        byte[] packed = resource("split" + version + ".dwp");
        assertAsExpected(
                "dwarf" + version + "-O2.wasm.expected",
                resource("split" + version + ".wasm"),
                name -> name.equals(DebugFiles.PACKAGE) ? packed : null);
    }

    @Test
    void withoutTheSplitFileLinesAreKnown() throws IOException {
        for (DebugFiles files : List.<DebugFiles>of(DebugFiles.NONE, _ -> new byte[] {1, 2, 3}, _ -> {
            throw new IOException("gone");
        })) {
            WasmModule module = load(resource("split5.wasm"));
            assertThat(sources(module, files).find(module.codeSection().start() + 34))
                    .containsExactly(new SourcePosition("", "././trap.h", 2, 9));
        }
    }

    @Test
    void externalFilesAreAskedForByTheirNames() throws IOException {
        byte[] whole = resource("dwarf5-O2.wasm");
        WasmModule module = load(whole);
        int firstCustom = module.codeSection().end(); // what follows are custom sections
        ByteArrayOutputStream stripped = new ByteArrayOutputStream();
        stripped.write(whole, 0, firstCustom);
        byte[] section = "\0\32\23external_debug_info\5x.dbg".getBytes(StandardCharsets.ISO_8859_1);
        stripped.writeBytes(section);
        assertAsExpected(
                "dwarf5-O2.wasm.expected", stripped.toByteArray(), name -> name.equals("x.dbg") ? whole : null);
        WasmModule alone = load(stripped.toByteArray());
        assertThat(sources(alone, DebugFiles.NONE).find(alone.codeSection().start() + 34)).isEmpty();
        assertThat(sources(alone, _ -> new byte[3]).find(alone.codeSection().start() + 34)).isEmpty();
    }

    /** Whatever the sections hold: an answer, in time, of a bounded size. */
    @ParameterizedTest
    @ValueSource(strings = {"dwarf4-O2", "dwarf5-O2", "split4", "split5"})
    void hostileSectionsMakePositionsUnknown(String name) throws IOException {
        byte[] whole = resource(name + ".wasm");
        byte[] dwo = name.startsWith("split") ? resource(name + ".dwo") : new byte[0];
        byte[] dwp = name.startsWith("split") ? resource(name + ".dwp") : new byte[0];
        WasmModule module = load(whole);
        int from = module.codeSection().end();
        Random random = new Random(7);
        int known = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] binary = whole.clone();
            byte[] split = (round % 2 == 0 ? dwo : dwp).clone();
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                byte[] target = split.length > 8 && random.nextBoolean() ? split : binary;
                int start = target == binary ? from : 8;
                byte value = (byte) (random.nextInt(3) == 0 ? 0xFF : random.nextInt(256));
                target[start + random.nextInt(target.length - start)] = value;
            }
            boolean isPackage = round % 2 == 1;
            WasmModule changed = withSections(module, binary);
            SourceMap sources = sources(changed, file -> file.equals(DebugFiles.PACKAGE) == isPackage ? split : null);
            for (int address : new int[] {20, 34, 70, 100}) {
                List<SourcePosition> found = sources.find(module.codeSection().start() + address);
                known += found.size();
                assertThat(found.size()).isLessThan(64);
            }
        }
        assertThat(known).isPositive();
    }

    /** The same module over other bytes: changed names of sections would only make it one without DWARF. */
    private static WasmModule withSections(WasmModule m, byte[] binary) {
        return new WasmModule(binary, m.types(), m.recGroups(), m.imports(), m.functions(), m.tables(), m.memories(), m.tags(),
                m.globals(), m.exports(), m.start(), m.elements(), m.data(), m.dataCount(), m.bodies(), m.customSections(),
                m.codeSection(), m.names());
    }

    @Test
    void cutSectionsMakePositionsUnknown() throws IOException {
        byte[] dwo = resource("split5.dwo");
        byte[] whole = resource("split5.wasm");
        WasmModule module = load(whole);
        for (int length = 0; length < dwo.length; length++) {
            byte[] cut = Arrays.copyOf(dwo, length);
            List<SourcePosition> found = sources(module, name -> name.endsWith("trap.dwo") ? cut : null)
                    .find(module.codeSection().start() + 34);
            assertThat(found).isNotEmpty();
            assertThat(found.getFirst().line()).isEqualTo(2);
        }
    }
}
