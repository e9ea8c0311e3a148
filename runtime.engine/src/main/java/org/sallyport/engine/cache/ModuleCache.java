package org.sallyport.engine.cache;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.BufferUnderflowException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.CodeCacheException;
import org.sallyport.CodeStore;
import org.sallyport.Config;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * The code cache of one engine. An entry is magic, format, its own name, a {@link CompiledForm}, and a {@link Seal}
 * over all of it. The name is the SHA-256 of the module and of everything else that its code depends on; because the
 * seal covers it, an authentic entry under another name is refused, too.
 *
 * <p>Nothing that goes wrong here stops a compilation: a store that fails is reported once, an entry that is refused is
 * reported and deleted each time.
 */
public final class ModuleCache implements CodeCache {
    private static final byte[] MAGIC = "\0SALLYCODE".getBytes(StandardCharsets.US_ASCII);
    private static final int NAME_BYTES = 32;
    private static final int FORM_START = MAGIC.length + Integer.BYTES + NAME_BYTES;

    /** Where the key of the entries comes from. */
    private interface Keys {
        ArtefactKey key() throws IOException;
    }

    private final CodeStore store;
    private final @Nullable CacheDirectory directory;
    private final Keys keys;
    private final byte[] makers;
    private final Validator validator;
    private final CodeGenerator generator;

    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicBoolean warned = new AtomicBoolean();

    /** @throws CodeCacheException if it is a directory that is not safe or cannot be made */
    public ModuleCache(CacheConfig where, Config config, Loader loader, Validator validator, CodeGenerator generator) {
        this.validator = validator;
        this.generator = generator;
        if (where instanceof CacheConfig.Directory(var path, long maxBytes)) {
            directory = new CacheDirectory(path, maxBytes);
            store = directory;
            keys = directory::key;
        } else {
            CacheConfig.Custom custom = (CacheConfig.Custom) where;
            directory = null;
            store = custom.store();
            keys = custom::key;
        }
        makers = makers(config, loader, validator, generator).getBytes(StandardCharsets.UTF_8);
    }

    /** All that code depends on beside the module, for people to read. */
    public static String makers(Config config, Loader loader, Validator validator, CodeGenerator generator) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(config.features()); // in their order
        return String.join(
                "\n",
                "format " + CompiledForm.FORMAT,
                "target " + generator.target(),
                "code generator " + generator.fingerprint(),
                "build " + BuildId.of(List.of(Feature.class, Config.class, ModuleCache.class, loader.getClass(),
                        validator.getClass(), generator.getClass())),
                "explicitBoundsChecks=" + config.compile().explicitBoundsChecks(),
                "optimize=" + config.compile().optimize(),
                "fuel=" + config.compile().fuel(),
                "deterministicVectors=" + config.compile().deterministicVectors(),
                "features " + features,
                "limits " + config.limits().values(),
                "");
    }

    /** The name of a module's entry. */
    public byte[] name(byte[] binary) {
        MessageDigest digest = Seal.digest();
        digest.update(makers);
        return digest.digest(binary);
    }

    /** What was kept under this name, or null. */
    public @Nullable CompiledForm find(byte[] name, WasmModule wasm) {
        String entryName = HexFormat.of().formatHex(name);
        CompiledForm found = null;
        try {
            byte[] entry = store.read(entryName);
            if (entry != null) {
                found = read(directory == null ? entry.clone() : entry, name, entryName, wasm);
            }
        } catch (CacheDirectory.NoEntryException e) {
            refuse(entryName, 0, e.getMessage());
        } catch (IOException | RuntimeException e) {
            failed("read", e);
        }
        (found == null ? misses : hits).incrementAndGet();
        CacheEvents.happened(
                found == null ? "miss" : "hit", entryName, found == null ? 0 : found.compiled().code().length, "");
        return found;
    }

    private @Nullable CompiledForm read(byte[] entry, byte[] name, String entryName, WasmModule wasm)
            throws IOException {
        String fault = fault(entry, name);
        if (fault == null) {
            FormReader in = new FormReader(entry, FORM_START, entry.length - Seal.BYTES);
            try {
                CompiledForm form = CompiledForm.read(in, wasm, validator);
                in.end();
                if (form.compiled().target().equals(generator.target())
                        && form.compiled().fingerprint().startsWith(generator.fingerprint())) {
                    return form;
                }
                fault = "it is for " + form.compiled().fingerprint();
            } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
                fault = "it is authentic but does not fit the module: " + e;
            }
        }
        refuse(entryName, entry.length, fault);
        return null;
    }

    /** What is wrong with an entry, or null. */
    private @Nullable String fault(byte[] entry, byte[] name) throws IOException {
        if (entry.length < FORM_START + Seal.BYTES || !Arrays.equals(entry, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return "it is no entry, or only the beginning of one";
        }
        if (!Seal.isWhole(entry, keys.key())) {
            return "it was changed, or made with another key";
        }
        FormReader in = new FormReader(entry, MAGIC.length, FORM_START);
        int format = in.number();
        if (format != CompiledForm.FORMAT) {
            return "it has format " + format;
        }
        return Arrays.equals(entry, MAGIC.length + Integer.BYTES, FORM_START, name, 0, NAME_BYTES)
                ? null
                : "it is the entry of another module, compiler or configuration";
    }

    private void refuse(String name, long bytes, String why) {
        refused.incrementAndGet();
        Log.LOG.log(Level.WARNING, "code cache " + where() + ": entry " + name + " is refused and deleted: " + why
                + "; the module is compiled again");
        CacheEvents.happened("refused", name, bytes, why);
        try {
            store.remove(name);
        } catch (IOException | RuntimeException e) {
            failed("remove from", e);
        }
    }

    /** Keeps what was compiled. */
    public void keep(byte[] name, CompiledForm form) {
        String entryName = HexFormat.of().formatHex(name);
        try {
            FormWriter out = new FormWriter(FORM_START + Seal.BYTES + form.packedSize());
            out.raw(MAGIC).number(CompiledForm.FORMAT).raw(name);
            form.write(out);
            byte[] entry = Seal.close(out.toBytes(), keys.key());
            store.write(entryName, entry);
            stored.incrementAndGet();
            CacheEvents.happened("stored", entryName, entry.length, "");
        } catch (IOException | RuntimeException e) {
            failed("write to", e);
        }
    }

    /** Says so once; a disk that is full would say so for every module. */
    private void failed(String what, Exception e) {
        if (e instanceof ClosedByInterruptException) {
            return; // this thread is being stopped; nothing is the matter with the store
        }
        failures.incrementAndGet();
        CacheEvents.happened("failed", what, 0, e.toString());
        if (warned.compareAndSet(false, true)) {
            String fault = e instanceof CodeCacheException
                    ? e.getMessage()
                    : where() + ": cannot " + what + " it: " + e;
            Log.LOG.log(Level.WARNING, "code cache " + fault
                    + "; modules are compiled as without a cache. This is said only once.");
        }
    }

    private String where() {
        return directory == null ? "of " + store.getClass().getName() : directory.toString();
    }

    // ---- the embedder's view

    @Override
    public Statistics statistics() {
        long[] usage = {0, 0};
        if (directory != null) {
            try {
                usage = directory.usage();
            } catch (IOException | RuntimeException e) {
                failed("list", e);
            }
        }
        return new Statistics(
                hits.get(),
                misses.get(),
                stored.get(),
                refused.get(),
                failures.get(),
                directory == null ? 0 : directory.evicted(),
                usage[0],
                usage[1]);
    }

    @Override
    public long prune(long maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes);
        }
        try {
            return directory == null ? 0 : directory.prune(maxBytes);
        } catch (IOException e) {
            throw directory.unusable(e);
        }
    }

    /** Looked up only when there is something to say, because finding a logger takes long in a fresh JVM. */
    private static final class Log {
        static final Logger LOG = System.getLogger(CodeCache.class.getName());
    }
}
