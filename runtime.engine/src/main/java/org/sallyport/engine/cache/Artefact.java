package org.sallyport.engine.cache;

import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.sallyport.ArtefactKey;
import org.sallyport.Config;
import org.sallyport.UntrustedArtefactException;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * A compiled module as bytes: magic, format, what it was made by and for, the module, its {@link CompiledForm}, and a
 * {@link Seal} over all of it. Nothing behind the magic is looked at before the code is authenticated; after that the
 * module is not validated again, because the holder of the key has done it.
 */
public final class Artefact {
    private static final byte[] MAGIC = "\0SALLYPORT".getBytes(StandardCharsets.US_ASCII);

    /** Takes what was read. @param <M> what comes of it */
    public interface Sink<M> {
        M add(String name, ValidModule valid, CompiledModule compiled);
    }

    private Artefact() {}

    /** @param name what the module is called */
    public static byte[] write(String name, CompiledForm form, Config config, ArtefactKey key) {
        byte[] binary = form.valid().module().binary();
        FormWriter out = new FormWriter(binary.length / 2 + form.packedSize());
        out.raw(MAGIC);
        out.number(CompiledForm.FORMAT);
        out.text(form.compiled().target());
        out.text(form.compiled().fingerprint());
        out.flag(config.compile().explicitBoundsChecks());
        out.flag(config.compile().optimize());
        out.flag(config.compile().fuel());
        out.flag(config.compile().deterministicVectors());
        out.text(name);
        out.packed(new FormWriter(binary.length).raw(binary));
        form.write(out);
        return Seal.close(out.toBytes(), key);
    }

    /** Reads artefacts for one engine. */
    public record Reader(Config config, Loader loader, Validator validator, CodeGenerator generator) {
        /** @throws UntrustedArtefactException if it is not what the holder of the key made for such an engine */
        public <M> M read(byte[] artefact, ArtefactKey key, CompileBudget budget, Sink<M> sink) {
            byte[] bytes = artefact.clone(); // so that nobody changes it after it was authenticated
            authenticate(bytes, key);
            FormReader in = new FormReader(bytes, MAGIC.length, bytes.length - Seal.BYTES);
            try {
                check("format", CompiledForm.FORMAT, in.number());
                check("target", generator.target(), in.text());
                String fingerprint = in.text();
                if (!fingerprint.startsWith(generator.fingerprint())) {
                    check("code generator", generator.fingerprint(), fingerprint);
                }
                checkSetting("Config.withExplicitBoundsChecks", config.compile().explicitBoundsChecks(), in.flag());
                checkSetting("CompileOptions.withOptimize", config.compile().optimize(), in.flag());
                checkSetting("Config.withFuel", config.compile().fuel(), in.flag());
                checkSetting("Config.withDeterministicVectors", config.compile().deterministicVectors(), in.flag());
                String name = in.text();
                WasmModule wasm = loader.load(in.packed().rest(), config.features(), config.limits(), budget);
                CompiledForm form = CompiledForm.read(in, wasm, validator);
                in.end();
                checkFeatures(form.valid());
                return sink.add(name, form.valid(), form.compiled());
            } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new UntrustedArtefactException("the artefact is authentic but not complete: " + e);
            }
        }

        private static void authenticate(byte[] bytes, ArtefactKey key) {
            if (bytes.length < MAGIC.length + Seal.BYTES
                    || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
                throw new UntrustedArtefactException("these bytes are no Sallyport artefact");
            }
            if (!Seal.isWhole(bytes, key)) {
                throw new UntrustedArtefactException(
                        "the artefact was changed, or was not made with this key; compile the module again");
            }
        }

        private static void check(String what, Object wanted, Object found) {
            if (!wanted.equals(found)) {
                throw new UntrustedArtefactException("the artefact is for another " + what + ": " + found
                        + ", this engine has " + wanted + "; compile the module again");
            }
        }

        /** @param setter as the engine's programmer knows it; the command line has a word of its own for each */
        private static void checkSetting(String setter, boolean wanted, boolean found) {
            if (wanted != found) {
                throw new UntrustedArtefactException("the artefact was compiled with " + setter + "(" + found
                        + "), this engine works with " + setter + "(" + wanted + "); compile the module again with that");
            }
        }

        private void checkFeatures(ValidModule valid) {
            for (Feature feature : valid.features()) {
                if (!config.features().contains(feature)) {
                    throw new UntrustedArtefactException("the artefact uses " + feature + ", which is switched off");
                }
            }
        }
    }
}
