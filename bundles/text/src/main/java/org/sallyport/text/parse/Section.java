package org.sallyport.text.parse;

/**
 * The sections of a module in the order of the binary format (WebAssembly 3.0, 5.5.2), with the entries written so far.
 */
final class Section {

    /** Which section it is; the order is that of the binary format, not that of the codes. */
    enum Id {
        TYPE(1),
        IMPORT(2),
        FUNC(3),
        TABLE(4),
        MEMORY(5),
        TAG(13),
        GLOBAL(6),
        EXPORT(7),
        START(8),
        ELEM(9),
        DATACOUNT(12),
        CODE(10),
        DATA(11);

        final int code;

        Id(int code) {
            this.code = code;
        }
    }

    final BinaryWriter entries = new BinaryWriter();
    private int count;

    /** The writer for one more entry. */
    BinaryWriter entry() {
        count++;
        return entries;
    }

    int count() {
        return count;
    }
}
