package org.sallyport.loader.dwarf;

import org.jspecify.annotations.Nullable;

/**
 * A compilation unit (7.5.1): its entries, and what its forms mean. One of a {@code .dwo} file has its texts and entries
 * there, and its addresses in the module.
 */
final class DwarfUnit {
    private static final int SKELETON = 4;
    private static final int SPLIT_COMPILE = 5;
    private static final int TYPE = 2;
    private static final int SPLIT_TYPE = 6;
    private static final int DEEPEST_INDIRECTION = 8;

    /** Sections that are in the file of the unit, by names with this ending. */
    private final DwarfSections own;
    private final String ending;
    /** Sections of the module. */
    private final DwarfSections main;
    private final DwarfReader unit;
    private final DwarfReader info;
    private final int version;
    private final int offsetSize;
    private final int addressSize;
    private final long start;
    private final int entries;
    private final boolean isOfTypes;
    private long signature;
    private final Abbreviations abbreviations;
    private final DwarfPackage.@Nullable Contribution contribution;
    final Entry root = new Entry();
    private long addressBase;
    private long textsBase;
    private long rangesBase;
    private long low;

    /**
     * Reads a unit's header and first entry.
     *
     * @param info at the unit's start; behind it afterwards
     * @param ending of the sections' names: empty, or {@code .dwo}
     * @param contribution where the unit's parts lie in a package, or null
     */
    DwarfUnit(
            DwarfSections main,
            DwarfSections own,
            String ending,
            DwarfReader info,
            DwarfPackage.@Nullable Contribution contribution) {
        this.main = main;
        this.own = own;
        this.ending = ending;
        this.info = info;
        this.contribution = contribution;
        start = info.position();
        DwarfReader.Length length = info.initialLength();
        offsetSize = length.offsetSize();
        int header = info.position();
        unit = info.part(start, header - start + length.bytes());
        info.skip(length.bytes());
        unit.seek(header - start);
        version = unit.u16();
        if (version < 2 || version > 5) {
            throw new DwarfException("a unit of version " + version);
        }
        int type = version >= 5 ? unit.u8() : 1;
        int sizeFirst = version >= 5 ? unit.u8() : 0;
        long abbreviationsAt = unit.fixed(offsetSize);
        addressSize = version >= 5 ? sizeFirst : unit.u8();
        if (type == SKELETON || type == SPLIT_COMPILE) {
            signature = unit.u64();
        }
        isOfTypes = type == TYPE || type == SPLIT_TYPE;
        entries = unit.position();
        abbreviations = isOfTypes
                ? new Abbreviations(new DwarfReader(new byte[1], 0, 1))
                : new Abbreviations(section("debug_abbrev", DwarfPackage.ABBREV).seek(abbreviationsAt));
        if (!isOfTypes && unit.hasMore()) {
            textsBase = contribution != null || !ending.isEmpty() ? version >= 5 ? 2 * offsetSize : 0 : 0;
            rangesBase = version >= 5 && !ending.isEmpty() ? 4 + offsetSize * 2 : 0;
            next(unit.copy(), root);
            signature = root.has(Entry.GNU_DWO_ID) ? root.value(Entry.GNU_DWO_ID) : signature;
            textsBase = root.has(Entry.STR_OFFSETS_BASE) ? root.value(Entry.STR_OFFSETS_BASE) : textsBase;
            addressBase = root.has(Entry.ADDR_BASE) ? root.value(Entry.ADDR_BASE) : root.value(Entry.GNU_ADDR_BASE);
            rangesBase = root.has(Entry.RNGLISTS_BASE) ? root.value(Entry.RNGLISTS_BASE) : rangesBase;
            low = root.has(Entry.LOW_PC) ? address(root, Entry.LOW_PC) : 0;
        }
    }

    /** For a unit of a {@code .dwo} file: what the module's skeleton knows of addresses. */
    void completeFrom(DwarfUnit skeleton) {
        addressBase = skeleton.addressBase;
        if (version < 5) {
            rangesBase = skeleton.root.value(Entry.GNU_RANGES_BASE);
        }
        low = skeleton.low;
    }

    boolean hasCode() {
        return !isOfTypes && root.tag != 0;
    }

    /** Of split units; 0 of others. */
    long signature() {
        return signature;
    }

    /** Of the unit in its section. */
    long start() {
        return start;
    }

    private DwarfReader section(String name, int column) {
        DwarfReader whole = own.open("." + name + ending);
        return contribution == null ? whole : contribution.part(whole, column);
    }

    private DwarfReader module(String name) {
        return main.open("." + name);
    }

    // ---- entries

    /** A reader at the unit's first entry. */
    DwarfReader entries() {
        return unit.copy().seek(entries);
    }

    /** Reads an entry. @return false if it is the null entry that ends a list of siblings */
    boolean next(DwarfReader in, Entry into) {
        long code = in.uleb();
        if (code == 0) {
            return false;
        }
        Abbreviations.Shape shape = abbreviations.get(code);
        into.begin(shape);
        int[] specs = shape.specs();
        for (int i = 0; i < specs.length; i += 2) {
            int form = specs[i + 1];
            for (int k = 0; form == 0x16; k++) { // DW_FORM_indirect
                form = (int) in.uleb();
                if (k == DEEPEST_INDIRECTION) {
                    throw new DwarfException("forms that name each other");
                }
            }
            long value = form == 0x21 ? shape.constants()[i / 2] : read(in, form, offsetSize);
            into.set(specs[i], form, value);
        }
        return true;
    }

    /** The entry that another one refers to, or null if it is outside of the unit. */
    @Nullable Entry referred(Entry entry, int attribute) {
        long at = entry.value(attribute);
        switch (entry.form(attribute)) {
            case 0x11, 0x12, 0x13, 0x14, 0x15 -> {}
            case 0x10 -> at -= start; // DW_FORM_ref_addr
            default -> {
                return null;
            }
        }
        if (at < entries || at >= unit.size()) {
            return null;
        }
        Entry found = new Entry();
        return next(unit.copy().seek(at), found) ? found : null;
    }

    // ---- values (7.5.6)

    /** Reads a value: a number, an offset, or where in the reader a text or a block begins. */
    long read(DwarfReader in, int form, int size) {
        switch (form) {
            case 0x01: // addr
                return in.fixed(addressSize);
            case 0x0b, 0x0c, 0x11, 0x25, 0x29: // data1, flag, ref1, strx1, addrx1
                return in.u8();
            case 0x05, 0x12, 0x26, 0x2a: // data2, ref2, strx2, addrx2
                return in.u16();
            case 0x27, 0x2b: // strx3, addrx3
                return in.fixed(3);
            case 0x06, 0x13, 0x1c, 0x28, 0x2c: // data4, ref4, ref_sup4, strx4, addrx4
                return in.u32();
            case 0x07, 0x14, 0x20, 0x24: // data8, ref8, ref_sig8, ref_sup8
                return in.u64();
            case 0x0d: // sdata
                return in.sleb();
            case 0x0f, 0x15, 0x1a, 0x1b, 0x22, 0x23, 0x1f01, 0x1f02: // udata, ref_udata, strx, addrx, loclistx, rnglistx, GNU_*
                return in.uleb();
            case 0x0e, 0x17, 0x1d, 0x1f, 0x1f20, 0x1f21: // strp, sec_offset, strp_sup, line_strp, GNU_*_alt
                return in.fixed(size);
            case 0x10: // ref_addr
                return in.fixed(version < 3 ? addressSize : size);
            case 0x19: // flag_present
                return 1;
            default:
                return readAtPlace(in, form);
        }
    }

    private static long readAtPlace(DwarfReader in, int form) {
        int at = in.position();
        switch (form) {
            case 0x08 -> in.skipText();
            case 0x03 -> in.skip(in.u16());
            case 0x04 -> in.skip(in.u32());
            case 0x09, 0x18 -> in.skip(in.uleb());
            case 0x0a -> in.skip(in.u8());
            case 0x1e -> in.skip(16);
            default -> throw new DwarfException("form 0x" + Integer.toHexString(form));
        }
        return at;
    }

    String text(Entry entry, int attribute) {
        return entry.has(attribute) ? text(unit, entry.form(attribute), entry.value(attribute)) : "";
    }

    /** @param in that the value was read from */
    String text(DwarfReader in, int form, long value) {
        return switch (form) {
            case 0x08 -> in.copy().seek(value).text();
            case 0x0e -> section("debug_str", 0).seek(value).text();
            case 0x1f -> (ending.isEmpty() ? own : main).open(".debug_line_str").seek(value).text();
            case 0x1a, 0x25, 0x26, 0x27, 0x28, 0x1f02 -> {
                DwarfReader offsets = section("debug_str_offsets", DwarfPackage.STR_OFFSETS);
                long offset = offsets.seek(index(textsBase, value, offsetSize)).fixed(offsetSize);
                yield section("debug_str", 0).seek(offset).text();
            }
            default -> "";
        };
    }

    private static long index(long base, long index, int size) {
        if (index < 0 || index > Integer.MAX_VALUE) {
            throw new DwarfException("index " + index);
        }
        return base + index * size;
    }

    long address(Entry entry, int attribute) {
        long value = entry.value(attribute);
        return entry.form(attribute) == 0x01 ? value : indexedAddress(value);
    }

    private long indexedAddress(long index) {
        return module("debug_addr").seek(index(addressBase, index, addressSize)).fixed(addressSize);
    }

    // ---- ranges (2.17)

    /** Whether the entry's code holds an address. */
    boolean contains(Entry entry, long address) {
        if (entry.has(Entry.RANGES)) {
            return version < 5 ? containsRanges4(entry, address) : containsRanges5(entry, address);
        }
        if (!entry.has(Entry.LOW_PC) || !entry.has(Entry.HIGH_PC)) {
            return false;
        }
        long from = address(entry, Entry.LOW_PC);
        int form = entry.form(Entry.HIGH_PC);
        boolean isAddress = form == 0x01 || form == 0x1b || form >= 0x29 && form <= 0x2c || form == 0x1f01;
        long to = isAddress ? address(entry, Entry.HIGH_PC) : from + entry.value(Entry.HIGH_PC);
        return from > 0 && from <= address && address < to;
    }

    private boolean containsRanges4(Entry entry, long address) {
        boolean isSplit = !ending.isEmpty();
        DwarfReader in = module("debug_ranges").seek(entry.value(Entry.RANGES) + (isSplit ? rangesBase : 0));
        long base = low;
        long most = addressSize == 4 ? 0xFFFF_FFFFL : -1;
        while (true) {
            long from = in.fixed(addressSize);
            long to = in.fixed(addressSize);
            if (from == 0 && to == 0) {
                return false;
            }
            if (from == most) {
                base = to;
            } else if (base + from <= address && address < base + to) {
                return true;
            }
        }
    }

    private boolean containsRanges5(Entry entry, long address) {
        DwarfReader lists = section("debug_rnglists", DwarfPackage.RNGLISTS);
        long at = entry.value(Entry.RANGES);
        if (entry.form(Entry.RANGES) == 0x23) { // rnglistx
            at = rangesBase + lists.seek(index(rangesBase, at, offsetSize)).fixed(offsetSize);
        }
        DwarfReader in = lists.seek(at);
        long base = low;
        while (true) {
            long from;
            long to;
            switch (in.u8()) {
                case 0 -> { // end_of_list
                    return false;
                }
                case 1 -> { // base_addressx
                    base = indexedAddress(in.uleb());
                    continue;
                }
                case 2 -> { // startx_endx
                    from = indexedAddress(in.uleb());
                    to = indexedAddress(in.uleb());
                }
                case 3 -> { // startx_length
                    from = indexedAddress(in.uleb());
                    to = from + in.uleb();
                }
                case 4 -> { // offset_pair
                    from = base + in.uleb();
                    to = base + in.uleb();
                }
                case 5 -> { // base_address
                    base = in.fixed(addressSize);
                    continue;
                }
                case 6 -> { // start_end
                    from = in.fixed(addressSize);
                    to = in.fixed(addressSize);
                }
                case 7 -> { // start_length
                    from = in.fixed(addressSize);
                    to = from + in.uleb();
                }
                default -> throw new DwarfException("a list of ranges of another kind");
            }
            if (from <= address && address < to) {
                return true;
            }
        }
    }
}
