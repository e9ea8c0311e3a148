package org.sallyport.loader.dwarf;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.WasmModule;

/** The custom sections of a file by name; of several of one name the first. */
final class DwarfSections {
    private static final int HEADER = 8;

    private final byte[] bytes;
    private final Map<String, WasmModule.Range> ranges = new HashMap<>();

    private DwarfSections(byte[] bytes) {
        this.bytes = bytes;
    }

    static DwarfSections of(WasmModule module) {
        DwarfSections sections = new DwarfSections(module.binary());
        for (WasmModule.CustomSection section : module.customSections()) {
            sections.ranges.putIfAbsent(section.name(), section.contents());
        }
        return sections;
    }

    /** Of a file in the binary format, which need be no module. */
    static DwarfSections of(byte[] file) {
        DwarfSections sections = new DwarfSections(file);
        DwarfReader in = new DwarfReader(file, 0, file.length);
        if (file.length < HEADER || in.u32() != 0x6D736100L) {
            throw new DwarfException("no WebAssembly file");
        }
        in.seek(HEADER);
        while (in.hasMore()) {
            int id = in.u8();
            long size = in.uleb();
            int start = in.position();
            in.skip(size);
            if (id == 0) {
                DwarfReader section = in.part(start, size);
                int length = (int) Math.min(section.uleb(), Integer.MAX_VALUE);
                int name = start + section.position();
                section.skip(length);
                sections.ranges.putIfAbsent(
                        new String(file, name, length, StandardCharsets.UTF_8),
                        new WasmModule.Range(start + section.position(), (int) (start + size)));
            }
        }
        return sections;
    }

    boolean has(String name) {
        return ranges.containsKey(name);
    }

    /** A reader at the start of a section, of an empty one if there is none. */
    DwarfReader open(String name) {
        WasmModule.@Nullable Range range = ranges.get(name);
        return range == null ? new DwarfReader(bytes, 0, 0) : new DwarfReader(bytes, range.start(), range.end());
    }
}
