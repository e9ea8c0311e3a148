package org.sallyport.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.Natives;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;

/** What every first engine of a JVM does before it is anybody's; {@code FullHeapTest} shows what that is good for. */
class RehearsalTest {
    private static String hex(String resource) throws Exception {
        try (InputStream in = RehearsalTest.class.getResourceAsStream("/" + resource)) {
            byte[] binary = Wat.compile(in.readAllBytes(), "rehearsal", WatOptions.DEFAULT.withNames(true));
            return HexFormat.of().formatHex(binary);
        }
    }

    @Test
    void theModulesAreThoseOfTheText() throws Exception {
        assertThat(HexFormat.of().formatHex(Rehearsal.bytes(Rehearsal.MODULE))).isEqualTo(hex("rehearsal.wat"));
        assertThat(HexFormat.of().formatHex(Rehearsal.bytes(Rehearsal.IMPORTING)))
                .isEqualTo(hex("rehearsal-imports.wat"));
        assertThat(HexFormat.of().formatHex(Rehearsal.bytes(Rehearsal.THREADS)))
                .isEqualTo(hex("rehearsal-threads.wat"));
    }

    @ParameterizedTest
    @EnumSource
    void leavesNothingBehind(Compilation compilation) {
        Config config = Config.defaults().withCompilation(compilation);
        NativeCodeGenerator generator = new NativeCodeGenerator();
        PoolingAllocator allocator = new PoolingAllocator();
        try (EngineImpl engine =
                Engines.make(config, new BinaryLoader(), new ModuleValidator(), generator, allocator)) {
            Natives.of(engine).sentry(); // what an engine makes for the first deadline, it keeps
            VirtualMemory.Usage before = allocator.virtualMemory().usage();
            long mappings = engine.resources().used(Kind.MAPPINGS);
            new Rehearsal(engine, new BinaryLoader(), new ModuleValidator(), generator).run();
            allocator.trim();
            assertThat(engine.stores()).isEmpty();
            assertThat(engine.modules()).isEmpty();
            assertThat(Natives.of(engine).codeSpace().bytes()).isLessThan(64 << 10);
            assertThat(engine.resources().used(Kind.HEAP)).isZero();
            assertThat(engine.resources().used(Kind.MAPPINGS)).isEqualTo(mappings);
            assertThat(allocator.virtualMemory().usage()).isEqualTo(before);
        }
    }
}
