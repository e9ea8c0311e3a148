package org.sallyport.engine.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCacheException;
import org.sallyport.CodeCacheException.Problem;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Store;

class CacheDirectoryTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);
    private static final String C = "c".repeat(64);

    @TempDir Path temporary;

    private Path path = Path.of("");

    @BeforeEach
    void choosePath() {
        path = temporary.resolve("above").resolve("cache");
    }

    private static byte[] bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static void chmod(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private void used(String name, int secondsAgo) throws IOException {
        Files.setLastModifiedTime(file(name), FileTime.from(Instant.now().minusSeconds(secondsAgo)));
    }

    private Path file(String name) {
        return path.resolve(name + ".code");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void keepsEntriesForTheOwnerOnly() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 1000);
        assertThat(cache.read(A)).isNull();
        cache.write(A, bytes(100, 1));
        assertThat(cache.read(A)).isEqualTo(bytes(100, 1));
        cache.write(A, bytes(50, 2));
        assertThat(new CacheDirectory(path, 1000).read(A)).isEqualTo(bytes(50, 2));
        assertThat(cache.usage()).containsExactly(1, 50);
        assertThat(permissions(path)).isEqualTo("rwx------");
        assertThat(permissions(file(A))).isEqualTo("rw-------");
        assertThat(permissions(path.resolve("key"))).isEqualTo("rw-------");
        cache.remove(A);
        cache.remove(A);
        assertThat(cache.read(A)).isNull();
        assertThat(names()).containsExactly("key");
    }

    @Test
    void keyIsMadeOnce() throws IOException {
        ArtefactKey key = new CacheDirectory(path, 1000).key();
        assertThat(new CacheDirectory(path, 1000).key()).isEqualTo(key);
        Files.delete(path.resolve("key"));
        assertThat(new CacheDirectory(path, 1000).key()).isNotEqualTo(key);
    }

    @Test
    void leastRecentlyUsedGoesFirst() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 300);
        cache.write(A, bytes(100, 1));
        cache.write(B, bytes(100, 2));
        cache.write(C, bytes(100, 3));
        used(A, 300);
        used(B, 200);
        used(C, 100);
        assertThat(cache.read(A)).isNotNull(); // A is now the last used
        cache.write("d".repeat(64), bytes(90, 4));
        assertThat(cache.read(B)).isNull();
        cache.write("e".repeat(64), bytes(110, 5));
        assertThat(cache.read(C)).isNull();
        assertThat(cache.read(A)).isEqualTo(bytes(100, 1));
        assertThat(cache.evicted()).isEqualTo(2);
        assertThat(cache.usage()).containsExactly(3, 300);
    }

    @Test
    void isNeverLargerThanAllowed() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 1000);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            cache.write(String.format("%064x", random.nextInt(50)), bytes(random.nextInt(600), i));
            assertThat(cache.usage()[1]).isLessThanOrEqualTo(1000);
        }
        assertThat(cache.usage()[0]).isPositive();
        byte[] before = bytes(10, 1);
        cache.write(A, before);
        cache.write(B, bytes(1001, 2)); // larger than all of it: not kept, and nothing makes room for it
        assertThat(cache.read(B)).isNull();
        assertThat(cache.read(A)).isEqualTo(before);
    }

    @Test
    void replacingNeedsNoRoomForBoth() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 200);
        cache.write(A, bytes(100, 1));
        cache.write(B, bytes(100, 2));
        cache.write(B, bytes(100, 3));
        assertThat(cache.evicted()).isZero();
        assertThat(cache.read(A)).isNotNull();
    }

    @Test
    void prunesToAnySize() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 1000);
        cache.write(A, bytes(100, 1));
        cache.write(B, bytes(200, 2));
        used(A, 100);
        assertThat(cache.prune(300)).isZero();
        assertThat(cache.prune(299)).isEqualTo(100);
        assertThat(names()).containsExactly(B + ".code", "key");
        assertThat(cache.prune(0)).isEqualTo(200);
        assertThat(names()).containsExactly("key");
    }

    @Test
    void draftsOfProcessesThatDiedGo() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 1000);
        Path young = Files.writeString(path.resolve("1.new"), "x");
        Path old = Files.writeString(path.resolve("2.new"), "x");
        Path other = Files.writeString(path.resolve("notes.txt"), "x");
        for (Path file : List.of(old, other)) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(7200)));
        }
        cache.write(A, bytes(100, 1));
        assertThat(young).exists();
        assertThat(old).doesNotExist();
        assertThat(other).exists();
    }

    // ---- what is not safe

    private void assertProblem(Path at, Problem problem, String message) {
        assertThatThrownBy(() -> new CacheDirectory(at, 1000)).isInstanceOfSatisfying(CodeCacheException.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e).hasMessageContaining(message);
        });
    }

    @Test
    void refusesDirectoriesThatOthersCanWriteTo() throws IOException {
        Files.createDirectories(path);
        for (String permissions : List.of("rwxrwx---", "rwx-w----", "rwx---rwx", "rwx----w-")) {
            chmod(path, permissions);
            assertProblem(path, Problem.UNSAFE, "others have access to it (" + permissions);
            assertThat(names()).isEmpty();
        }
        chmod(path, "rwxr-xr-x");
        assertThat(new CacheDirectory(path, 1000).usage()).containsExactly(0, 0);
    }

    @Test
    void refusesADirectoryOfAnotherUser() throws IOException {
        Path foreign = Path.of("/usr");
        if (Files.getOwner(foreign).equals(Files.getOwner(temporary))) { // we are root
            foreign = Files.createDirectories(path);
            Files.setAttribute(foreign, "unix:uid", 65_534);
        }
        assertProblem(foreign, Problem.UNSAFE, "belongs to ");
    }

    @Test
    void refusesALinkForTheDirectoryAndFollowsNoneBelow() throws IOException {
        Path real = Files.createDirectories(temporary.resolve("real"));
        chmod(real, "rwx------");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), real);
        assertProblem(link, Problem.UNSAFE, "is a symbolic link");
        assertThat(real).isEmptyDirectory();
        assertThat(new CacheDirectory(link.resolve("below"), 1000).usage()).containsExactly(0, 0); // as ~/.cache may be

        Path outside = Files.write(temporary.resolve("outside"), bytes(32, 1));
        chmod(outside, "rw-------");
        Files.createSymbolicLink(real.resolve("key"), outside);
        assertProblem(real, Problem.UNSAFE, "is no regular file");
    }

    @Test
    void refusesKeysThatOthersCanRead() throws IOException {
        new CacheDirectory(path, 1000);
        Path key = path.resolve("key");
        for (String permissions : List.of("rw-r-----", "rw--w----", "rw----r--", "rw-----w-")) {
            chmod(key, permissions);
            assertProblem(path, Problem.UNSAFE, "key: others have access to it (" + permissions);
        }
        chmod(key, "rw-------");
        Files.write(key, bytes(31, 1));
        assertProblem(path, Problem.UNUSABLE, "is no key");
        Files.write(key, bytes(33, 1));
        assertProblem(path, Problem.UNUSABLE, "is no key");
    }

    @Test
    void refusesWhatIsNoDirectory() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "x");
        assertProblem(file, Problem.UNUSABLE, "cannot be used as a code cache");
        assertProblem(file.resolve("below"), Problem.UNUSABLE, "cannot be used as a code cache");
        assertProblem(Path.of("/"), Problem.UNSAFE, "root of a file system");
        assertProblem(Path.of("/proc/nowhere/cache"), Problem.UNUSABLE, "cannot be used as a code cache");
    }

    @Test
    void becomingUnsafeStopsTheUse() throws IOException {
        CacheDirectory cache = new CacheDirectory(path, 1000);
        cache.write(A, bytes(100, 1));
        chmod(path, "rwxrwxrwx");
        assertThatThrownBy(() -> cache.read(A)).isInstanceOf(CodeCacheException.class);
        assertThatThrownBy(() -> cache.write(B, bytes(100, 1))).isInstanceOf(CodeCacheException.class);
        assertThatThrownBy(cache::key).isInstanceOf(CodeCacheException.class);
    }

    @Test
    void entriesThatAreNoFilesAreRefused() throws IOException {
        Path outside = Files.write(temporary.resolve("outside"), bytes(100, 1));
        CacheDirectory cache = new CacheDirectory(path, 1000);
        Files.createSymbolicLink(file(A), outside);
        Files.createDirectory(file(B));
        Files.write(file(C), bytes(1001, 1));
        for (String name : List.of(A, B, C)) {
            assertThatThrownBy(() -> cache.read(name)).isInstanceOf(CacheDirectory.NoEntryException.class);
        }
        cache.remove(A);
        cache.write(A, bytes(100, 2));
        assertThat(outside).hasBinaryContent(bytes(100, 1));
        assertThat(cache.read(A)).isEqualTo(bytes(100, 2));
        assertThatThrownBy(() -> cache.write(B, bytes(100, 2))).isInstanceOf(IOException.class);
        assertThat(names()).filteredOn(n -> n.endsWith(".new")).isEmpty();
    }

    @Test
    void whatBecameOfTheDirectoryCostsCompilationsOnly() throws IOException {
        Config config = Config.defaults().withCache(CacheConfig.directory(path));
        try (Engine engine = Engine.create(config);
                Store store = engine.newStore()) {
            byte[] binary = org.sallyport.text.Wat.compile(
                    "(module (func (export \"f\") (result i32) (i32.const 42)))".getBytes(UTF_8), "test",
                    org.sallyport.text.WatOptions.DEFAULT);
            engine.compile(binary).close();
            for (String name : names()) {
                Files.delete(path.resolve(name));
            }
            engine.compile(binary).close();
            assertThat(names()).hasSize(2).contains("key"); // both made anew
            engine.compile(binary).close();
            chmod(path, "rwxrwxrwx");
            assertThat(engine.newLinker().link(engine.compile(binary)).instantiate(store).func("f").call())
                    .containsExactly(42);
            chmod(path, "rwx------");
            engine.compile(binary).close();
            var statistics = engine.codeCache().statistics();
            assertThat(statistics.hits()).isEqualTo(2);
            assertThat(statistics.misses()).isEqualTo(3);
            assertThat(statistics.failures()).isEqualTo(2);
            assertThat(statistics.entries()).isEqualTo(1);
            assertThat(statistics.bytes()).isEqualTo(Files.size(path.resolve(names().getFirst())));
            assertThat(engine.codeCache().prune(0)).isEqualTo(statistics.bytes());
        }
    }

    @Test
    void anInterruptedThreadGetsNothingFromItAndLeavesNothingInIt() throws IOException {
        Config config = Config.defaults().withCache(CacheConfig.directory(path));
        CacheDirectory cache = new CacheDirectory(path, 1000);
        cache.write(A, bytes(100, 1));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> cache.write(B, bytes(100, 2))).isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(names()).containsExactly(A + ".code", "key");
        try (Engine engine = Engine.create(config)) {
            Thread.currentThread().interrupt();
            try {
                engine.compile(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
            } catch (CompilationException e) {
                assertThat(e.reason()).isEqualTo(CompilationException.Reason.INTERRUPTED);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(engine.codeCache().statistics().failures()).isZero();
        }
    }

    // ---- several at once

    /** Entries say what they must be: those of one name all have the contents that belong to it. */
    @Test
    void manyAtOnceSeeWholeEntriesAndOneKey() throws Exception {
        int threads = 6;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<ArtefactKey>> keys = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int seed = t;
                Callable<ArtefactKey> work = () -> hammer(new CacheDirectory(path, 20_000), seed);
                keys.add(pool.submit(work));
            }
            Set<ArtefactKey> different = new HashSet<>();
            for (Future<ArtefactKey> key : keys) {
                different.add(key.get());
            }
            assertThat(different).hasSize(1);
        }
        assertThat(names()).filteredOn(n -> n.endsWith(".new")).isEmpty();
        CacheDirectory cache = new CacheDirectory(path, 20_000);
        cache.write(A, bytes(1, 1));
        assertThat(cache.usage()[1]).isLessThanOrEqualTo(20_000);
    }

    private static ArtefactKey hammer(CacheDirectory cache, int seed) throws IOException {
        ArtefactKey key = cache.key();
        Random random = new Random(seed);
        int hits = 0;
        for (int i = 0; i < 400; i++) {
            int number = random.nextInt(20);
            String name = String.format("%064x", number);
            byte[] contents = bytes(1000 + 100 * number, number);
            byte[] found = cache.read(name);
            if (found != null) {
                hits++;
                if (!Arrays.equals(found, contents)) {
                    throw new AssertionError("entry " + number + " is torn");
                }
            } else {
                cache.write(name, contents);
            }
            if (i % 50 == 0) {
                cache.prune(5000);
            }
        }
        assertThat(hits).isPositive();
        return key;
    }
}
