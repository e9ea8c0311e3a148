package org.sallyport.loader.dwarf;

/** What positions need of a debugging information entry. Filled anew for each entry that is read. */
final class Entry {
    // attributes (7.5.4), the interesting ones
    static final int NAME = 0x03;
    static final int STMT_LIST = 0x10;
    static final int LOW_PC = 0x11;
    static final int HIGH_PC = 0x12;
    static final int COMP_DIR = 0x1b;
    static final int ABSTRACT_ORIGIN = 0x31;
    static final int SPECIFICATION = 0x47;
    static final int RANGES = 0x55;
    static final int CALL_COLUMN = 0x57;
    static final int CALL_FILE = 0x58;
    static final int CALL_LINE = 0x59;
    static final int LINKAGE_NAME = 0x6e;
    static final int STR_OFFSETS_BASE = 0x72;
    static final int ADDR_BASE = 0x73;
    static final int RNGLISTS_BASE = 0x74;
    static final int DWO_NAME = 0x76;
    static final int GNU_DWO_NAME = 0x2130;
    static final int GNU_DWO_ID = 0x2131;
    static final int GNU_RANGES_BASE = 0x2132;
    static final int GNU_ADDR_BASE = 0x2133;

    private static final int[] WANTED = {
        NAME, STMT_LIST, LOW_PC, HIGH_PC, COMP_DIR, ABSTRACT_ORIGIN, SPECIFICATION, RANGES, CALL_COLUMN, CALL_FILE, CALL_LINE,
        LINKAGE_NAME, STR_OFFSETS_BASE, ADDR_BASE, RNGLISTS_BASE, DWO_NAME, GNU_DWO_NAME, GNU_DWO_ID, GNU_RANGES_BASE,
        GNU_ADDR_BASE
    };

    // tags (7.5.3)
    static final int INLINED_SUBROUTINE = 0x1d;
    static final int SUBPROGRAM = 0x2e;

    int tag;
    boolean hasChildren;
    private final int[] forms = new int[WANTED.length];
    private final long[] values = new long[WANTED.length];

    void begin(Abbreviations.Shape shape) {
        tag = shape.tag();
        hasChildren = shape.hasChildren();
        java.util.Arrays.fill(forms, 0);
    }

    void set(int attribute, int form, long value) {
        for (int i = 0; i < WANTED.length; i++) {
            if (WANTED[i] == attribute) {
                forms[i] = form;
                values[i] = value;
                return;
            }
        }
    }

    boolean has(int attribute) {
        return form(attribute) != 0;
    }

    /** 0 if there is no such attribute. */
    int form(int attribute) {
        return forms[index(attribute)];
    }

    /** 0 if there is no such attribute. */
    long value(int attribute) {
        int i = index(attribute);
        return forms[i] == 0 ? 0 : values[i];
    }

    private static int index(int attribute) {
        for (int i = 0; i < WANTED.length; i++) {
            if (WANTED[i] == attribute) {
                return i;
            }
        }
        throw new AssertionError("BUG: attribute " + attribute);
    }
}
