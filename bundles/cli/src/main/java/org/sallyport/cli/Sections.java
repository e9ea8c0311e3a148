package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.wasm.ByteReader;

/** The sections of a binary as they lie in it (WebAssembly 3.0, 5.5.2). */
final class Sections {
    private static final String[] NAMES = {
        "custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code",
        "data", "data count", "tag"
    };
    private static final int HEADER_BYTES = 8;

    private Sections() {}

    /**
     * @param name of the kind; of custom sections their own in quotes
     * @param offset of the contents in the binary
     */
    record Section(String name, int offset, int bytes) {}

    /** @param binary of a module that was loaded before, so that the sections are known to be well-formed */
    static List<Section> of(byte[] binary) {
        List<Section> sections = new ArrayList<>();
        ByteReader in = new ByteReader(binary, HEADER_BYTES, binary.length);
        while (in.hasNext()) {
            int id = in.u8();
            int bytes = in.u32();
            int offset = in.position();
            String name = id == 0
                    ? "custom \"" + new ByteReader(binary, offset, offset + bytes).name() + "\""
                    : id < NAMES.length ? NAMES[id] : "section " + id;
            sections.add(new Section(name, offset, bytes));
            in.reset(offset + bytes, binary.length);
        }
        return sections;
    }
}
