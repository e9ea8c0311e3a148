package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.CompileOptions;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/**
 * A module with one function body for tests of the builder: one imported function (index 0), the body (index 1), an
 * imported
 * mutable i32 global (0) and own ones of all number types (1 to 4) and a constant (5, i32 42), a memory of one page,
 * and an own
 * exported table of {@link #TABLE_SIZE} functions, every second of them null. Its context can be laid out for the
 * {@link Interpreter}.
 */
final class TestModule {
    static final int TABLE_SIZE = 8;
    static final int IMPORTED = 0;
    static final int BODY = 1;

    private static final long DEFINITIONS = 0x5000_0000L;

    private final ValidModule valid;
    private final CompileOptions options;

    /**
     * @param types the type section
     * @param imported type index of the imported function
     * @param own type index of the body
     * @param locals declared locals of the body
     */
    TestModule(List<FuncType> types, int imported, int own, List<ValType> locals, byte[] body, CompileOptions options) {
        this.options = options;
        Wasm init = new Wasm().i32(42).op(org.sallyport.wasm.Opcode.END);
        byte[] constant = init.toBytes();
        byte[] binary = new byte[constant.length + body.length];
        System.arraycopy(constant, 0, binary, 0, constant.length);
        System.arraycopy(body, 0, binary, constant.length, body.length);
        WasmModule.Expr expr = new WasmModule.Expr(0, constant.length);
        List<SubType> subTypes = new ArrayList<>();
        List<RecGroup> groups = new ArrayList<>();
        for (FuncType type : types) {
            groups.add(new RecGroup(subTypes.size(), 1));
            subTypes.add(SubType.of(type));
        }
        List<WasmModule.Global> globals = new ArrayList<>();
        for (NumType type : NumType.values()) {
            globals.add(new WasmModule.Global(new GlobalType(type, true), expr));
        }
        globals.add(new WasmModule.Global(new GlobalType(NumType.I32, false), expr));
        List<WasmModule.LocalRun> runs = locals.stream().map(t -> new WasmModule.LocalRun(1, t)).toList();
        WasmModule module = new WasmModule(binary, subTypes, groups,
                List.of(new WasmModule.Import("m", "f", new ExternType.Func(imported), 0),
                        new WasmModule.Import("m", "g", new ExternType.Global(new GlobalType(NumType.I32, true)), 0)),
                new int[] {own},
                List.of(new WasmModule.Table(new TableType(org.sallyport.wasm.AddressType.I32, Limits.atLeast(TABLE_SIZE),
                        RefType.FUNCREF), null)),
                List.of(MemoryType.of(Limits.atLeast(1))), List.of(), globals,
                List.of(new WasmModule.Export("t", org.sallyport.wasm.ExternKind.TABLE, 0, 0)), WasmModule.NO_START, List.of(),
                List.of(), -1, List.of(new WasmModule.Body(constant.length, runs, constant.length, binary.length)), List.of(),
                new WasmModule.Range(0, binary.length), Names.NONE);
        int[] canonical = new int[types.size()];
        for (int i = 0; i < canonical.length; i++) {
            canonical[i] = types.indexOf(types.get(i));
        }
        valid = new ValidModule((m, _, _, _, _) -> {
            throw new UnsupportedOperationException(m + " is a test's own");
        }, new IndexSpaces(module), EnumSet.noneOf(Feature.class), new int[] {0, 1}, canonical,
                new ValidModule.FunctionFacts[] {new ValidModule.FunctionFacts(1, 1, 1, true, false, true, true)});
    }

    ModuleFacts facts() {
        return new ModuleFacts(valid, options);
    }

    Graph build() {
        Graph graph = new Graph();
        new BuildGraph(facts()).build(BODY, graph);
        return graph;
    }

    /** What native code is made of. */
    Graph buildLowered() {
        Graph graph = build();
        new LowerRuntime(facts(), layout()).run(graph);
        return graph;
    }

    VmLayout layout() {
        return new VmLayout(valid.module(), valid.escapingFunctions());
    }

    /** What the instance context and everything it points to hold. */
    Map<Long, Byte> structures() {
        VmLayout layout = layout();
        Map<Long, Byte> bytes = new TreeMap<>();
        long context = Interpreter.VMCTX;
        for (int i = 0; i < layout.size(); i++) {
            bytes.put(context + i, (byte) 0);
        }
        long importedGlobal = DEFINITIONS;
        long memory = DEFINITIONS + 64;
        long table = DEFINITIONS + 128;
        long elements = DEFINITIONS + 256;
        put(bytes, importedGlobal, 1234);
        put(bytes, memory + VmLayout.MEMORY_DEF_LENGTH, Interpreter.MEMORY_SIZE);
        put(bytes, table + VmLayout.TABLE_DEF_BASE, elements);
        put(bytes, table + VmLayout.TABLE_DEF_LENGTH, TABLE_SIZE);
        put(bytes, context + layout.global(0), importedGlobal);
        put(bytes, context + layout.memoryDef(0), memory);
        put(bytes, context + layout.table(0), table);
        for (int i = 0; i < TABLE_SIZE; i++) {
            put(bytes, elements + 8 * i, i % 2 == 0 ? 0 : context + layout.funcRef(i % 4 / 2));
        }
        for (int f = 0; f < 2; f++) {
            long record = context + layout.funcRef(f);
            put(bytes, record + VmLayout.FUNCREF_CODE, 0x7000 + f);
            put(bytes, record + VmLayout.FUNCREF_VMCTX, context);
            put(bytes, record + VmLayout.FUNCREF_TYPE, valid.canonicalType(valid.spaces().funcTypeIndex(f)));
        }
        for (int t = 0; t < valid.module().types().size(); t++) {
            int id = valid.canonicalType(t);
            for (int k = 0; k < 4; k++) {
                bytes.put(context + layout.typeId(t) + k, (byte) (id >> 8 * k));
            }
        }
        return bytes;
    }

    /** Cells that a call may change: the mutable globals. */
    long[] volatileCells() {
        VmLayout layout = layout();
        long[] cells = new long[5];
        cells[0] = DEFINITIONS;
        for (int i = 1; i < 5; i++) {
            cells[i] = Interpreter.VMCTX + layout.global(i);
        }
        return cells;
    }

    private static void put(Map<Long, Byte> bytes, long at, long value) {
        for (int i = 0; i < 8; i++) {
            bytes.put(at + i, (byte) (value >> 8 * i));
        }
    }
}
