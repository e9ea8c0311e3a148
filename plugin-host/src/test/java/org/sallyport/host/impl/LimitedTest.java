package org.sallyport.host.impl;

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
        byte[] other = "PK: this is no module, however long".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        assertThat(Limited.module(new ByteArrayInputStream(other), 1000)).hasSize(8);
        assertThat(Limited.module(new ByteArrayInputStream(new byte[0]), 1000)).isEmpty();
    }

    @Test
    void manifestsAreSmall(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.properties"), "x".repeat(Limited.MANIFEST_BYTES));
        assertThat(Limited.manifest(file)).hasSize(Limited.MANIFEST_BYTES);
        Files.writeString(file, "x".repeat(Limited.MANIFEST_BYTES + 1));
        assertThatThrownBy(() -> Limited.manifest(file)).isInstanceOf(LimitExceededException.class);
    }
}
