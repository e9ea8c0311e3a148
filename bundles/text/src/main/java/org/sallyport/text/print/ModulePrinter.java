package org.sallyport.text.print;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.MalformedModuleException;
import org.sallyport.text.WatInstruction;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.CustomSection;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Expr;

/**
 * Prints a module as text that parses back to the same binary, up to what the text cannot say: padded LEB128 numbers,
 * other encodings of the same segment, a data count that no instruction needs, the places of the name section and of
 * branch hints.
 */
public final class ModulePrinter {
    private static final RefType REF_FUNC = new RefType(false, HeapType.Abstract.FUNC);
    private static final int MAX_INDENT = 40;
    private static final List<String> SECTIONS = List.of(
            "first", "type", "import", "func", "table", "memory", "global", "export", "start", "elem", "code", "data",
            "datacount", "tag");

    private final WasmModule module;
    private final IndexSpaces spaces;
    private final NameSection names;
    private final HintSection hints;
    private final @Nullable CustomSection nameSection;
    private final @Nullable CustomSection hintSection;
    private final TypeText types;
    private final InstructionText instructions;
    private final StringBuilder out = new StringBuilder(4096);

    private ModulePrinter(WasmModule module) {
        this.module = module;
        spaces = new IndexSpaces(module);
        CustomSection named = find("name");
        NameSection read = named == null ? NameSection.none() : NameSection.read(module.binary(), named.contents());
        nameSection = read.isWellFormed() ? named : null;
        names = read;
        CustomSection hinted = find(HintSection.NAME);
        HintSection found = hinted == null ? null : HintSection.read(spaces, hinted.contents());
        hintSection = found == null ? null : hinted;
        hints = found == null ? HintSection.none() : found;
        types = new TypeText(module, names);
        instructions = new InstructionText(types, names);
    }

    private @Nullable CustomSection find(String name) {
        return module.customSections().stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
    }

    /** @throws MalformedModuleException if a body's instructions cannot be read */
    public static String print(WasmModule module) {
        return new ModulePrinter(module).print();
    }

    private String print() {
        out.append("(module").append(names.module().definition(0));
        types();
        imports();
        tables();
        memories();
        tags();
        globals();
        exports();
        if (module.start() != WasmModule.NO_START) {
            line("(start ").append(names.of(NameSection.FUNC).use(module.start())).append(')');
        }
        elements();
        functions();
        data();
        customs();
        return out.append(")\n").toString();
    }

    private StringBuilder line(String start) {
        return out.append("\n  ").append(start);
    }

    private String head(String keyword, int kind, int index) {
        return "(" + keyword + names.of(kind).definition(index) + " (;" + index + ";)";
    }

    // Types and imports

    private void types() {
        for (RecGroup group : module.recGroups()) {
            boolean rec = group.size() != 1;
            if (rec) {
                line("(rec");
            }
            for (int i = 0; i < group.size(); i++) {
                line(rec ? "  " : "").append(types.definition(group.firstType() + i));
            }
            out.append(rec ? ")" : "");
        }
    }

    private void imports() {
        int[] next = new int[5];
        for (WasmModule.Import i : module.imports()) {
            int index = next[i.type().kind().ordinal()]++;
            line("(import ").append(Literal.name(i.module())).append(' ').append(Literal.name(i.name())).append(' ');
            out.append(externType(i.type(), index)).append("))");
        }
    }

    private String externType(ExternType type, int index) {
        return switch (type) {
            case ExternType.Func(int t) ->
                head("func", NameSection.FUNC, index) + types.typeUse(t, names.of(NameSection.LOCAL, index));
            case ExternType.Table(var t) -> head("table", NameSection.TABLE, index) + " " + types.table(t);
            case ExternType.Memory(var t) -> head("memory", NameSection.MEMORY, index) + " " + types.memory(t);
            case ExternType.Global(var t) -> head("global", NameSection.GLOBAL, index) + " " + types.global(t);
            case ExternType.Tag(int t) ->
                head("tag", NameSection.TAG, index) + types.typeUse(t, new Identifiers(Map.of()));
        };
    }

    // Definitions

    private void tables() {
        for (int i = 0; i < module.tables().size(); i++) {
            WasmModule.Table table = module.tables().get(i);
            line(externType(new ExternType.Table(table.type()), spaces.importedTables() + i));
            if (table.init() != null) {
                out.append(' ').append(expression(table.init()));
            }
            out.append(')');
        }
    }

    private void memories() {
        for (int i = 0; i < module.memories().size(); i++) {
            ExternType type = new ExternType.Memory(module.memories().get(i));
            line(externType(type, spaces.importedMemories() + i)).append(')');
        }
    }

    private void tags() {
        for (int i = 0; i < module.tags().size(); i++) {
            line(externType(new ExternType.Tag(module.tags().get(i)), spaces.importedTags() + i)).append(')');
        }
    }

    private void globals() {
        for (int i = 0; i < module.globals().size(); i++) {
            WasmModule.Global global = module.globals().get(i);
            line(externType(new ExternType.Global(global.type()), spaces.importedGlobals() + i));
            out.append(' ').append(expression(global.init())).append(')');
        }
    }

    private void exports() {
        for (WasmModule.Export export : module.exports()) {
            Identifiers space = names.of(
                    switch (export.kind()) {
                        case FUNC -> NameSection.FUNC;
                        case TABLE -> NameSection.TABLE;
                        case MEMORY -> NameSection.MEMORY;
                        case GLOBAL -> NameSection.GLOBAL;
                        case TAG -> NameSection.TAG;
                    });
            line("(export ").append(Literal.name(export.name())).append(" (").append(export.kind()).append(' ');
            out.append(space.use(export.index())).append("))");
        }
    }

    // Segments

    private void elements() {
        for (int i = 0; i < module.elements().size(); i++) {
            ElementSegment segment = module.elements().get(i);
            line(head("elem", NameSection.ELEM, i));
            mode(segment.mode(), "table", NameSection.TABLE);
            if (segment.exprs().isEmpty() && segment.type().equals(REF_FUNC)) {
                out.append(" func");
                for (int function : segment.funcs()) {
                    out.append(' ').append(names.of(NameSection.FUNC).use(function));
                }
            } else {
                out.append(' ').append(types.ref(segment.type()));
                segment.exprs().forEach(e -> out.append(" (item ").append(expression(e)).append(')'));
            }
            out.append(')');
        }
    }

    private void mode(WasmModule.Mode mode, String keyword, int kind) {
        switch (mode) {
            case WasmModule.Mode.Passive _ -> {}
            case WasmModule.Mode.Declarative _ -> out.append(" declare");
            case WasmModule.Mode.Active(int index, Expr offset) -> {
                if (index != 0) {
                    out.append(" (").append(keyword).append(' ').append(names.of(kind).use(index)).append(')');
                }
                out.append(" (offset ").append(expression(offset)).append(')');
            }
        }
    }

    private void data() {
        for (int i = 0; i < module.data().size(); i++) {
            DataSegment segment = module.data().get(i);
            line(head("data", NameSection.DATA, i));
            mode(segment.mode(), "memory", NameSection.MEMORY);
            out.append(' ').append(bytes(segment.bytes())).append(')');
        }
    }

    private String bytes(WasmModule.Range range) {
        return Literal.bytes(module.binary(), range.start(), range.end());
    }

    // Code

    /** A constant expression on one line: folded if it is one instruction. */
    private String expression(Expr expr) {
        StringBuilder text = new StringBuilder();
        CodeReader code = new CodeReader(module.binary(), expr.start(), expr.end());
        instructions.begin(new Identifiers(Map.of()), new Identifiers(Map.of()));
        int count = 0;
        try {
            while (code.hasNext()) {
                Opcode op = code.next();
                if (op == Opcode.END && !code.hasNext()) {
                    break;
                }
                text.append(count++ == 0 ? "" : " ");
                instructions.append(code, text);
            }
        } catch (MalformedCodeException e) {
            throw malformed(e, -1);
        }
        return count == 1 ? "(" + text + ")" : text.toString();
    }

    private void functions() {
        for (int i = 0; i < module.functions().length; i++) {
            int function = spaces.importedFuncs() + i;
            Identifiers locals = names.of(NameSection.LOCAL, function);
            line(head("func", NameSection.FUNC, function)).append(types.typeUse(module.functions()[i], locals));
            var signature = types.func(module.functions()[i]);
            WasmModule.Body body = module.bodies().get(i);
            locals(body, signature == null ? 0 : signature.params().size(), locals);
            body(body, function, locals);
            out.append(')');
        }
    }

    private void locals(WasmModule.Body body, int params, Identifiers ids) {
        int local = params;
        boolean open = false;
        for (WasmModule.LocalRun run : body.locals()) {
            for (int n = run.count(); n > 0; n--, local++) {
                boolean named = ids.isNamed(local);
                if (open && named) {
                    out.append(')');
                    open = false;
                }
                open = local(run.type(), local, named, open, ids);
            }
        }
        out.append(open ? ")" : "");
    }

    private boolean local(ValType type, int local, boolean named, boolean open, Identifiers ids) {
        if (named) {
            line("  (local").append(ids.definition(local)).append(' ').append(types.val(type)).append(')');
            return false;
        }
        if (open) {
            out.append(' ');
        } else {
            line("  (local ");
        }
        out.append(types.val(type));
        return true;
    }

    private void body(WasmModule.Body body, int function, Identifiers locals) {
        instructions(body, function, locals, (code, depth) -> {
            line("  ").repeat("  ", Math.min(depth, MAX_INDENT));
            out.append(hints.before(code.offset()));
            instructions.append(code, out);
        });
    }

    /** By the number of a function that the module defines; fails where the body's instructions cannot be read. */
    public static IntFunction<List<WatInstruction>> instructions(WasmModule module) {
        return new ModulePrinter(module)::instructions;
    }

    private List<WatInstruction> instructions(int defined) {
        int function = spaces.importedFuncs() + defined;
        List<WatInstruction> found = new ArrayList<>();
        instructions(module.bodies().get(defined), function, names.of(NameSection.LOCAL, function), (code, depth) -> {
            StringBuilder text = new StringBuilder();
            instructions.append(code, text);
            found.add(new WatInstruction(code.offset(), depth, text.toString()));
        });
        return found;
    }

    /** What is done with each instruction; it must be written, to some place. */
    private interface Each {
        void instruction(CodeReader code, int depth);
    }

    private void instructions(WasmModule.Body body, int function, Identifiers locals, Each each) {
        CodeReader code = new CodeReader(module.binary(), body.code(), body.end());
        instructions.begin(locals, names.of(NameSection.LABEL, function));
        try {
            while (code.hasNext()) {
                Opcode op = code.next();
                boolean outermost = instructions.depth() == 0;
                if (op == Opcode.END && outermost && !code.hasNext()) {
                    break;
                }
                int outdent = !outermost && (op.closesBlock() || op.dividesBlock()) ? 1 : 0;
                each.instruction(code, instructions.depth() - outdent);
            }
        } catch (MalformedCodeException e) {
            throw malformed(e, function);
        }
    }

    private static MalformedModuleException malformed(MalformedCodeException e, int function) {
        BinaryPlace place = new BinaryPlace(function < 0 ? "module" : "code", function, null, e.offset());
        String advice = "Instructions that cannot be read cannot be printed.";
        return new MalformedModuleException(e.specText(), e.detail(), place, advice);
    }

    // Custom sections

    private void customs() {
        boolean afterNames = false;
        int last = module.customSections().isEmpty() ? 0 : module.customSections().getLast().place();
        for (CustomSection section : module.customSections()) {
            if (section == nameSection) {
                afterNames = true;
                continue;
            }
            if (section == hintSection) {
                continue;
            }
            line("(@custom ").append(Literal.name(section.name()));
            if (!afterNames || section.place() != last) {
                out.append(section.place() == 0 ? " (before first)" : " (after " + SECTIONS.get(section.place()) + ")");
            }
            out.append(' ').append(bytes(section.contents())).append(')');
        }
    }
}
