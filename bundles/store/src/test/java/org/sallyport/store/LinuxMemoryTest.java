package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory.Access;

class LinuxMemoryTest {
    private static final long SIZE = 64 << 10;

    private final LinuxMemory memory = new LinuxMemory();

    /** The permissions that the kernel shows for an address. */
    private static String permissions(long address) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] words = line.split(" ");
            String[] range = words[0].split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16)) {
                return words[1];
            }
        }
        return "unmapped";
    }

    @Test
    void changesAccessAndGivesBack() throws Exception {
        long at = memory.reserve(SIZE);
        assertThat(memory.usage().reservations()).isEqualTo(1);
        assertThat(permissions(at)).isEqualTo("---p");
        assertThat(memory.protect(at, 8192, Access.READ_WRITE)).isTrue();
        assertThat(permissions(at)).isEqualTo("rw-p");
        assertThat(permissions(at + 8192)).isEqualTo("---p");
        NativeMemory.putLong(at + 4096, 42);
        memory.discard(at, 8192);
        assertThat(NativeMemory.getLong(at + 4096)).isZero();
        NativeMemory.putLong(at, 42);
        assertThat(memory.protect(at, 4096, Access.READ_EXECUTE)).isTrue();
        assertThat(permissions(at)).isEqualTo("r-xp");
        assertThat(NativeMemory.getLong(at)).isEqualTo(42);
        memory.decommit(at, 8192);
        assertThat(permissions(at)).isEqualTo("---p");
        memory.protect(at, 4096, Access.READ);
        assertThat(NativeMemory.getLong(at)).isZero();
        memory.release(at, SIZE);
        assertThat(memory.usage()).isEqualTo(new LinuxMemory().usage());
    }

    @Test
    void refusesWhatTheSystemRefuses() {
        assertThatThrownBy(() -> memory.reserve(1L << 60))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("errno 12");
        assertThat(memory.usage().reservations()).isZero();
    }

    @Test
    void findsMistakesOfTheEngine() {
        for (Runnable mistake : List.<Runnable>of(
                () -> memory.reserve(100),
                () -> memory.protect(1, SIZE, Access.READ),
                () -> memory.discard(4096, 4096),
                () -> memory.release(0, -4096))) {
            assertThatThrownBy(mistake::run).isInstanceOf(AssertionError.class).hasMessageStartingWith("BUG:");
        }
    }
}
