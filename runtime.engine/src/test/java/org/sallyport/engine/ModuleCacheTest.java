package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.CompileOptions;
import org.sallyport.Config;
import org.sallyport.GuestFrame;
import org.sallyport.Instance;
import org.sallyport.InvalidModuleException;
import org.sallyport.Module;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.cache.BuildId;
import org.sallyport.engine.cache.ModuleCache;
import org.sallyport.engine.cache.Seal;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.Feature;

/** What the cache finds, keeps and refuses; {@link org.sallyport.engine.cache.CacheDirectoryTest} is about files. */
class ModuleCacheTest {
    private static final ArtefactKey KEY = new ArtefactKey(new byte[32]);
    private static final String WAT = """
            (module $m (memory (export "mem") 1) (data (i32.const 3) "abc")
              (table 2 funcref) (elem (i32.const 0) $f)
              (type $t (func (param i32) (result i32)))
              (func $f (export "f") (param i32) (result i32) (i32.load8_u (local.get 0)))
              (func $g (export "g") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 0))))
            """;

    private final MapStore store = new MapStore();
    private byte[] binary = {};

    @BeforeEach
    void assemble() {
        binary = binary(WAT);
    }

    private static byte[] binary(String wat) {
        return Wat.compile(wat.getBytes(UTF_8), "test", WatOptions.DEFAULT.withNames(true));
    }

    private Fixture fixture() {
        return fixture(Config.defaults(), KEY);
    }

    private Fixture fixture(Config config, ArtefactKey key) {
        return new Fixture(config.withCache(CacheConfig.store(store, key)), StoreLimits.DEFAULT);
    }

    private static CodeCache.Statistics statistics(Fixture f) {
        CodeCache cache = f.engine.codeCache();
        assertThat(cache).isNotNull();
        return cache.statistics();
    }

    @Test
    void thereIsNoneUnlessConfigured() {
        try (Fixture f = new Fixture()) {
            assertThat(f.engine.codeCache()).isNull();
        }
    }

    @Test
    void whatItFindsBehavesAsCompiled() {
        String before;
        try (Fixture f = fixture()) {
            before = behaviour(f);
            assertThat(statistics(f)).isEqualTo(new CodeCache.Statistics(0, 1, 1, 0, 0, 0, 0, 0));
        }
        byte[] kept = store.entry();
        try (Fixture f = fixture()) {
            assertThat(behaviour(f)).isEqualTo(before);
            assertThat(statistics(f)).isEqualTo(new CodeCache.Statistics(1, 0, 0, 0, 0, 0, 0, 0));
        }
        assertThat(store.entry()).isSameAs(kept);
    }

    /** Names, types, results, traps and backtraces. */
    private String behaviour(Fixture f) {
        Module module = f.engine.compile(binary, "given");
        StringBuilder seen = new StringBuilder(module.name() + module.imports() + module.exports());
        seen.append(module.validModule().features()).append(module.validModule().facts(1));
        Instance instance = f.linker.link(module).instantiate(f.store);
        seen.append(Arrays.toString(instance.func("g").call(4)));
        assertThatThrownBy(() -> instance.func("g").call(-1)).isInstanceOfSatisfying(TrapException.class, e -> {
            assertThat(e.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
            assertThat(e.frames()).extracting(GuestFrame::functionName).containsExactly("f", "g");
            seen.append(e.frames());
        });
        seen.append(Arrays.hashCode(module.serialize(KEY)));
        return seen.toString();
    }

    @Test
    void theGivenNameIsNoPartOfTheEntry() {
        byte[] nameless = Wat.compile("(module (func))".getBytes(UTF_8), "test", WatOptions.DEFAULT.withNames(false));
        try (Fixture f = fixture()) {
            assertThat(f.engine.compile(nameless, "one").name()).isEqualTo("one");
            assertThat(f.engine.compile(nameless, "two").name()).isEqualTo("two");
            assertThat(statistics(f).hits()).isEqualTo(1);
        }
    }

    @Test
    void otherModulesAndSettingsHaveOtherEntries() {
        Config defaults = Config.defaults();
        Config[] configs = {
            defaults,
            defaults.withExplicitBoundsChecks(true),
            defaults.withCompile(defaults.compile().withOptimize(false)),
            defaults.withFuel(true),
            defaults.withDeterministicVectors(true),
            defaults.withFeature(Feature.WIDE_ARITHMETIC),
            defaults.withoutFeature(Feature.SIMD),
            defaults.withLimits(defaults.limits().with(org.sallyport.LoadLimits.Limit.OPERANDS, 100))
        };
        for (Config config : configs) {
            try (Fixture f = fixture(config, KEY)) {
                f.engine.compile(binary);
                assertThat(statistics(f).misses()).as(config.toString()).isEqualTo(1);
            }
        }
        try (Fixture f = fixture()) {
            f.engine.compile(binary("(module (func))"));
        }
        assertThat(store.entries).hasSize(configs.length + 1);
    }

    @Test
    void refusesEveryChangedByteAndEveryBeginning() {
        try (Fixture f = fixture()) {
            f.engine.compile(binary).close();
            String name = store.name();
            byte[] whole = store.entry();
            int refused = 0;
            for (int i = 0; i < whole.length; i++) {
                byte[] changed = whole.clone();
                changed[i] ^= (byte) (1 << i % 8);
                assertRefused(f, name, changed, ++refused);
            }
            for (int length = 0; length < whole.length; length += length < 64 ? 1 : 13) {
                assertRefused(f, name, Arrays.copyOf(whole, length), ++refused);
            }
            assertRefused(f, name, Arrays.copyOf(whole, whole.length + 1), ++refused);
            byte[] noise = new byte[1000];
            new Random(1).nextBytes(noise);
            assertRefused(f, name, noise, ++refused);
            f.engine.compile(binary).close();
            assertThat(statistics(f).hits()).isEqualTo(1);
        }
    }

    /** Refused, and replaced by what was compiled instead. */
    private void assertRefused(Fixture f, String name, byte[] entry, int count) {
        store.entries.put(name, entry);
        f.engine.compile(binary).close();
        assertThat(statistics(f).refused()).isEqualTo(count);
        assertThat(statistics(f).hits()).isZero();
        assertThat(store.entry()).isNotEqualTo(entry);
    }

    @Test
    void refusesAnotherKey() {
        byte[] secret = new byte[32];
        secret[31] = 1;
        try (Fixture f = fixture(Config.defaults(), new ArtefactKey(secret))) {
            f.engine.compile(binary);
        }
        byte[] foreign = store.entry();
        try (Fixture f = fixture()) {
            f.engine.compile(binary);
            assertThat(statistics(f)).isEqualTo(new CodeCache.Statistics(0, 1, 1, 1, 0, 0, 0, 0));
            assertThat(store.entry()).isNotEqualTo(foreign);
        }
    }

    @Test
    void refusesAnAuthenticEntryUnderAnotherName() {
        byte[] other = binary("(module (func (export \"f\") (param i32) (result i32) (i32.const 42)))");
        try (Fixture f = fixture()) {
            f.engine.compile(binary).close();
            String name = store.name();
            store.entries.clear();
            f.engine.compile(other).close();
            store.entries.put(name, store.entry());
            Module module = f.engine.compile(binary);
            assertThat(statistics(f).refused()).isEqualTo(1);
            assertThat(f.linker.link(module).instantiate(f.store).func("f").call(4)).containsExactly((int) 'b');
        }
    }

    @Test
    void refusesAnotherFormat() {
        try (Fixture f = fixture()) {
            f.engine.compile(binary).close();
            byte[] changed = Arrays.copyOf(store.entry(), store.entry().length - Seal.BYTES);
            changed["\0SALLYCODE".length()]++;
            assertRefused(f, store.name(), Seal.close(changed, KEY), 1);
        }
    }

    @Test
    void refusesAnEntryThatIsAuthenticButEndsEarly() {
        try (Fixture f = fixture()) {
            f.engine.compile(binary).close();
            byte[] whole = Arrays.copyOf(store.entry(), store.entry().length - Seal.BYTES);
            String name = store.name();
            int refused = 0;
            for (int length = 0; length < whole.length; length += 5) {
                assertRefused(f, name, Seal.close(Arrays.copyOf(whole, length), KEY), ++refused);
            }
        }
    }

    @Test
    void aStoreThatFailsCostsACompilation() {
        for (Exception failure : List.of(new IOException("no space left"), new IllegalStateException("gone"))) {
            store.failure = failure;
            try (Fixture f = fixture()) {
                Module module = f.engine.compile(binary);
                assertThat(f.linker.link(module).instantiate(f.store).func("f").call(4)).containsExactly((int) 'b');
                assertThat(statistics(f)).isEqualTo(new CodeCache.Statistics(0, 1, 0, 0, 2, 0, 0, 0));
            }
        }
    }

    @Test
    void invalidModulesAreNotKept() {
        try (Fixture f = fixture()) {
            byte[] invalid = {
                0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b
            };
            assertThatThrownBy(() -> f.engine.compile(invalid)).isInstanceOf(InvalidModuleException.class);
            assertThatThrownBy(() -> f.engine.compile(invalid)).isInstanceOf(InvalidModuleException.class);
            assertThat(store.entries).isEmpty();
        }
    }

    @Test
    void anotherBuildHasOtherEntries(@TempDir Path directory) throws IOException {
        Path jar = directory.resolve("a.jar");
        String first = build(jar, "one", 1);
        assertThat(build(jar, "one", 1)).isEqualTo(first);
        assertThat(build(jar, "two", 1)).isNotEqualTo(first);
        Path classes = Files.createDirectory(directory.resolve("classes"));
        Files.writeString(classes.resolve("A.class"), "one");
        first = BuildId.place(classes);
        assertThat(BuildId.place(classes)).isEqualTo(first);
        Files.writeString(classes.resolve("A.class"), "three");
        assertThat(BuildId.place(classes)).isNotEqualTo(first);
    }

    private static String build(Path jar, String contents, long time) throws IOException {
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(jar))) {
            var file = new java.util.zip.ZipEntry("A.class");
            file.setTime(time);
            out.putNextEntry(file);
            out.write(contents.getBytes(UTF_8));
        }
        return BuildId.place(jar);
    }

    @Test
    void whatBuildsCodeIsNamed() {
        try (Fixture f = fixture()) {
            String makers = ModuleCache.makers(
                    f.engine.config(),
                    new org.sallyport.loader.BinaryLoader(),
                    new org.sallyport.validator.ModuleValidator(),
                    new org.sallyport.codegen.NativeCodeGenerator());
            assertThat(makers).contains("target x86_64-linux", "build ", "optimize=true", "BODY_BYTES=");
            assertThat(CompileOptions.class.getRecordComponents())
                    .as("options; one that changes code belongs into ModuleCache.makers")
                    .extracting(RecordComponent::getName)
                    .containsExactly("explicitBoundsChecks", "optimize", "verify", "fuel", "deterministicVectors");
            assertThat(makers.lines().filter(l -> l.startsWith("build ")).findFirst().orElseThrow())
                    .containsPattern("\\.jar-|classes-");
        }
    }

    @Test
    void sealIsHmacSha256() throws Exception {
        Random random = new Random(1);
        for (int keyBytes : new int[] {32, 64, 65, 131}) {
            for (int bytes : new int[] {0, 1, 55, 56, 63, 64, 65, 1000}) {
                byte[] secret = new byte[keyBytes];
                byte[] contents = new byte[bytes];
                random.nextBytes(secret);
                random.nextBytes(contents);
                var mac = javax.crypto.Mac.getInstance("HmacSHA256");
                mac.init(new javax.crypto.spec.SecretKeySpec(secret, "HmacSHA256"));
                assertThat(Seal.of(contents, bytes, new ArtefactKey(secret))).isEqualTo(mac.doFinal(contents));
            }
        }
    }
}
