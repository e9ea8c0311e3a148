package org.sallyport.codegen.ir;

/**
 * Where a load or store of the runtime's own structures goes, packed into an {@code int}: kind and index. Accesses of different
 * classes never overlap. A call may change every class but {@link Kind#CONSTANT}.
 */
public final class Alias {

    public enum Kind {
        /** Never changes while a call is in progress: context pointers, type ids, code addresses. */
        CONSTANT,
        /** A global; index of the global. All imported mutable globals share the index {@link #IMPORTED}. */
        GLOBAL,
        /** Base and length in a table's definition; index of the table, imported tables share {@link #IMPORTED}. */
        TABLE_DEF,
        /** Elements of a table; indices as for {@link #TABLE_DEF}. */
        TABLE_ELEMENT,
        /** Current length of a memory; index of the memory, imported memories share {@link #IMPORTED}. */
        MEMORY_LENGTH,
        /** Tag and values of the exception that was caught last, or is about to be thrown. */
        EXCEPTION,
        /** Where the heap of objects has room, and its cards: what allocations change. */
        OBJECTS,
        /** The cards themselves. */
        CARDS,
        /** {@link Graph#FIELDS} and {@link Graph#ELEMENTS}. */
        FIELDS,
        ELEMENTS;

        private static final Kind[] VALUES = values();

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Index of everything imported: two imports may be the same object. */
    public static final int IMPORTED = (1 << 20) - 1;

    /** Length of a memory that other threads may let grow at any time: of all such memories. */
    static final int SHARED_LENGTH = of(Kind.MEMORY_LENGTH, IMPORTED - 1);

    /** The class of what never changes. */
    public static final int CONSTANT = 0;

    static final int EXCEPTION = of(Kind.EXCEPTION, 0);

    static final int OBJECTS = of(Kind.OBJECTS, 0);
    static final int FIELDS = of(Kind.FIELDS, 0);
    static final int ELEMENTS = of(Kind.ELEMENTS, 0);
    static final int CARDS = of(Kind.CARDS, 0);

    private Alias() {}

    public static int of(Kind kind, int index) {
        return kind.ordinal() << 20 | index;
    }

    public static Kind kind(int alias) {
        return Kind.VALUES[alias >>> 20];
    }

    public static int index(int alias) {
        return alias & IMPORTED;
    }

    /** {@code global:3}, {@code table_def:*} (imported), {@code constant}. */
    public static String text(int alias) {
        Kind kind = kind(alias);
        if (kind == Kind.CONSTANT) {
            return kind.toString();
        }
        int index = index(alias);
        return kind + ":" + (index == IMPORTED ? "*" : Integer.toString(index));
    }
}
