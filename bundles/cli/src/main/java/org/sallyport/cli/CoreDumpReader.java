package org.sallyport.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads a {@link CoreDump} whole; whoever wrote it, and whatever is in it. */
final class CoreDumpReader {
    private static final int HEADER = 8;
    private static final int MISSING = 0x01;

    private final byte[] bytes;
    private int at;
    private int end;
    private String section = "the file";

    private @Nullable String executable;
    private List<String> modules = List.of();
    private List<CoreDump.InstanceOf> instances = List.of();
    private final List<CoreDump.ThreadOf> threads = new ArrayList<>();
    private List<List<List<String>>> lines = List.of();
    private final List<CoreDump.MemoryOf> memories = new ArrayList<>();
    private final List<CoreDump.GlobalOf> globals = new ArrayList<>();

    private CoreDumpReader(byte[] bytes) {
        this.bytes = bytes;
        end = bytes.length;
    }

    /** Whether a binary is a dump and no module: its first section says so. */
    static boolean isDump(byte[] binary) {
        byte[] start = "\4core".getBytes(StandardCharsets.US_ASCII);
        int name = HEADER + 1;
        while (name < binary.length && binary[name++] < 0) {
            // the section's size
        }
        return binary.length > name + start.length && binary[HEADER] == 0
                && Arrays.equals(binary, name, name + start.length, start, 0, start.length);
    }

    /** @throws FailureException says what is wrong with it, and where */
    static CoreDump read(byte[] binary) {
        return new CoreDumpReader(binary).dump();
    }

    private CoreDump dump() {
        at = HEADER;
        while (at < bytes.length) {
            int id = u8();
            long size = u32();
            if (size > bytes.length - at) {
                throw wrong("a section of " + size + " bytes where there are " + (bytes.length - at));
            }
            end = at + (int) size;
            section = "section " + id;
            switch (id) {
                case 0 -> custom();
                case 5 -> vector(() -> memories.add(memory()));
                case 6 -> vector(() -> globals.add(global()));
                case 11 -> vector(this::segment);
                default -> at = end; // tools add what they like
            }
            if (at != end) {
                throw wrong("bytes that nobody asked for");
            }
            end = bytes.length;
        }
        String name = executable;
        if (name == null) {
            throw wrong("no section \"core\"");
        }
        check();
        return new CoreDump(name, modules, instances, withLines(), memories, globals);
    }

    private void custom() {
        String name = text();
        section = name;
        switch (name) {
            case CoreDump.CORE -> {
                kind();
                executable = text();
            }
            case CoreDump.MODULES -> modules = vector(() -> {
                kind();
                return text();
            });
            case CoreDump.INSTANCES -> instances = vector(() -> {
                kind();
                return new CoreDump.InstanceOf(index(), vector(this::index), vector(this::index));
            });
            case CoreDump.STACK -> {
                kind();
                threads.add(new CoreDump.ThreadOf(text(), vector(this::frame)));
            }
            case CoreDump.LINES -> lines = vector(() -> vector(() -> vector(this::text)));
            default -> at = end;
        }
    }

    /** The threads, with what their calls are in words where the dump says so of each. */
    private List<CoreDump.ThreadOf> withLines() {
        List<CoreDump.ThreadOf> all = new ArrayList<>();
        for (int i = 0; i < threads.size(); i++) {
            CoreDump.ThreadOf thread = threads.get(i);
            List<CoreDump.Frame> frames = thread.frames();
            List<List<String>> own = i < lines.size() ? lines.get(i) : List.of();
            if (own.size() == frames.size()) {
                frames = IntStream.range(0, own.size()).mapToObj(k -> described(thread.frames().get(k), own.get(k))).toList();
            }
            all.add(new CoreDump.ThreadOf(thread.name(), frames));
        }
        return all;
    }

    private static CoreDump.Frame described(CoreDump.Frame of, List<String> lines) {
        return new CoreDump.Frame(of.instance(), of.function(), of.offset(), of.locals(), lines);
    }

    private CoreDump.Frame frame() {
        kind();
        CoreDump.Frame frame = new CoreDump.Frame(index(), index(), index(), vector(this::value).size(), List.of());
        vector(this::value);
        return frame;
    }

    /** Of a local or of the stack: its type. */
    private int value() {
        int type = u8();
        switch (type) {
            case MISSING -> {}
            case 0x7F, 0x7E -> leb();
            case 0x7D -> skip(4);
            case 0x7C -> skip(8);
            default -> throw wrong("a value of type 0x" + Integer.toHexString(type));
        }
        return type;
    }

    private CoreDump.MemoryOf memory() {
        int flags = u8();
        if ((flags & ~0xF) != 0) {
            throw wrong("limits of kind " + flags);
        }
        long pages = leb();
        if ((flags & 1) != 0) {
            leb();
        }
        int pageSize = (flags & 8) != 0 ? (int) u32() : 16;
        boolean isPossible = pageSize >= 0 && pageSize <= 16 && pages >= 0 && pages <= Long.MAX_VALUE >> pageSize;
        if (!isPossible) {
            throw wrong("a memory of " + Long.toUnsignedString(pages) + " pages of 2^" + pageSize + " bytes");
        }
        return new CoreDump.MemoryOf((flags & 4) != 0, pageSize, pages, new ArrayList<>());
    }

    private CoreDump.GlobalOf global() {
        int type = u8();
        if (type == 0x63 || type == 0x64) {
            leb();
        }
        u8(); // mutability
        int opcode = u8();
        CoreDump.GlobalOf global = switch (opcode) {
            case 0x41, 0x42 -> new CoreDump.GlobalOf(type, sleb(), 0);
            case 0x43 -> new CoreDump.GlobalOf(type, fixed(4), 0);
            case 0x44 -> new CoreDump.GlobalOf(type, fixed(8), 0);
            case 0xFD -> {
                if (u32() != 12) {
                    throw wrong("a vector instruction that is not v128.const");
                }
                yield new CoreDump.GlobalOf(type, fixed(8), fixed(8));
            }
            case 0xD0 -> {
                sleb();
                yield new CoreDump.GlobalOf(type, 0, 0);
            }
            default -> throw wrong("an initial value by instruction 0x" + Integer.toHexString(opcode));
        };
        if (u8() != 0x0B) {
            throw wrong("an initial value of more than one instruction");
        }
        return global;
    }

    private Object segment() {
        long mode = u32();
        if (mode != 0 && mode != 2) {
            throw wrong("a data segment of mode " + mode);
        }
        int memory = mode == 2 ? index() : 0;
        if (memory >= memories.size()) {
            throw wrong("a data segment of memory " + memory + " of " + memories.size());
        }
        int opcode = u8();
        if (opcode != 0x41 && opcode != 0x42) {
            throw wrong("an address by instruction 0x" + Integer.toHexString(opcode));
        }
        long address = opcode == 0x41 ? Integer.toUnsignedLong((int) sleb()) : sleb();
        if (u8() != 0x0B) {
            throw wrong("an address of more than one instruction");
        }
        long length = u32();
        CoreDump.MemoryOf of = memories.get(memory);
        if (length > end - at || address < 0 || length > of.bytes() || address > of.bytes() - length) {
            throw wrong("a data segment that is not inside of its memory, or of the section");
        }
        of.segments().add(new CoreDump.Segment(address, Arrays.copyOfRange(bytes, at, at + (int) length)));
        at += (int) length;
        return of;
    }

    /** Indices are those of things that there are. */
    private void check() {
        for (CoreDump.InstanceOf instance : instances) {
            within(instance.module(), modules.size(), "module");
            instance.memories().forEach(i -> within(i, memories.size(), "memory"));
            instance.globals().forEach(i -> within(i, globals.size(), "global"));
        }
        threads.forEach(t -> t.frames().forEach(frame -> within(frame.instance(), instances.size(), "instance")));
    }

    private void within(int index, int count, String what) {
        if (index >= count) {
            throw wrong(what + " " + index + " of " + count);
        }
    }

    // ---- the binary format

    private interface Item<T> {
        T read();
    }

    private <T> List<T> vector(Item<T> item) {
        long count = u32();
        if (count > end - at) { // each has a byte at least
            throw wrong(count + " entries in " + (end - at) + " bytes");
        }
        List<T> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            all.add(item.read());
        }
        return all;
    }

    private void kind() {
        int kind = u8();
        if (kind != 0) {
            throw wrong("an entry of kind " + kind);
        }
    }

    private int index() {
        long index = u32();
        if (index > Integer.MAX_VALUE) {
            throw wrong("index " + index);
        }
        return (int) index;
    }

    private String text() {
        long length = u32();
        int start = at;
        skip(length);
        return new String(bytes, start, (int) length, StandardCharsets.UTF_8);
    }

    private void skip(long count) {
        if (count > end - at) {
            throw wrong("it ends too early");
        }
        at += (int) count;
    }

    private int u8() {
        skip(1);
        return bytes[at - 1] & 0xFF;
    }

    private long fixed(int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) u8() << 8 * i;
        }
        return value;
    }

    private long u32() {
        long value = leb();
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw wrong("a number beyond 32 bits");
        }
        return value;
    }

    private long leb() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = u8();
            value |= shift < 64 ? (long) (b & 0x7F) << shift : 0;
            if (b < 0x80) {
                return value;
            }
        }
        throw wrong("a number without an end");
    }

    private long sleb() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = u8();
            value |= shift < 64 ? (long) (b & 0x7F) << shift : 0;
            if (b < 0x80) {
                return shift < 57 && (b & 0x40) != 0 ? value | -1L << shift + 7 : value;
            }
        }
        throw wrong("a number without an end");
    }

    private FailureException wrong(String what) {
        String place = HostText.shown(section) + " at 0x" + Integer.toHexString(at);
        return new FailureException("no core dump: " + what + ", in " + place);
    }
}
