package org.sallyport.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.sallyport.ArtefactKey;
import org.sallyport.Config;
import org.sallyport.UntrustedArtefactException;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileOptions;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.WasmModule;

/**
 * A compiled module as bytes: magic, format, what it was made by and for, the module, what validation learned, the
 * machine code, and an HMAC-SHA-256 over all of it. Nothing behind the magic is looked at before the code is
 * authenticated; after that the module is not validated again, because the holder of the key has done it.
 */
final class Artefact {
    private static final byte[] MAGIC = "\0SALLYPORT".getBytes(StandardCharsets.US_ASCII);
    /** Changes whenever this class writes something else, or docs/abi.md changes. */
    private static final int FORMAT = 1;
    private static final int MAC_BYTES = 32;

    /** Takes what was read. */
    interface Sink {
        ModuleImpl add(String name, ValidModule valid, CompiledModule compiled);
    }

    private Artefact() {}

    // ---- writing

    static byte[] write(ModuleImpl module, Config config, ArtefactKey key) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeInt(FORMAT);
            CompiledModule compiled = module.compiledModule();
            out.writeUTF(compiled.target());
            out.writeUTF(compiled.fingerprint());
            write(out, config.compile());
            out.writeUTF(module.name());
            write(out, module.validModule());
            write(out, compiled);
        } catch (IOException e) {
            throw new AssertionError("BUG: writing to memory", e);
        }
        bytes.writeBytes(mac(bytes.toByteArray(), bytes.size(), key));
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, CompileOptions options) throws IOException {
        out.writeBoolean(options.explicitBoundsChecks());
        out.writeBoolean(options.optimize());
    }

    private static void write(DataOutputStream out, ValidModule valid) throws IOException {
        WasmModule wasm = valid.module();
        write(out, wasm.binary());
        write(out, valid.features().stream().mapToInt(Enum::ordinal).toArray());
        write(out, valid.escapingFunctions());
        write(out, IntStream.range(0, wasm.types().size()).map(valid::canonicalType).toArray());
        out.writeInt(wasm.bodies().size());
        for (int i = 0; i < wasm.bodies().size(); i++) {
            FunctionFacts facts = valid.facts(valid.spaces().importedFuncs() + i);
            out.writeInt(facts.instructions());
            out.writeInt(facts.maxOperands());
            out.writeInt(facts.maxNesting());
            out.writeBoolean(facts.calls());
            out.writeBoolean(facts.loops());
            out.writeBoolean(facts.touchesMemory());
        }
    }

    private static void write(DataOutputStream out, CompiledModule compiled) throws IOException {
        write(out, compiled.code());
        out.writeInt(compiled.functionCount());
        write(out, compiled.functionStarts());
        write(out, compiled.functionEnds());
        write(out, compiled.trapOffsets());
        write(out, compiled.trapCodes());
        write(out, compiled.trapPositions());
        write(out, compiled.callOffsets());
        write(out, compiled.callPositions());
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void write(DataOutputStream out, int[] numbers) throws IOException {
        out.writeInt(numbers.length);
        for (int number : numbers) {
            out.writeInt(number);
        }
    }

    private static byte[] mac(byte[] bytes, int length, ArtefactKey key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.secret(), "HmacSHA256"));
            mac.update(bytes, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }

    // ---- reading

    /** Reads artefacts for one engine. */
    record Reader(Config config, Loader loader, Validator validator, CodeGenerator generator) {
        ModuleImpl read(byte[] artefact, ArtefactKey key, Sink sink) {
            byte[] bytes = artefact.clone(); // so that nobody changes it after it was authenticated
            authenticate(bytes, key);
            int length = bytes.length - MAC_BYTES;
            try (DataInputStream in =
                    new DataInputStream(new ByteArrayInputStream(bytes, MAGIC.length, length - MAGIC.length))) {
                check("format", FORMAT, in.readInt());
                String target = in.readUTF();
                check("target", generator.target(), target);
                String fingerprint = in.readUTF();
                check("explicitBoundsChecks", config.compile().explicitBoundsChecks(), in.readBoolean());
                check("optimize", config.compile().optimize(), in.readBoolean());
                String name = in.readUTF();
                ValidModule valid = readModule(in);
                CompiledModule compiled = readCode(in, target, fingerprint);
                if (!fingerprint.startsWith(generator.fingerprint())) {
                    check("code generator", generator.fingerprint(), fingerprint);
                }
                return sink.add(name, valid, compiled);
            } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new UntrustedArtefactException("the artefact is authentic but not complete: " + e);
            }
        }

        private static void authenticate(byte[] bytes, ArtefactKey key) {
            int length = bytes.length - MAC_BYTES;
            if (length < MAGIC.length || !startsWithMagic(bytes)) {
                throw new UntrustedArtefactException("these bytes are no Sallyport artefact");
            }
            byte[] found = java.util.Arrays.copyOfRange(bytes, length, bytes.length);
            if (!MessageDigest.isEqual(found, mac(bytes, length, key))) {
                throw new UntrustedArtefactException(
                        "the artefact was changed, or was not made with this key; compile the module again");
            }
        }

        private static boolean startsWithMagic(byte[] bytes) {
            return java.util.Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        }

        private static void check(String what, Object wanted, Object found) {
            if (!wanted.equals(found)) {
                throw new UntrustedArtefactException("the artefact is for another " + what + ": " + found
                        + ", this engine has " + wanted + "; compile the module again");
            }
        }

        private ValidModule readModule(DataInputStream in) throws IOException {
            WasmModule wasm = loader.load(readBytes(in), config.features(), config.limits());
            Set<Feature> features = EnumSet.noneOf(Feature.class);
            for (int ordinal : readInts(in)) {
                Feature feature = Feature.values()[ordinal];
                features.add(feature);
                if (!config.features().contains(feature)) {
                    throw new UntrustedArtefactException("the artefact uses " + feature + ", which is switched off");
                }
            }
            int[] escaping = readInts(in);
            int[] canonical = readInts(in);
            FunctionFacts[] facts = new FunctionFacts[in.readInt()];
            for (int i = 0; i < facts.length; i++) {
                facts[i] = new FunctionFacts(
                        in.readInt(), in.readInt(), in.readInt(), in.readBoolean(), in.readBoolean(), in.readBoolean());
            }
            return new ValidModule(validator, new IndexSpaces(wasm), features, escaping, canonical, facts);
        }

        private static CompiledModule readCode(DataInputStream in, String target, String fingerprint)
                throws IOException {
            return new CompiledModule(
                    target,
                    fingerprint,
                    readBytes(in),
                    in.readInt(),
                    readInts(in),
                    readInts(in),
                    readInts(in),
                    readBytes(in),
                    readInts(in),
                    readInts(in),
                    readInts(in));
        }

        private static byte[] readBytes(DataInputStream in) throws IOException {
            int length = in.readInt();
            byte[] bytes = in.readNBytes(length);
            if (bytes.length != length) {
                throw new IOException("unexpected end");
            }
            return bytes;
        }

        private static int[] readInts(DataInputStream in) throws IOException {
            int[] numbers = new int[Math.min(in.readInt(), in.available() / Integer.BYTES + 1)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = in.readInt();
            }
            return numbers;
        }
    }
}
