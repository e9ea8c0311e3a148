package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.Test;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.ProcessPage.Counter;

class SharedPageTest {
    private static final Counter COUNTER = Counter.DESCRIPTORS;

    /** What a copy of Sallyport in another class loader sees. */
    public static final class Copy implements Callable<long[]> {
        @Override
        public long[] call() {
            ProcessPage page = new LinuxMemory().processPage();
            return new long[] {page.address(), page.add(COUNTER, 1)};
        }
    }

    @Test
    void copiesInOtherClassLoadersShareIt() throws Exception {
        ProcessPage mine = new LinuxMemory().processPage();
        long before = mine.get(COUNTER);
        int copies = 8;
        Set<Long> addresses = new HashSet<>();
        List<Callable<long[]>> tasks = new ArrayList<>();
        for (int i = 0; i < copies; i++) {
            tasks.add(newCopy());
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (var seen : threads.invokeAll(tasks)) {
                addresses.add(seen.get()[0]);
            }
        }
        assertThat(addresses).containsExactly(mine.address());
        assertThat(mine.add(COUNTER, -copies)).isEqualTo(before);
        assertThat(pages()).hasSize(1);
    }

    private static List<Long> pages() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(SharedPage::addressIn)
                .filter(address -> address != 0)
                .toList();
    }

    @SuppressWarnings("unchecked") // the class of another loader
    private static Callable<long[]> newCopy() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        ClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Class<?> copy = loader.loadClass(Copy.class.getName());
        assertThat(copy).isNotSameAs(Copy.class);
        return (Callable<long[]>) copy.getConstructor().newInstance();
    }

    @Test
    void countsUpToALimit() {
        ProcessPage page = new LinuxMemory().processPage();
        long before = page.get(COUNTER);
        assertThat(page.addUpTo(COUNTER, 5, before + 5)).isTrue();
        assertThat(page.addUpTo(COUNTER, 1, before + 5)).isFalse();
        assertThat(page.addUpTo(COUNTER, Long.MAX_VALUE, before + 5)).isFalse();
        assertThat(page.add(COUNTER, -5)).isEqualTo(before);
    }

    @Test
    void factsNeedTheLock() {
        ProcessPage page = new LinuxMemory().processPage();
        assertThatThrownBy(page::interruptSignal).isInstanceOf(AssertionError.class).hasMessageStartingWith("BUG:");
    }

    @Test
    void isNotTakenForAnother() {
        String path = "/memfd:sallyport-process-1 (deleted)";
        assertThat(SharedPage.addressIn("7f0000001000-7f0000002000 rw-s 00000000 00:01 1030   " + path))
                .isEqualTo(0x7f0000001000L);
        for (String other : List.of(
                "7f0000001000-7f0000002000 r--s 00000000 00:01 1030   " + path,
                "7f0000001000-7f0000002000 rw-p 00000000 00:01 1030   " + path,
                "7f0000001000-7f0000002000 rw-s 00001000 00:01 1030   " + path,
                "7f0000001000-7f0000002000 rw-s 00000000 00:01 1030   /memfd:sallyport-process-10 (deleted)",
                "7f0000001000-7f0000002000 rw-s 00000000 00:01 1030   /memfd:sallyport (deleted)",
                "7f0000001000-7f0000002000 rw-s 00000000 00:01 1030")) {
            assertThat(SharedPage.addressIn(other)).as(other).isZero();
        }
    }
}
