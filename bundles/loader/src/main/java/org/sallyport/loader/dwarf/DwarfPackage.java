package org.sallyport.loader.dwarf;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A package of {@code .dwo} files (7.3.5), in the form of DWARF 5 or that of GNU before it: who has what of its sections. */
final class DwarfPackage {
    static final int INFO = 1;
    static final int ABBREV = 3;
    static final int STR_OFFSETS = 6;
    static final int RNGLISTS = 8;

    private static final int MOST = 1 << 20;

    /** Where the parts of a unit lie, by section. */
    record Contribution(Map<Integer, long[]> parts) {
        /** The unit's part of a section; all of one that is shared. */
        DwarfReader part(DwarfReader section, int column) {
            long[] part = parts.get(column);
            return part == null ? section : section.part(part[0], part[1]);
        }
    }

    final DwarfSections sections;
    private final DwarfReader index;
    private final int columns;
    private final int units;
    private final int slots;
    private final int table;

    DwarfPackage(DwarfSections sections) {
        this.sections = sections;
        index = sections.open(".debug_cu_index");
        long version = index.u32();
        if (version != 2 && (version & 0xFFFF) != 5) {
            throw new DwarfException("a package of version " + version);
        }
        columns = count(index.u32());
        units = count(index.u32());
        slots = count(index.u32());
        table = index.position();
    }

    private static int count(long n) {
        if (n > MOST) {
            throw new DwarfException(n + " parts");
        }
        return (int) n;
    }

    /** What the unit of that signature has, or null. */
    @Nullable Contribution find(long signature) {
        for (int slot = 0; slot < slots; slot++) {
            if (index.seek(table + 8L * slot).u64() == signature) {
                long row = index.seek(table + 8L * slots + 4L * slot).u32();
                if (row > 0 && row <= units) {
                    return contribution((int) row - 1);
                }
            }
        }
        return null;
    }

    private Contribution contribution(int row) {
        long ids = table + 12L * slots;
        long offsets = ids + 4L * columns;
        long sizes = offsets + 4L * columns * units;
        Map<Integer, long[]> parts = new HashMap<>();
        for (int column = 0; column < columns; column++) {
            int id = (int) index.seek(ids + 4L * column).u32();
            long at = 4L * ((long) row * columns + column);
            parts.put(id, new long[] {index.seek(offsets + at).u32(), index.seek(sizes + at).u32()});
        }
        return new Contribution(parts);
    }
}
