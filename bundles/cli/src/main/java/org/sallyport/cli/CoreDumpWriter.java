package org.sallyport.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.Global;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.V128;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule;

/**
 * Writes a {@link CoreDump} of instances of one store, whose guest does not run. Memories are written from where they are: what
 * is zero for a page of 4 KiB is left out. Values of references are null.
 */
final class CoreDumpWriter {
    private static final int STEP = 4096;
    private static final int MISSING = 0x01;

    private final List<Instance> instances;
    private final OutputStream out;

    private CoreDumpWriter(List<Instance> instances, OutputStream out) {
        this.instances = instances;
        this.out = out;
    }

    /** @param instances those whose frames and memories are wanted, the main one last */
    static void write(String executable, GuestException failure, List<Instance> instances, OutputStream out) throws IOException {
        new CoreDumpWriter(instances, out).write(executable, failure);
    }

    private void write(String executable, GuestException failure) throws IOException {
        out.write(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        Bytes core = new Bytes();
        core.u32(0).text(executable);
        custom(CoreDump.CORE, core);
        Bytes modules = new Bytes().u32(instances.size());
        instances.forEach(instance -> modules.u32(0).text(instance.module().name()));
        custom(CoreDump.MODULES, modules);
        List<Memory> memories = new ArrayList<>();
        List<Global> globals = new ArrayList<>();
        Bytes all = new Bytes().u32(instances.size());
        for (int i = 0; i < instances.size(); i++) {
            all.u32(0).u32(i);
            indices(all, instances.get(i).memories(), memories);
            indices(all, instances.get(i).globals(), globals);
        }
        custom(CoreDump.INSTANCES, all);
        custom(CoreDump.STACK, stack(failure));
        custom(CoreDump.LINES, lines(failure));
        section(5, types(memories));
        section(6, values(globals));
        data(memories);
    }

    private static <T> void indices(Bytes out, List<T> own, List<T> all) {
        out.u32(own.size());
        for (T one : own) {
            int known = all.indexOf(one);
            out.u32(known < 0 ? all.size() : known);
            if (known < 0) {
                all.add(one);
            }
        }
    }

    private Bytes stack(GuestException failure) {
        Bytes stack = new Bytes().u32(0).text("main");
        stack.u32(failure.frames().size());
        for (GuestFrame frame : failure.frames()) {
            int instance = instanceOf(frame);
            ValidModule valid = instances.get(instance).module().validModule();
            int defined = frame.function() - valid.spaces().importedFuncs();
            boolean isKnown = defined >= 0 && defined < valid.module().bodies().size();
            int start = isKnown ? valid.module().bodies().get(defined).start() : 0;
            int locals = isKnown ? locals(valid, frame.function(), defined) : 0;
            stack.u32(0).u32(instance).u32(frame.function()).u32(Math.max(0, frame.offset() - start)).u32(locals);
            for (int i = 0; i < locals; i++) {
                stack.u8(MISSING);
            }
            stack.u32(0);
        }
        return stack;
    }

    private static Bytes lines(GuestException failure) {
        Bytes out = new Bytes().u32(1).u32(failure.frames().size());
        for (GuestFrame frame : failure.frames()) {
            List<String> lines = frame.describe();
            out.u32(lines.size());
            lines.forEach(out::text);
        }
        return out;
    }

    private int instanceOf(GuestFrame frame) {
        for (int i = instances.size() - 1; i > 0; i--) {
            if (instances.get(i).module().name().equals(frame.module())) {
                return i;
            }
        }
        return 0;
    }

    private static int locals(ValidModule valid, int function, int defined) {
        long locals = ((FuncType) valid.module().types().get(valid.spaces().funcTypeIndex(function)).composite()).params().size();
        for (WasmModule.LocalRun run : valid.module().bodies().get(defined).locals()) {
            locals += run.count();
        }
        return (int) Math.min(locals, 50_000);
    }

    private static Bytes types(List<Memory> memories) {
        Bytes out = new Bytes().u32(memories.size());
        for (Memory memory : memories) {
            boolean isUsual = memory.type().pageSizeLog2() == org.sallyport.wasm.MemoryType.PAGE_SIZE_LOG2;
            out.u8((is64(memory) ? 4 : 0) | (isUsual ? 0 : 8)).u64(memory.size());
            if (!isUsual) {
                out.u32(memory.type().pageSizeLog2());
            }
        }
        return out;
    }

    private static boolean is64(Memory memory) {
        return memory.type().address() == AddressType.I64;
    }

    private static Bytes values(List<Global> globals) {
        Bytes out = new Bytes().u32(globals.size());
        for (Global global : globals) {
            switch (global.get()) {
                case Integer i -> out.u8(0x7F).u8(0).u8(0x41).s64(i);
                case Long l -> out.u8(0x7E).u8(0).u8(0x42).s64(l);
                case Float f -> out.u8(0x7D).u8(0).u8(0x43).fixed(Float.floatToRawIntBits(f), 4);
                case Double d -> out.u8(0x7C).u8(0).u8(0x44).fixed(Double.doubleToRawLongBits(d), 8);
                case V128 v -> out.u8(0x7B).u8(0).u8(0xFD).u32(12).fixed(v.low(), 8).fixed(v.high(), 8);
                case null, default -> out.u8(0x6F).u8(0).u8(0xD0).u8(0x6F);
            }
            out.u8(0x0B);
        }
        return out;
    }

    // ---- memories

    /** @param header of the segment, up to its bytes */
    private record Part(Memory memory, long address, int length, byte[] header) {}

    private void data(List<Memory> memories) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < memories.size(); i++) {
            parts(i, memories.get(i), parts);
        }
        byte[] count = new Bytes().u32(parts.size()).bytes();
        long size = count.length;
        for (Part part : parts) {
            size += part.header.length + part.length;
        }
        if (size > 0xFFFF_FFFFL) {
            throw new FailureException("the memories have more than 4 GiB that are not zero, which no section can hold");
        }
        out.write(11);
        out.write(new Bytes().u64(size).bytes());
        out.write(count);
        byte[] piece = new byte[1 << 16];
        for (Part part : parts) {
            out.write(part.header);
            for (int at = 0; at < part.length; at += piece.length) {
                int n = Math.min(piece.length, part.length - at);
                part.memory.read(part.address + at, piece, 0, n);
                out.write(piece, 0, n);
            }
        }
    }

    /** Runs of what is not zero. */
    private static void parts(int index, Memory memory, List<Part> parts) {
        byte[] piece = new byte[STEP];
        long size = memory.byteSize();
        long start = -1;
        for (long at = 0; at <= size; at += STEP) {
            int n = (int) Math.min(STEP, size - at);
            boolean isZero = true;
            if (n > 0) {
                memory.read(at, piece, 0, n);
                for (int i = 0; i < n && isZero; i++) {
                    isZero = piece[i] == 0;
                }
            }
            boolean isEnd = isZero || at - start >= 1 << 30;
            if (start >= 0 && isEnd) {
                parts.add(part(index, memory, start, (int) (at - start)));
                start = -1;
            }
            if (start < 0 && !isZero) {
                start = at;
            }
        }
        if (start >= 0) {
            parts.add(part(index, memory, start, (int) (size - start)));
        }
    }

    private static Part part(int index, Memory memory, long address, int length) {
        Bytes header = index == 0 ? new Bytes().u32(0) : new Bytes().u32(2).u32(index);
        header.u8(is64(memory) ? 0x42 : 0x41).s64(is64(memory) ? address : (int) address).u8(0x0B).u32(length);
        return new Part(memory, address, length, header.bytes());
    }

    // ---- encoding

    private void custom(String name, Bytes contents) throws IOException {
        Bytes whole = new Bytes().text(name);
        whole.bytes.writeBytes(contents.bytes());
        section(0, whole);
    }

    private void section(int id, Bytes contents) throws IOException {
        out.write(id);
        out.write(new Bytes().u32(contents.bytes.size()).bytes());
        out.write(contents.bytes());
    }

    /** The binary format's numbers and names. */
    private static final class Bytes {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Bytes u8(int value) {
            bytes.write(value);
            return this;
        }

        Bytes u32(int value) {
            return u64(Integer.toUnsignedLong(value));
        }

        Bytes u64(long value) {
            long rest = value;
            while (rest >>> 7 != 0) {
                bytes.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            return u8((int) rest);
        }

        Bytes s64(long value) {
            long rest = value;
            while (rest >> 6 != 0 && rest >> 6 != -1) {
                bytes.write((int) (rest & 0x7F | 0x80));
                rest >>= 7;
            }
            return u8((int) (rest & 0x7F));
        }

        Bytes fixed(long value, int size) {
            for (int i = 0; i < size; i++) {
                bytes.write((int) (value >>> 8 * i));
            }
            return this;
        }

        Bytes text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            u32(utf8.length);
            bytes.writeBytes(utf8);
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
