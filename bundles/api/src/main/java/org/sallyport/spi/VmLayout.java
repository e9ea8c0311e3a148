package org.sallyport.spi;

import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.WasmModule;

/**
 * Layout of the native instance context ({@code vmctx}) of one module, in bytes (docs/abi.md). The one definition that
 * the compiler, the instance allocator and the runtime core read. Immutable; a function of the module alone.
 *
 * <p>Header (the same in every context, also of host functions): {@link #STORE}, {@link #STACK_LIMIT}, {@link
 * #HOST_FUNCTION}, {@link #MEMORIES}. Then, in this order, memories, tables, imported functions, globals, function
 * references, type ids, tags, the base of the heap of objects.
 */
public final class VmLayout {
    /** Pointer to the store context. */
    public static final int STORE = 0;
    /** Lowest stack pointer that a prologue accepts. */
    public static final int STACK_LIMIT = 8;
    /** In the context of a host function its number (int, above 0); 0 in an instance. */
    public static final int HOST_FUNCTION = 16;
    /** Memories: {@link #MEMORY_ENTRY} bytes each; one entry is always there. */
    public static final int MEMORIES = 24;
    /** Base address of memory 0; without one that of the heap of objects; 0 without both. */
    public static final int MEMORY0_BASE = MEMORIES;

    /** {base address, pointer to the memory's {@linkplain #MEMORY_DEF_LENGTH definition}}. */
    public static final int MEMORY_ENTRY = 16;
    public static final int MEMORY_ENTRY_BASE = 0;
    public static final int MEMORY_ENTRY_DEF = 8;
    /** In a memory's definition (shared by all instances that import it): current length in bytes, 64 bits. */
    public static final int MEMORY_DEF_LENGTH = 0;
    public static final int MEMORY_DEF_SIZE = 16;

    /** Pointer to the table's definition. */
    public static final int TABLE_ENTRY = 8;
    /**
     * In a table's definition: address of the elements (may change when the table grows), and their number (64 bits).
     */
    public static final int TABLE_DEF_BASE = 0;
    public static final int TABLE_DEF_LENGTH = 8;
    public static final int TABLE_DEF_SIZE = 16;
    public static final int TABLE_ELEMENT = 8;

    /** Imported function: {code, vmctx}. */
    public static final int IMPORT_ENTRY = 16;
    public static final int IMPORT_CODE = 0;
    public static final int IMPORT_VMCTX = 8;

    /**
     * The number of a module type, 32 bits: of functions, the engine's; of structures and arrays, the one that objects of
     * the store begin with.
     */
    public static final int TYPE_ID_ENTRY = 4;

    /** An exception tag: the number that is its identity in the store, 64 bits, never 0. */
    public static final int TAG_ENTRY = 8;

    /** A global: the value itself (defined here) or a pointer to the value (imported). */
    public static final int GLOBAL_ENTRY = 16;

    /** A function reference points to such a record. */
    public static final int FUNCREF_ENTRY = 32;
    public static final int FUNCREF_CODE = 0;
    public static final int FUNCREF_VMCTX = 8;
    /** Canonical type id, 32 bits. */
    public static final int FUNCREF_TYPE = 16;
    /** Number by which the host finds the function again, 32 bits. */
    public static final int FUNCREF_HOST_ID = 20;
    /** Pointer to the numbers of the type's supertypes from the root on, then its own, then zeros ({@link ObjectLayout#ROW}). */
    public static final int FUNCREF_SUPERTYPES = 24;

    /** Bytes of the context of a host function, which has nothing behind the header. */
    public static final int HOST_CONTEXT_SIZE = 48;

    private final int tables;
    private final int imports;
    private final int typeIds;
    private final int tags;
    private final int heapBase;
    private final int globals;
    private final int importedGlobals;
    private final int funcRefs;
    private final int[] escaping;
    private final int size;

    /**
     * @param escaping indices of the functions that get a reference slot, ascending: {@code
     *     ValidModule.escapingFunctions()}
     */
    public VmLayout(WasmModule module, int[] escaping) {
        int memoryCount = module.importCount(ExternKind.MEMORY) + module.memories().size();
        int tableCount = module.importCount(ExternKind.TABLE) + module.tables().size();
        importedGlobals = module.importCount(ExternKind.GLOBAL);
        this.escaping = escaping.clone();
        tables = MEMORIES + MEMORY_ENTRY * Math.max(1, memoryCount);
        imports = align(tables + TABLE_ENTRY * tableCount, 16);
        globals = imports + IMPORT_ENTRY * module.importCount(ExternKind.FUNC);
        funcRefs = globals + GLOBAL_ENTRY * (importedGlobals + module.globals().size());
        typeIds = funcRefs + FUNCREF_ENTRY * escaping.length;
        tags = align(typeIds + TYPE_ID_ENTRY * module.types().size(), TAG_ENTRY);
        int tagCount = module.importCount(ExternKind.TAG) + module.tags().size();
        heapBase = tags + TAG_ENTRY * tagCount;
        size = align(heapBase + 8, 16);
    }

    public int memoryBase(int memory) {
        return MEMORIES + MEMORY_ENTRY * memory + MEMORY_ENTRY_BASE;
    }

    public int memoryDef(int memory) {
        return MEMORIES + MEMORY_ENTRY * memory + MEMORY_ENTRY_DEF;
    }

    public int table(int table) {
        return tables + TABLE_ENTRY * table;
    }

    public int importCode(int function) {
        return imports + IMPORT_ENTRY * function + IMPORT_CODE;
    }

    public int importVmctx(int function) {
        return imports + IMPORT_ENTRY * function + IMPORT_VMCTX;
    }

    public int typeId(int type) {
        return typeIds + TYPE_ID_ENTRY * type;
    }

    public int tag(int tag) {
        return tags + TAG_ENTRY * tag;
    }

    /** What references to objects are relative to; 0 in a store that has no objects. */
    public int heapBase() {
        return heapBase;
    }

    /** The global's slot: its value, or where {@link #isGlobalPointer} a pointer to it. */
    public int global(int global) {
        return globals + GLOBAL_ENTRY * global;
    }

    public boolean isGlobalPointer(int global) {
        return global < importedGlobals;
    }

    /** The reference record of a function, or -1 when the function has none. */
    public int funcRef(int function) {
        int at = java.util.Arrays.binarySearch(escaping, function);
        return at < 0 ? -1 : funcRefs + FUNCREF_ENTRY * at;
    }

    /** Offset of reference slot {@code i}, less than {@link #funcRefCount}. */
    public int funcRefSlot(int i) {
        return funcRefs + FUNCREF_ENTRY * i;
    }

    /** Number of function reference slots. */
    public int funcRefCount() {
        return escaping.length;
    }

    /** The function in reference slot {@code i}. */
    public int funcRefFunction(int i) {
        return escaping[i];
    }

    /** Bytes of the whole context, a multiple of 16. */
    public int size() {
        return size;
    }

    private static int align(int n, int to) {
        return (n + to - 1) & -to;
    }
}
