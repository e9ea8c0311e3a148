package org.sallyport.codegen.ir;

import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/** What the functions of a module share while they are compiled, worked out once. Immutable; any number of threads reads it. */
public final class ModuleFacts {
    /** A signature in types of the graph. The arrays are shared; nobody writes to them. */
    record Signature(Type[] params, Type[] results) {}

    /** Checks graphs, machine instructions and register allocations of all compilations, as if all options said so. */
    private static final boolean VERIFY = Boolean.getBoolean("sallyport.verify");

    private final ValidModule valid;
    private final IndexSpaces spaces;
    private final CompileOptions options;
    /** By type index: null until somebody asks, since a module may have a million types that no function uses. */
    private final @Nullable Signature[] signatures;
    private final @Nullable ObjectLayout[] layouts;
    private final boolean[] fixedTables;
    private final boolean[] closedTables;
    private final @Nullable Long[] constantGlobals;
    private final boolean hasObjects;

    public ModuleFacts(ValidModule valid, CompileOptions options) {
        this(valid, options, Meter.unlimited());
    }

    /** @param meter of this thread */
    public ModuleFacts(ValidModule valid, CompileOptions options, Meter meter) {
        this(valid, options, meter, false);
    }

    /** For back ends to which a reference is a Java object, unless it is one to a function. */
    public static ModuleFacts ofObjects(ValidModule valid, CompileOptions options, Meter meter) {
        return new ModuleFacts(valid, options, meter, true);
    }

    private ModuleFacts(ValidModule valid, CompileOptions options, Meter meter, boolean hasObjects) {
        this.valid = valid;
        this.hasObjects = hasObjects;
        this.options = VERIFY ? options.withVerify(true) : options;
        spaces = valid.spaces();
        signatures = new @Nullable Signature[valid.module().types().size()];
        layouts = new @Nullable ObjectLayout[signatures.length];
        TableUse use = new TableUse(valid, meter);
        fixedTables = use.fixed();
        closedTables = use.closed();
        constantGlobals = constantGlobals();
    }

    private Signature signature(FuncType f) {
        return new Signature(typesOf(f.params()), typesOf(f.results()));
    }

    /** Whether references to anything but functions are objects of the back end's language. */
    boolean hasObjects() {
        return hasObjects;
    }

    /** The type of the graph for a value type of the module. */
    public Type type(ValType type) {
        return hasObjects && isObject(type, this::isFunctionType) ? Type.REF : Translation.type(type);
    }

    /** Types of the graph for value types of the module. */
    public Type[] typesOf(List<ValType> types) {
        Type[] list = new Type[types.size()];
        for (int i = 0; i < list.length; i++) {
            list[i] = type(types.get(i));
        }
        return list;
    }

    /** The same where references are objects, of a type that is of no module: what has a number there is of functions. */
    public static Type[] typesOfObjects(List<ValType> types) {
        Type[] list = types(types);
        for (int i = 0; i < list.length; i++) {
            list[i] = isObject(types.get(i), _ -> true) ? Type.REF : list[i];
        }
        return list;
    }

    private static boolean isObject(ValType type, IntPredicate isFunction) {
        if (!(type instanceof RefType ref)) {
            return false;
        }
        return ref.heap() instanceof HeapType.Concrete(int index)
                ? !isFunction.test(index)
                : ref.heap() != HeapType.Abstract.FUNC && ref.heap() != HeapType.Abstract.NOFUNC;
    }

    public static Type[] types(List<ValType> types) {
        Type[] list = new Type[types.size()];
        for (int i = 0; i < list.length; i++) {
            list[i] = Translation.type(types.get(i));
        }
        return list;
    }

    /**
     * Whether the type is one of exceptions. Function references live as long as the store; those to objects are found in
     * frames without being told apart from numbers (docs/decisions/objects.md).
     */
    static boolean isTracked(RefType ref) {
        return ref.heap() == HeapType.Abstract.EXN || ref.heap() == HeapType.Abstract.NOEXN;
    }

    public boolean isFunctionType(int typeIndex) {
        return valid.module().types().get(typeIndex).composite() instanceof FuncType;
    }

    /** How objects of a type lie in the heap. */
    ObjectLayout layout(int typeIndex) {
        ObjectLayout layout = layouts[typeIndex];
        if (layout == null) {
            layout = ObjectLayout.of(valid.module().types().get(typeIndex).composite(), this::isFunctionType);
            layouts[typeIndex] = Objects.requireNonNull(layout); // see signature
        }
        return layout;
    }

    public CompositeType composite(int typeIndex) {
        return valid.module().types().get(typeIndex).composite();
    }

    /** Number of supertypes. */
    int depth(int typeIndex) {
        int depth = 0;
        List<SubType> types = valid.module().types();
        for (SubType at = types.get(typeIndex); !at.supertypes().isEmpty(); at = types.get(at.supertypes().getFirst())) {
            depth++;
        }
        return depth;
    }

    private @Nullable Long[] constantGlobals() {
        @Nullable Long[] list = new Long[spaces.globalCount()];
        byte[] binary = valid.module().binary();
        for (int i = spaces.importedGlobals(); i < list.length; i++) {
            WasmModule.Global global = valid.module().globals().get(i - spaces.importedGlobals());
            if (!global.type().mutable()) {
                CodeReader reader = new CodeReader(binary, global.init().start(), global.init().end());
                list[i] = constant(reader);
            }
        }
        return list;
    }

    private static @Nullable Long constant(CodeReader reader) {
        Long bits = switch (reader.next()) {
            case I32_CONST, I64_CONST, F64_CONST -> reader.bits();
            case F32_CONST -> reader.bits() & 0xFFFF_FFFFL;
            default -> null;
        };
        return bits != null && reader.next() == Opcode.END ? bits : null;
    }

    public ValidModule valid() {
        return valid;
    }

    public CompileOptions options() {
        return options;
    }

    IndexSpaces spaces() {
        return spaces;
    }

    byte[] binary() {
        return valid.module().binary();
    }

    Signature signature(int typeIndex) {
        Signature signature = signatures[typeIndex];
        if (signature == null) {
            if (!(valid.module().types().get(typeIndex).composite() instanceof FuncType type)) {
                throw new AssertionError("BUG: type " + typeIndex + " is no function type");
            }
            signature = signature(type);
            signatures[typeIndex] = signature; // whoever does the same at the same time makes the same
        }
        return signature;
    }

    Signature signatureOf(int function) {
        return signature(spaces.funcTypeIndex(function));
    }

    /**
     * Whether a call of a function that is defined in this module may return from another instance: by tail calls it gives its
     * place to others.
     */
    public boolean leavesInstance(int function) {
        return valid.facts(function).tailCalls();
    }

    /** Whether only functions of exactly this type pass an indirect call's check, so that comparing ids is enough. */
    boolean isFinalType(int typeIndex) {
        return valid.module().types().get(typeIndex).isFinal();
    }

    /** The table's length and elements never change after instantiation, and no one else sees the table. */
    boolean isFixedTable(int table) {
        return fixedTables[table];
    }

    /**
     * A fixed table that holds only null and functions defined in this module that {@linkplain #leavesInstance return
     * from it}.
     */
    boolean isClosedTable(int table) {
        return closedTables[table];
    }

    long tableMin(int table) {
        return spaces.table(table).limits().min();
    }

    boolean isTable64(int table) {
        return spaces.table(table).address() == AddressType.I64;
    }

    boolean isMemory64(int memory) {
        return spaces.memory(memory).address() == AddressType.I64;
    }

    /** Accesses must be checked in code: asked for, or guard pages cannot do it. */
    boolean needsCheck(int memory) {
        MemoryType type = spaces.memory(memory);
        return options.explicitBoundsChecks() || type.address() == AddressType.I64
                || type.pageSizeLog2() != MemoryType.PAGE_SIZE_LOG2;
    }

    /** Bytes that the memory has at least, as far as they fit a long. */
    long memoryMinBytes(int memory) {
        MemoryType type = spaces.memory(memory);
        long pages = type.limits().min();
        return Long.compareUnsigned(pages, 1L << 48 - type.pageSizeLog2()) < 0 ? pages << type.pageSizeLog2() : 0;
    }

    GlobalType global(int global) {
        return spaces.global(global);
    }

    /** The value of an immutable global that is known, or null. */
    @Nullable Long constantGlobal(int global) {
        return constantGlobals[global];
    }

    int globalAlias(int global) {
        if (!spaces.global(global).mutable()) {
            return Alias.CONSTANT;
        }
        return alias(Alias.Kind.GLOBAL, ExternKind.GLOBAL, global);
    }

    int tableDefAlias(int table) {
        return fixedTables[table] ? Alias.CONSTANT : alias(Alias.Kind.TABLE_DEF, ExternKind.TABLE, table);
    }

    int tableElementAlias(int table) {
        return fixedTables[table] ? Alias.CONSTANT : alias(Alias.Kind.TABLE_ELEMENT, ExternKind.TABLE, table);
    }

    /** See {@link Graph#setSharedMemories}. */
    long sharedMemories() {
        long set = 0;
        for (int i = 0; i < spaces.memoryCount(); i++) {
            if (spaces.memory(i).shared()) {
                set |= 1L << Math.min(i, 63);
            }
        }
        return set;
    }

    int memoryLengthAlias(int memory) {
        if (spaces.memory(memory).shared()) {
            return Alias.SHARED_LENGTH;
        }
        return alias(Alias.Kind.MEMORY_LENGTH, ExternKind.MEMORY, memory);
    }

    private int alias(Alias.Kind kind, ExternKind space, int index) {
        return Alias.of(kind, spaces.isImported(space, index) ? Alias.IMPORTED : index);
    }

    /** Where a function is, for messages: index and name. */
    public String place(int function) {
        String name = valid.module().names().functions().get(function);
        return "func[" + function + "]" + (name == null ? "" : " " + Printable.name(name));
    }
}
