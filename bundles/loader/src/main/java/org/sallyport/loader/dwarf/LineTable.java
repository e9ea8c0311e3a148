package org.sallyport.loader.dwarf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The line number table of a unit (6.2), versions 2 to 5. */
final class LineTable {
    /** Rows of one unit; more are not kept. */
    private static final int MOST_ROWS = 1 << 22;
    private static final int MOST_FILES = 1 << 20;

    // standard opcodes (6.2.5.2)
    private static final int COPY = 1;
    private static final int ADVANCE_PC = 2;
    private static final int ADVANCE_LINE = 3;
    private static final int SET_FILE = 4;
    private static final int SET_COLUMN = 5;
    private static final int CONST_ADD_PC = 8;
    private static final int FIXED_ADVANCE_PC = 9;
    // extended opcodes (6.2.5.3)
    private static final int END_SEQUENCE = 1;
    private static final int SET_ADDRESS = 2;
    // content types of files (6.2.4.1)
    private static final int PATH = 1;
    private static final int DIRECTORY_INDEX = 2;

    private static final long NO_CODE = 0xFFFF_FFFEL; // what linkers write for functions that they left out: -1, -2

    private record Name(String name, int directory) {}

    /** @param file and line and column of the row, 0 where not known */
    record Row(int file, int line, int column) {}

    private final String compilationDirectory;
    private final List<String> directories = new ArrayList<>();
    private final List<Name> files = new ArrayList<>();
    private final int firstFile;

    // rows of all sequences, those of a sequence ascending; the last of each ends it and has file -1
    private long[] addresses = new long[256];
    private int[] places = new int[3 * 256];
    private int count;

    // registers (6.2.2)
    private long address;
    private int file;
    private long line;
    private int column;
    private int sequence;

    /**
     * @param in at the table's start
     * @param unit has the sections that the table's texts are in
     */
    LineTable(DwarfReader in, DwarfUnit unit, String compilationDirectory) {
        this.compilationDirectory = compilationDirectory;
        DwarfReader.Length length = in.initialLength();
        DwarfReader table = in.part(in.position(), length.bytes());
        int version = table.u16();
        if (version < 2 || version > 5) {
            throw new DwarfException("a line table of version " + version);
        }
        firstFile = version < 5 ? 1 : 0;
        if (version >= 5) {
            table.skip(2); // sizes of addresses and of segment selectors
        }
        long headerLength = table.fixed(length.offsetSize());
        long program = table.position() + headerLength;
        int least = table.u8();
        if (version >= 4) {
            table.u8(); // operations of an instruction: 1 but for VLIW machines
        }
        table.u8(); // default_is_stmt
        int lineBase = (byte) table.u8();
        int lineRange = table.u8();
        int opcodeBase = table.u8();
        int[] lengths = new int[opcodeBase];
        for (int i = 1; i < opcodeBase; i++) {
            lengths[i] = table.u8();
        }
        if (version < 5) {
            names4(table);
        } else {
            names5(table, length.offsetSize(), unit);
        }
        if (lineRange == 0) {
            throw new DwarfException("a line range of 0");
        }
        run(table.seek(program), least, lineBase, lineRange, lengths);
    }

    // ---- files

    private void names4(DwarfReader in) {
        directories.add(compilationDirectory);
        for (String directory = in.text(); !directory.isEmpty(); directory = in.text()) {
            directories.add(directory);
        }
        for (String name = in.text(); !name.isEmpty(); name = in.text()) {
            int directory = (int) in.uleb();
            in.uleb();
            in.uleb();
            files.add(new Name(name, directory));
        }
    }

    private void names5(DwarfReader in, int offsetSize, DwarfUnit unit) {
        for (Name directory : list(in, offsetSize, unit)) {
            directories.add(directory.name);
        }
        files.addAll(list(in, offsetSize, unit));
    }

    private static List<Name> list(DwarfReader in, int offsetSize, DwarfUnit unit) {
        int[] formats = new int[2 * in.u8()];
        for (int i = 0; i < formats.length; i++) {
            formats[i] = (int) in.uleb();
        }
        long count = in.uleb();
        if (count < 0 || count > MOST_FILES || count > 0 && formats.length == 0) {
            throw new DwarfException(count + " files");
        }
        List<Name> names = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            String name = "";
            int directory = 0;
            for (int k = 0; k < formats.length; k += 2) {
                long value = unit.read(in, formats[k + 1], offsetSize);
                if (formats[k] == PATH) {
                    name = unit.text(in, formats[k + 1], value);
                } else if (formats[k] == DIRECTORY_INDEX) {
                    directory = (int) value;
                }
            }
            names.add(new Name(name, directory));
        }
        return names;
    }

    /** The name of a file with its directory, as far as it is known. */
    String file(int index) {
        int i = index - firstFile;
        if (i < 0 || i >= files.size()) {
            return "";
        }
        Name found = files.get(i);
        boolean isElsewhere = found.directory > 0 && found.directory < directories.size(); // 0 is the compilation's directory
        String directory = isElsewhere ? directories.get(found.directory) : "";
        return within(compilationDirectory, within(directory, found.name));
    }

    static String within(String directory, String name) {
        boolean isAbsolute = name.startsWith("/") || name.startsWith("\\") || name.length() > 2 && name.charAt(1) == ':';
        return directory.isEmpty() || isAbsolute ? name : directory.endsWith("/") ? directory + name : directory + "/" + name;
    }

    // ---- rows

    private void run(DwarfReader in, int least, int lineBase, int lineRange, int[] lengths) {
        begin();
        while (in.hasMore()) {
            int opcode = in.u8();
            if (opcode >= lengths.length) {
                int adjusted = opcode - lengths.length;
                address += (long) (adjusted / lineRange) * least;
                line += lineBase + adjusted % lineRange;
                add(false);
                continue;
            }
            switch (opcode) {
                case 0 -> extended(in);
                case COPY -> add(false);
                case ADVANCE_PC -> address += in.uleb() * least;
                case ADVANCE_LINE -> line += in.sleb();
                case SET_FILE -> file = (int) in.uleb();
                case SET_COLUMN -> column = (int) in.uleb();
                case CONST_ADD_PC -> address += (long) ((255 - lengths.length) / lineRange) * least;
                case FIXED_ADVANCE_PC -> address += in.u16();
                default -> {
                    for (int i = 0; i < lengths[opcode]; i++) {
                        in.uleb();
                    }
                }
            }
        }
        count = sequence; // one without an end says nothing of where it ends
    }

    private void extended(DwarfReader in) {
        long length = in.uleb();
        DwarfReader operation = in.part(in.position(), length);
        in.skip(length);
        if (length == 0) {
            return;
        }
        switch (operation.u8()) {
            case END_SEQUENCE -> {
                add(true);
                endSequence();
            }
            case SET_ADDRESS -> address = operation.fixed((int) length - 1);
            default -> {
                // discriminators, and what others added
            }
        }
    }

    private void begin() {
        address = 0;
        file = 1;
        line = 1;
        column = 0;
    }

    private void add(boolean isEnd) {
        if (count >= MOST_ROWS) {
            throw new DwarfException("more than " + MOST_ROWS + " rows");
        }
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * count);
            places = Arrays.copyOf(places, 6 * count);
        }
        addresses[count] = address;
        places[3 * count] = isEnd ? -1 : file;
        places[3 * count + 1] = (int) line;
        places[3 * count + 2] = column;
        count++;
    }

    /** What belongs to no code of the module is forgotten, and so is a sequence that goes backwards. */
    private void endSequence() {
        boolean isCode = addresses[sequence] > 0 && addresses[sequence] < NO_CODE;
        for (int i = sequence + 1; isCode && i < count; i++) {
            isCode = addresses[i] >= addresses[i - 1];
        }
        if (!isCode) {
            count = sequence;
        }
        sequence = count;
        begin();
    }

    /** The row of an address, or null. */
    @org.jspecify.annotations.Nullable Row find(long wanted) {
        int from = 0;
        while (from < count) {
            int end = from;
            while (places[3 * end] >= 0) {
                end++;
            }
            if (addresses[from] <= wanted && wanted < addresses[end]) {
                int i = Arrays.binarySearch(addresses, from, end, wanted);
                i = i < 0 ? -i - 2 : i;
                while (i + 1 < end && addresses[i + 1] == wanted) {
                    i++; // of several rows the last counts
                }
                return new Row(places[3 * i], places[3 * i + 1], places[3 * i + 2]);
            }
            from = end + 1;
        }
        return null;
    }
}
