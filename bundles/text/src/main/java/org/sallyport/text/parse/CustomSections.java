package org.sallyport.text.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.text.parse.Tokens.Annotation;
import org.sallyport.text.parse.Tokens.Kind;

/**
 * Sections from {@code @custom} annotations (WebAssembly 3.0, 7.5), by the gap between known sections where they go.
 */
final class CustomSections {
    private static final String FAULT = "@custom annotation: ";
    private static final int LAST = Section.Id.values().length;

    /** @param gap number of known sections before it */
    private record Custom(int gap, String name, byte[] contents) {}

    private final List<Custom> sections = new ArrayList<>();

    /** Reads the annotations at the cursor. */
    void read(Cursor in) {
        for (Annotation annotation : in.annotations("custom")) {
            Cursor contents = new Cursor(annotation.contents());
            if (!contents.at(Kind.STRING)) {
                throw contents.error(FAULT + "missing section name", "expected a string");
            }
            String name = name(contents);
            int gap = contents.at(Kind.OPEN) ? place(contents) : LAST;
            byte[] bytes = contents.strings().toByteArray();
            if (!contents.at(Kind.END)) {
                throw contents.error(FAULT + "unexpected token", "expected strings");
            }
            sections.add(new Custom(gap, name, bytes));
        }
    }

    private static String name(Cursor contents) {
        byte[] utf8 = contents.bytes();
        if (!Utf8.isWellFormed(utf8)) {
            throw contents.errorAt(0, FAULT + "malformed UTF-8 encoding", "names are UTF-8");
        }
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** {@code (before x)} or {@code (after x)}. */
    private static int place(Cursor contents) {
        contents.open();
        String direction = contents.text();
        boolean before = direction.equals("before");
        if (!before && !direction.equals("after")) {
            throw contents.error(FAULT + "malformed placement", "expected before or after");
        }
        contents.advance();
        String section = contents.text();
        int gap = -1;
        if (section.equals(before ? "first" : "last")) {
            gap = before ? 0 : LAST;
        }
        for (Section.Id id : Section.Id.values()) {
            if (id.name().equalsIgnoreCase(section) && section.equals(section.toLowerCase(java.util.Locale.ROOT))) {
                gap = before ? id.ordinal() : id.ordinal() + 1;
            }
        }
        if (gap < 0) {
            throw contents.error(FAULT + "malformed section kind", "expected a section such as type or func");
        }
        contents.advance();
        contents.close();
        return gap;
    }

    /** The sections of one gap. */
    void write(BinaryWriter out, int gap) {
        for (Custom custom : sections) {
            if (custom.gap == gap) {
                section(out, custom.name, new BinaryWriter().raw(custom.contents));
            }
        }
    }

    /** One custom section. */
    static void section(BinaryWriter out, String name, BinaryWriter contents) {
        out.u8(0).sized(new BinaryWriter(contents.size() + name.length() + 8).name(name).append(contents));
    }
}
