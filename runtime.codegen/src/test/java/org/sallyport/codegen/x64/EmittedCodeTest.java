package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.spi.ValidModule;

/**
 * Whoever changes what is emitted counts it in {@link X64#VERSION}, so that artefacts of before are not taken for those
 * of now: the file {@code emitted-code.txt} says which version emits what. {@code -Dbless=true} writes it, but only for a
 * version that is not in it.
 */
class EmittedCodeTest {
    private static final Path SOURCE = Path.of("src/test/resources/org/sallyport/codegen/x64/emitted-code.txt");
    private static final int PROGRAMS = 40;

    @Test
    void everyChangeOfWhatIsEmittedIsCounted() throws Exception {
        String[] recorded = recorded().split("\\s+");
        String found = digest();
        if (found.equals(recorded[1]) && recorded[0].equals(String.valueOf(X64.VERSION))) {
            return;
        }
        boolean counted = !recorded[0].equals(String.valueOf(X64.VERSION));
        if (counted && Boolean.getBoolean("bless")) {
            Files.writeString(SOURCE, X64.VERSION + " " + found + "\n");
            return;
        }
        assertThat(counted).as("other code is emitted than version %s did: increase X64.VERSION", recorded[0]).isTrue();
        assertThat(found).as("-Dbless=true records what version %d emits", X64.VERSION).isEqualTo(recorded[1]);
    }

    private static String recorded() throws IOException {
        try (InputStream in = EmittedCodeTest.class.getResourceAsStream("emitted-code.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static String digest() throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (CpuFeatures cpu : List.of(CpuFeatures.BASELINE, CpuFeatures.ALL)) {
            var generator = new IsaCodeGenerator(new X64(cpu));
            digest.update(generator.enterStub());
            digest.update(generator.exitStub());
            digest.update(generator.landingStub());
            digest.update(generator.signalHandler(0x123456789AL, 0x2345678, 0x3456789AB0L, 34));
            digest.update(generator.sentry());
            for (int i = 0; i < PROGRAMS; i++) {
                ValidModule module = Machine.validate(RandomProgram.text(3_000_000_019L + i));
                for (CompileOptions options : List.of(
                        new CompileOptions(false, true, false), new CompileOptions(true, false, false))) {
                    digest.update(generator.compile(module, options, Runnable::run).code());
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }
}
