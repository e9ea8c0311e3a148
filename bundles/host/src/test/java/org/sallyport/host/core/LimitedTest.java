package org.sallyport.host.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.LimitExceededException;

class LimitedTest {
    private static final byte[] MODULE = Arrays.copyOf(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, 100);

    /** Endless, as an entry that inflates to gigabytes might be. */
    private static final class Zeros extends InputStream {
        long read;

        @Override
        public int read() {
            read++;
            return read <= MODULE.length ? MODULE[(int) read - 1] : 0;
        }
    }

    @Test
    void readsModulesUpToTheLimitAndNotAByteMore() throws Exception {
        assertThat(Limited.module(new ByteArrayInputStream(MODULE), 100)).isEqualTo(MODULE);
        Zeros endless = new Zeros();
        assertThatThrownBy(() -> Limited.module(endless, 1000))
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("bytes of a plugin's module limit: asked for 1001, allowed 1000"
                        + " (set by moduleBytes of the configuration org.sallyport.host)");
        assertThat(endless.read).isEqualTo(1001);
    }

    @Test
    void readsNoMoreOfWhatIsNoModule() throws Exception {
        InputStream other = new ByteArrayInputStream("int main(void) { return 0; }\n".repeat(1000).getBytes(US_ASCII));
        assertThatThrownBy(() -> Limited.module(other, 1_000_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("and this is no WebAssembly; it begins with \"int main(void) { return 0; }\"");
        assertThat(other.available()).isEqualTo(29_000 - 64);

        assertThatThrownBy(() -> Limited.module(new ByteArrayInputStream(new byte[0]), 1000))
                .hasMessage("a plugin is a module in the binary format, and this is empty");
        byte[] component = {0, 'a', 's', 'm', 13, 0, 1, 0};
        assertThatThrownBy(() -> Limited.module(new ByteArrayInputStream(component), 1000))
                .hasMessageContaining("this is a component; only core modules");
        assertThatThrownBy(() -> Limited.module(new ByteArrayInputStream("(module)".getBytes(US_ASCII)), 1000))
                .hasMessageContaining("\"sallyport wat2wasm\"");
    }

    @Test
    void manifestsAreSmall(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.properties"), "x".repeat(Limited.MANIFEST_BYTES));
        assertThat(Limited.manifest(file)).hasSize(Limited.MANIFEST_BYTES);
        Files.writeString(file, "x".repeat(Limited.MANIFEST_BYTES + 1));
        assertThatThrownBy(() -> Limited.manifest(file)).isInstanceOf(LimitExceededException.class);
    }
}
