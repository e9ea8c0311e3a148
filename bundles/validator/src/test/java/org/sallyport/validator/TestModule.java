package org.sallyport.validator;

import static org.sallyport.itests.support.Binary.hex;
import static org.sallyport.itests.support.Binary.join;
import static org.sallyport.itests.support.Binary.leb;
import static org.sallyport.itests.support.Binary.signedLeb;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Executor;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;

/**
 * Modules for tests: sections in hexadecimal, bodies as instructions such as {@code i32.const 5} whose operands are
 * numbers ({@code 0x..} for raw bytes, also as a whole instruction). Call in the order of the binary; bodies last.
 */
final class TestModule {
    static final Set<Feature> ALL = EnumSet.allOf(Feature.class);
    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<byte[]> behind = new ArrayList<>();

    TestModule() {
        out.writeBytes(hex("0061736d01000000"));
    }

    /** A module with the types {@code 0: [] -> []} and {@code 1: [i32] -> [i32]}. */
    static TestModule withTypes() {
        return new TestModule().section(1, "02 600000 60017f017f");
    }

    TestModule section(int id, String contents) {
        return section(id, hex(contents));
    }

    TestModule section(int id, byte[] contents) {
        byte[] section = section(id, new byte[0], contents);
        if (bodies.isEmpty()) {
            out.writeBytes(section);
        } else {
            behind.add(section);
        }
        return this;
    }

    private static byte[] section(int id, byte[] count, byte[] contents) {
        return join(new byte[] {(byte) id}, leb(count.length + contents.length), count, contents);
    }

    /** A body without its final {@code end}; {@code locals} is the hexadecimal vector of its locals. */
    TestModule body(String locals, String... instructions) {
        return body(join(hex(locals), code(instructions), new byte[] {0x0B}));
    }

    TestModule body(byte[] bytes) {
        bodies.add(bytes);
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(out.toByteArray());
        if (!bodies.isEmpty()) {
            ByteArrayOutputStream contents = new ByteArrayOutputStream();
            for (byte[] body : bodies) {
                contents.writeBytes(leb(body.length));
                contents.writeBytes(body);
            }
            all.writeBytes(section(10, leb(bodies.size()), contents.toByteArray()));
        }
        behind.forEach(all::writeBytes);
        return all.toByteArray();
    }

    WasmModule load() {
        return load(bytes(), ALL);
    }

    static WasmModule load(byte[] bytes, Set<Feature> features) {
        return LOADER.load(bytes, features, LoadLimits.DEFAULT);
    }

    ValidModule validate() {
        return validate(ALL);
    }

    ValidModule validate(Set<Feature> features) {
        return new ModuleValidator().validate(load(), features);
    }

    /** {@code valid}, or the message of a documented failure; anything else comes out as it is. */
    static String outcome(byte[] bytes, Executor executor) {
        try {
            WasmModule module = load(bytes, ALL);
            new ModuleValidator().validate(module, ALL, LoadLimits.DEFAULT, executor);
            return "valid";
        } catch (MalformedModuleException | InvalidModuleException | LimitExceededException e) {
            return e.getMessage();
        }
    }

    static byte[] code(String... instructions) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        for (String instruction : instructions) {
            String[] words = instruction.strip().split(" ");
            if (words[0].startsWith("0x")) {
                code.writeBytes(hex(words[0].substring(2)));
                continue;
            }
            int opcode = opcode(words[0]);
            if (opcode > 0xFF) {
                code.write(opcode >>> 16);
                code.writeBytes(leb(opcode & 0xFFFF));
            } else {
                code.write(opcode);
            }
            for (int i = 1; i < words.length; i++) {
                code.writeBytes(words[i].startsWith("0x") ? hex(words[i].substring(2)) : signedLeb(Long.parseLong(words[i])));
            }
        }
        return code.toByteArray();
    }

    private static int opcode(String text) {
        Opcode op = Opcode.named(text);
        if (op == null) {
            throw new IllegalArgumentException("no instruction " + text);
        }
        return op.code();
    }
}
