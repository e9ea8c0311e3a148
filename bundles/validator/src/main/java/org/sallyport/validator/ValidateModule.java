package org.sallyport.validator;

import static org.sallyport.validator.Problem.DUPLICATE_EXPORT;
import static org.sallyport.validator.Problem.MULTIPLE_MEMORIES;
import static org.sallyport.validator.Problem.MULTIPLE_TABLES;
import static org.sallyport.validator.Problem.START_FUNCTION;
import static org.sallyport.validator.Problem.TAG_RESULT;
import static org.sallyport.validator.Problem.TYPE_MISMATCH;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.InvalidModuleException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Export;
import org.sallyport.wasm.WasmModule.Expr;
import org.sallyport.wasm.WasmModule.Global;
import org.sallyport.wasm.WasmModule.Import;
import org.sallyport.wasm.WasmModule.Mode;
import org.sallyport.wasm.WasmModule.Table;

/** Validates one module, section by section and at last its bodies (WebAssembly 3.0, 3.5). Used once. */
final class ValidateModule {
    /** The type of a segment of bare function indices, which is older than the types that it would need written out. */
    private static final RefType FUNCTIONS = new RefType(false, HeapType.Abstract.FUNC);

    private static final int BETWEEN_CHECKS = 2048;

    private final WasmModule module;
    private final IndexSpaces spaces;
    private final CompileBudget budget;
    private final LoadLimits limits;
    private final Uses uses;
    private final Types types;
    private final Context context;
    private final CheckConstant constants;

    /** Steps to the next look at the budget. */
    private int steps;

    // Where we are, for messages.
    private String section = "module";
    private int entry = -1;
    private @Nullable String name;
    private int offset = -1;

    ValidateModule(WasmModule module, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
        this.module = module;
        this.budget = budget;
        this.limits = limits;
        spaces = new IndexSpaces(module);
        uses = new Uses(features);
        types = new Types(module.types(), budget::check);
        context = new Context(spaces, types, limits);
        constants = new CheckConstant(context, uses, budget);
    }

    /**
     * @throws InvalidModuleException at the first rule that is broken
     * @throws MalformedModuleException if instructions do not follow the grammar
     */
    ValidModule validate(Validator prover, Executor executor) {
        CheckBodies bodies;
        try {
            declarations();
            definitions();
            bodies = new CheckBodies(context, uses, budget);
            bodies.run(executor);
            rethrow(bodies);
        } catch (Violation v) {
            throw new InvalidModuleException(v.specText, v.detail, place(), v.advice(), v.missing);
        } catch (MalformedCodeException e) {
            throw new MalformedModuleException(e.specText(), e.detail(), place(e.offset()), e.advice(), e.proposal());
        }
        return new ValidModule(prover, spaces, uses.features(), context.declared.stream().toArray(), types.canonical(),
                bodies.facts());
    }

    private void rethrow(CheckBodies bodies) {
        Throwable failure = bodies.failure();
        if (failure == null) {
            return;
        }
        enter("code");
        int function = bodies.failedFunction();
        entry(function, module.names().functions().get(function), bodies.failureOffset());
        switch (failure) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("BUG: " + failure, failure);
        }
    }

    // What the index spaces consist of: types, imports, and the types of definitions

    private void declarations() {
        enter("type");
        new CheckTypes(module, types, uses, limits).check(module.recGroups(), i -> entry(i, null, -1));
        imports();
        enter("function");
        for (int i = 0; i < module.functions().length; i++) {
            entry(spaces.importedFuncs() + i, null, -1);
            types.checkFunction(module.functions()[i]);
        }
        enter("table");
        for (int i = spaces.importedTables(); i < spaces.tableCount(); i++) {
            entry(i, null, -1);
            table(i, spaces.table(i));
        }
        enter("memory");
        for (int i = spaces.importedMemories(); i < spaces.memoryCount(); i++) {
            entry(i, null, -1);
            memory(i, spaces.memory(i));
        }
        enter("tag");
        for (int i = spaces.importedTags(); i < spaces.tagCount(); i++) {
            entry(i, null, -1);
            tag(spaces.tagTypeIndex(i));
        }
    }

    private void imports() {
        enter("import");
        int tables = 0;
        int memories = 0;
        int globals = 0;
        int index = 0;
        for (Import i : module.imports()) {
            entry(index++, i.module() + "." + i.name(), i.offset());
            switch (i.type()) {
                case ExternType.Func(int type) -> types.checkFunction(type);
                case ExternType.Table(TableType type) -> table(tables++, type);
                case ExternType.Memory(MemoryType type) -> memory(memories++, type);
                case ExternType.Global(GlobalType type) -> {
                    mutableAcrossModules(type);
                    global(globals++, type);
                }
                case ExternType.Tag(int type) -> tag(type);
            }
        }
    }

    private void table(int index, TableType type) {
        if (!type.element().equals(RefType.FUNCREF)) {
            uses.need(type.element());
        }
        context.tables[index] = types.code(type.element());
        context.tables64[index] = CheckLimits.table(type, uses);
        if (index > 0) {
            uses.need(Feature.REFERENCE_TYPES, MULTIPLE_TABLES, "a second table");
        }
    }

    private void memory(int index, MemoryType type) {
        context.memories64[index] = CheckLimits.memory(type, uses);
        if (index > 0) {
            uses.need(Feature.MULTI_MEMORY, MULTIPLE_MEMORIES, "a second memory");
        }
    }

    private void global(int index, GlobalType type) {
        uses.need(type.type());
        context.globals[index] = types.code(type.type());
        context.mutable[index] = type.mutable();
    }

    private void mutableAcrossModules(GlobalType type) {
        if (type.mutable()) {
            uses.need(Feature.MUTABLE_GLOBALS, "a mutable global between modules");
        }
    }

    private void tag(int type) {
        uses.need(Feature.EXCEPTIONS, "a tag");
        types.checkFunction(type);
        if (types.results(type).length > 0) {
            throw new Violation(TAG_RESULT, Types.text(types.results(type), 0, types.results(type).length));
        }
    }

    // Definitions

    private void definitions() {
        tables();
        globals();
        exports();
        start();
        elements();
        data();
    }

    private void tables() {
        enter("table");
        int index = spaces.importedTables();
        for (Table table : module.tables()) {
            entry(index, null, -1);
            if (table.init() != null) {
                uses.need(Feature.FUNCTION_REFERENCES, "a table with an initializer");
                constant(table.init(), context.tables[index], spaces.importedGlobals());
            } else if (!table.type().element().isDefaultable()) {
                throw new Violation(TYPE_MISMATCH, "a table of " + table.type().element() + " needs an initializer");
            }
            index++;
        }
    }

    private void globals() {
        enter("global");
        int index = spaces.importedGlobals();
        for (Global global : module.globals()) {
            entry(index, null, global.init().start());
            global(index, global.type());
            constant(global.init(), context.globals[index], index);
            index++;
        }
    }

    private void exports() {
        enter("export");
        Set<String> names = new HashSet<>();
        int index = 0;
        for (Export export : module.exports()) {
            entry(index++, export.name(), export.offset());
            switch (export.kind()) {
                case FUNC -> {
                    context.function(export.index());
                    context.declared.set(export.index());
                }
                case TABLE -> context.table(export.index());
                case MEMORY -> context.memory(export.index());
                case GLOBAL -> {
                    context.global(export.index());
                    mutableAcrossModules(spaces.global(export.index()));
                }
                case TAG -> context.tag(export.index());
            }
            if (!names.add(export.name())) {
                throw new Violation(DUPLICATE_EXPORT, '"' + Printable.name(export.name()) + '"');
            }
        }
    }

    private void start() {
        if (module.start() == WasmModule.NO_START) {
            return;
        }
        enter("start");
        int type = context.function(module.start());
        if (types.params(type).length + types.results(type).length > 0) {
            throw new Violation(START_FUNCTION, spaces.funcType(module.start()).toString());
        }
    }

    private void elements() {
        enter("element");
        List<ElementSegment> segments = module.elements();
        for (int i = 0; i < segments.size(); i++) {
            ElementSegment segment = segments.get(i);
            entry(i, null, segment.offset());
            element(i, segment);
        }
    }

    private void element(int index, ElementSegment segment) {
        if (!segment.type().equals(FUNCTIONS)) {
            uses.need(segment.type());
        }
        int type = types.code(segment.type());
        context.elements[index] = type;
        if (segment.mode() instanceof Mode.Active(int table, Expr at)) {
            int holds = context.table(table);
            if (!types.isSubtype(type, holds)) {
                throw new Violation(TYPE_MISMATCH, Types.text(type) + " does not fit a table of " + Types.text(holds));
            }
            constant(at, context.tableAddress(table), spaces.globalCount());
        } else {
            uses.need(Feature.BULK_MEMORY, "a passive or declarative element segment");
        }
        for (int function : segment.funcs()) {
            step();
            context.function(function);
            context.declared.set(function);
        }
        for (Expr expr : segment.exprs()) {
            constant(expr, type, spaces.globalCount());
        }
    }

    private void data() {
        enter("data");
        List<DataSegment> segments = module.data();
        for (int i = 0; i < segments.size(); i++) {
            DataSegment segment = segments.get(i);
            entry(i, null, segment.offset());
            if (segment.mode() instanceof Mode.Active(int memory, Expr at)) {
                constant(at, context.memory(memory), spaces.globalCount());
            } else {
                uses.need(Feature.BULK_MEMORY, "a passive data segment");
            }
        }
    }

    private void constant(Expr expr, int type, int visibleGlobals) {
        step();
        try {
            constants.check(expr, type, visibleGlobals);
        } catch (Violation v) {
            offset = constants.offset();
            throw v;
        }
    }

    // Places

    private void enter(String section) {
        this.section = section;
        entry = -1;
        name = null;
        offset = -1;
    }

    private void entry(int index, @Nullable String name, int offset) {
        entry = index;
        this.name = name;
        this.offset = offset;
        step();
    }

    /** Called in every loop over what the module declares. */
    private void step() {
        if (--steps < 0) {
            steps = BETWEEN_CHECKS;
            budget.check();
        }
    }

    private BinaryPlace place() {
        return place(offset);
    }

    private BinaryPlace place(int offset) {
        return new BinaryPlace(section, entry, name, offset);
    }
}
