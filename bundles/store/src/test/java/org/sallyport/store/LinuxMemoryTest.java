package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.VirtualMemory.Access;

class LinuxMemoryTest {
    private static final long SIZE = 64 << 10;

    private final ResourceAccount process = ResourceAccount.root(Invariants.MUCH);
    private final LinuxMemory memory = new LinuxMemory(process);

    @AfterEach
    void nothingIsLeft() {
        Invariants.nothingIsLeft(memory, process);
    }

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

    /** Older kernels do that when they run out of memory in the middle. */
    @ParameterizedTest
    @CsvSource({"0, 0, false", "1, 0, true", "1, 2, true", "3, 2, true", "90, 0, true"})
    void pagesAreMovedThoughTheKernelUnmapsWhatIsInTheWayAndFails(int unmapping, int refusals, boolean unmaps)
            throws Exception {
        LinuxMemory.Libc libc = new LinuxMemory.Libc();
        int[] left = {unmaps ? unmapping : 1, refusals};
        LinuxMemory odd = new LinuxMemory(null, (number, a, b, c, d, e, f) -> {
            if (number == LinuxCall.MREMAP.number() && left[0] > 0) {
                left[0]--;
                if (unmaps) {
                    libc.call(LinuxCall.MUNMAP.number(), e, c, 0, 0, 0, 0);
                }
                return -12; // ENOMEM
            }
            boolean maps = number == LinuxCall.MMAP.number() && (d & 0x10_0000) != 0; // MAP_FIXED_NOREPLACE
            return maps && left[1]-- > 0 ? -12 : libc.call(number, a, b, c, d, e, f);
        });
        long at = odd.reserve(SIZE);
        long other = odd.reserve(8192);
        odd.protect(at, 8192, Access.READ_EXECUTE);
        odd.protect(other, 8192, Access.READ_WRITE);
        NativeMemory.putLong(other + 4096, 42);
        odd.protect(other, 8192, Access.READ_EXECUTE);
        assertThat(odd.moveOver(other, 8192, at, Access.READ_EXECUTE)).isEqualTo(unmaps);
        assertThat(NativeMemory.getLong(at + 4096)).isEqualTo(unmaps ? 42 : 0);
        assertThat(permissions(at)).isEqualTo("r-xp");
        assertThat(odd.usage().reservations()).isEqualTo(unmaps ? 1 : 2);
        odd.release(at, SIZE);
        if (!unmaps) {
            odd.release(other, 8192);
        }
    }

    @Test
    void movesPagesOverOthers() throws Exception {
        long at = memory.reserve(SIZE);
        long other = memory.reserve(8192);
        assertThat(memory.protect(at, 4096, Access.READ_EXECUTE)).isTrue();
        assertThat(memory.protect(other, 8192, Access.READ_WRITE)).isTrue();
        NativeMemory.putLong(other + 4096, 42);
        assertThat(memory.protect(other, 8192, Access.READ_EXECUTE)).isTrue();
        assertThat(memory.moveOver(other, 8192, at, Access.READ_EXECUTE)).isTrue();
        assertThat(NativeMemory.getLong(at + 4096)).isEqualTo(42);
        assertThat(permissions(at)).isEqualTo("r-xp");
        assertThat(permissions(at + 8192)).isEqualTo("---p");
        assertThat(memory.usage().reservations()).isEqualTo(1);
        assertThatThrownBy(() -> memory.moveOver(at, 4096, at + 8192, Access.READ)).hasMessageStartingWith("BUG:");
        memory.release(at, SIZE);
    }

    @Test
    void refusesWhatTheSystemRefuses() {
        assertThatThrownBy(() -> memory.reserve(1L << 59))
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

    /** Four pages of a file and four without: of each the second and third are read, the third and fourth written. */
    @Test
    void tellsWhichPagesWereWritten() {
        int flags = memory.openPageFlags();
        assumeTrue(flags >= 0, "SKIPPED: /proc/self/pagemap cannot be read here");
        int page = memory.pageSize();
        long at = memory.reserve(8 * page);
        int file = memory.newFile(new byte[4 * page]);
        assertThat(memory.protect(at, 8 * page, Access.READ_WRITE)).isTrue();
        assertThat(memory.mapFile(file, at, 4 * page)).isTrue();
        for (int i : new int[] {1, 2, 5, 6}) {
            assertThat(NativeMemory.getLong(at + i * page)).isZero();
        }
        for (int i : new int[] {2, 3, 6, 7}) {
            NativeMemory.putLong(at + i * page, i);
        }
        int[] written = memory.writtenPages(flags, at, 8 * page, 8);
        assertThat(written).contains(2, 3, 6, 7).doesNotContain(0, 1, 4); // 5 is allowed: reading it gave it a page
        assertThat(memory.writtenPages(flags, at, 8 * page, 3)).as("more than three").isNull();
        assertThat(memory.readFile(file, page, at + 3 * page, page)).isTrue();
        assertThat(NativeMemory.getLong(at + 3 * page)).isZero();
        memory.discard(at, 8 * page);
        assertThat(memory.writtenPages(flags, at, 8 * page, 8)).isEmpty();
        memory.closeFile(flags);
        assertThat(memory.writtenPages(flags, at, 8 * page, 8)).as("from a closed descriptor").isNull();
        memory.closeFile(file);
        memory.release(at, 8 * page);
    }
}
