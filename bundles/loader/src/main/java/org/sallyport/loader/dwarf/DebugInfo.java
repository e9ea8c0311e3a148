package org.sallyport.loader.dwarf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.DebugFiles;
import org.sallyport.SourcePosition;

/** The debug information of a module, as far as it has been read. Not thread-safe. */
final class DebugInfo {
    private static final int MOST_UNITS = 1 << 18;
    private static final int MOST_REFERENCES = 8;
    private static final String SPLIT = ".dwo";

    private final DwarfSections main;
    private final DebugFiles files;
    private final List<DwarfUnit> units;
    private final Map<Long, LineTable> tables = new HashMap<>();
    private final Map<DwarfUnit, DwarfUnit> splitUnits = new HashMap<>();
    private @Nullable DwarfPackage ofSplit;
    private boolean hasLookedForPackage;

    DebugInfo(DwarfSections main, DebugFiles files) {
        this.main = main;
        this.files = files;
        units = units(main, "");
    }

    /** All units of a file; those before what cannot be read. */
    private List<DwarfUnit> units(DwarfSections own, String ending) {
        List<DwarfUnit> found = new ArrayList<>();
        DwarfReader info = own.open(".debug_info" + ending);
        try {
            while (info.hasMore() && found.size() < MOST_UNITS) {
                found.add(new DwarfUnit(main, own, ending, info, null));
            }
        } catch (DwarfException e) {
            // what follows has no place that is known
        }
        return found;
    }

    List<SourcePosition> find(long address) {
        for (DwarfUnit unit : units) {
            if (unit.hasCode() && mayContain(unit, address)) {
                List<SourcePosition> found = find(unit, address);
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return List.of();
    }

    private static boolean mayContain(DwarfUnit unit, long address) {
        boolean says = unit.root.has(Entry.RANGES) || unit.root.has(Entry.HIGH_PC);
        return !says || unit.contains(unit.root, address);
    }

    private List<SourcePosition> find(DwarfUnit unit, long address) {
        LineTable table = lines(unit);
        LineTable.Row row = table == null ? null : table.find(address);
        if (table == null || row == null) {
            return List.of();
        }
        DwarfUnit entries = split(unit);
        List<Entry> chain = List.of();
        try {
            chain = chain(entries, address);
        } catch (DwarfException e) {
            // the line is known all the same
        }
        List<SourcePosition> positions = new ArrayList<>();
        Entry innermost = chain.isEmpty() ? null : chain.getLast();
        positions.add(position(entries, innermost, table.file(row.file()), row.line(), row.column()));
        for (int i = chain.size() - 1; i > 0; i--) {
            Entry copy = chain.get(i);
            positions.add(position(
                    entries,
                    chain.get(i - 1),
                    table.file((int) copy.value(Entry.CALL_FILE)),
                    (int) copy.value(Entry.CALL_LINE),
                    (int) copy.value(Entry.CALL_COLUMN)));
        }
        return positions;
    }

    private static SourcePosition position(DwarfUnit unit, @Nullable Entry function, String file, int line, int column) {
        String name = "";
        try {
            name = function == null ? "" : name(unit, function);
        } catch (DwarfException e) {
            // the place is known all the same
        }
        return new SourcePosition(name, file, line, column);
    }

    private @Nullable LineTable lines(DwarfUnit unit) {
        if (!unit.root.has(Entry.STMT_LIST)) {
            return null;
        }
        return tables.computeIfAbsent(unit.root.value(Entry.STMT_LIST), at ->
                new LineTable(main.open(".debug_line").seek(at), unit, unit.text(unit.root, Entry.COMP_DIR)));
    }

    // ---- functions

    /** The function that holds the address, and the copies in it, the innermost last. */
    private static List<Entry> chain(DwarfUnit unit, long address) {
        List<Entry> chain = new ArrayList<>();
        DwarfReader in = unit.entries();
        Entry entry = new Entry();
        int depth = 0;
        int ofFunction = -1;
        while (in.hasMore()) {
            if (!unit.next(in, entry)) {
                depth--;
                if (depth <= 0 || depth <= ofFunction) {
                    break;
                }
                continue;
            }
            boolean wanted = chain.isEmpty() ? entry.tag == Entry.SUBPROGRAM : entry.tag == Entry.INLINED_SUBROUTINE;
            boolean hasChildren = entry.hasChildren;
            if (wanted && unit.contains(entry, address)) {
                ofFunction = chain.isEmpty() ? depth : ofFunction;
                chain.add(entry);
                entry = new Entry();
            }
            if (hasChildren) {
                depth++;
            } else if (!chain.isEmpty() && depth == ofFunction) {
                break;
            }
        }
        return chain;
    }

    private static String name(DwarfUnit unit, Entry entry) {
        Entry at = entry;
        for (int i = 0; i < MOST_REFERENCES && at != null; i++) {
            for (int attribute : new int[] {Entry.NAME, Entry.LINKAGE_NAME}) {
                if (at.has(attribute)) {
                    return unit.text(at, attribute);
                }
            }
            at = unit.referred(at, at.has(Entry.ABSTRACT_ORIGIN) ? Entry.ABSTRACT_ORIGIN : Entry.SPECIFICATION);
        }
        return "";
    }

    // ---- split units

    /** The unit with the entries: another one, if this is only the skeleton of it and its file can be had. */
    private DwarfUnit split(DwarfUnit unit) {
        int attribute = unit.root.has(Entry.DWO_NAME) ? Entry.DWO_NAME : Entry.GNU_DWO_NAME;
        if (!unit.root.has(attribute)) {
            return unit;
        }
        return splitUnits.computeIfAbsent(unit, _ -> {
            try {
                DwarfUnit found = inPackage(unit);
                if (found == null) {
                    found = inFile(unit, LineTable.within(unit.text(unit.root, Entry.COMP_DIR), unit.text(unit.root, attribute)));
                }
                if (found != null) {
                    found.completeFrom(unit);
                    return found;
                }
            } catch (DwarfException | IOException e) {
                // lines are known all the same
            }
            return unit;
        });
    }

    private @Nullable DwarfUnit inPackage(DwarfUnit unit) throws IOException {
        if (!hasLookedForPackage) {
            hasLookedForPackage = true;
            byte[] file = files.read(DebugFiles.PACKAGE);
            ofSplit = file == null ? null : new DwarfPackage(DwarfSections.of(file));
        }
        DwarfPackage found = ofSplit;
        DwarfPackage.Contribution contribution = found == null ? null : found.find(unit.signature());
        if (found == null || contribution == null) {
            return null;
        }
        DwarfReader info = contribution.part(found.sections.open(".debug_info" + SPLIT), DwarfPackage.INFO);
        return new DwarfUnit(main, found.sections, SPLIT, info, contribution);
    }

    private @Nullable DwarfUnit inFile(DwarfUnit unit, String name) throws IOException {
        byte[] file = files.read(name);
        if (file == null) {
            return null;
        }
        for (DwarfUnit found : units(DwarfSections.of(file), SPLIT)) {
            if (found.hasCode() && found.signature() == unit.signature()) {
                return found;
            }
        }
        return null;
    }
}
