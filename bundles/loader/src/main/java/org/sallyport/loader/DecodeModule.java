package org.sallyport.loader;

import static org.sallyport.wasm.Feature.EXCEPTIONS;
import static org.sallyport.wasm.Malformed.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sallyport.LoadLimits;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.MalformedModuleException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.wasm.BodySyntax;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.ExternType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.ForeignProposal;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Body;
import org.sallyport.wasm.WasmModule.CustomSection;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Export;
import org.sallyport.wasm.WasmModule.Global;
import org.sallyport.wasm.WasmModule.Import;
import org.sallyport.wasm.WasmModule.Range;
import org.sallyport.wasm.WasmModule.Table;

/**
 * Decodes one module, section by section (WebAssembly 3.0, 5.5). Used once. Allocates in proportion to bytes that are
 * there, never to a number that only says how many should be.
 */
final class DecodeModule {
    private static final int MAGIC_NUMBER = 0x6D736100; // "\0asm"
    private static final int VERSION_NUMBER = 1;
    private static final int TABLE_WITH_INIT = 0x40;

    private final byte[] binary;
    final Context context;
    final ByteReader in;
    private final DecodeTypes types;
    private final DecodeSegments segments;
    private final DecodeBodies bodies;

    private final int[] counts = new int[ExternKind.values().length];
    private final List<Import> imports = new ArrayList<>();
    private int[] functions = new int[0];
    private final List<Table> tables = new ArrayList<>();
    private final List<MemoryType> memories = new ArrayList<>();
    private final List<Integer> tags = new ArrayList<>();
    private final List<Global> globals = new ArrayList<>();
    private final List<Export> exports = new ArrayList<>();
    private int start = WasmModule.NO_START;
    private List<ElementSegment> elements = List.of();
    private int dataCount = -1;
    private Range codeSection = Range.EMPTY;
    private List<DataSegment> data = List.of();
    private final List<CustomSection> customSections = new ArrayList<>();

    DecodeModule(byte[] binary, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
        this.binary = binary;
        limits.check(Limit.MODULE_BYTES, binary.length, "");
        context = new Context(binary, features, limits, budget);
        in = context.in;
        types = new DecodeTypes(context);
        segments = new DecodeSegments(context);
        bodies = new DecodeBodies(context);
    }

    /** @throws MalformedModuleException if the bytes do not follow the grammar */
    WasmModule decode() {
        try {
            header();
            sections();
            lengthsAgree();
        } catch (MalformedCodeException e) {
            throw context.explain(first(e));
        }
        return found();
    }

    /** What was decoded so far. */
    WasmModule found() {
        return new WasmModule(
                binary,
                List.copyOf(types.types),
                List.copyOf(types.groups),
                List.copyOf(imports),
                functions,
                List.copyOf(tables),
                List.copyOf(memories),
                List.copyOf(tags),
                List.copyOf(globals),
                List.copyOf(exports),
                start,
                List.copyOf(elements),
                List.copyOf(data),
                dataCount,
                List.copyOf(bodies.bodies),
                List.copyOf(customSections),
                codeSection,
                names());
    }

    /** An earlier fault inside of the function bodies, or this one. */
    private MalformedCodeException first(MalformedCodeException fault) {
        BodySyntax syntax = new BodySyntax(binary, true);
        int function = importedFunctions();
        for (Body body : bodies.bodies) {
            context.step(body.end() - body.start());
            try {
                syntax.check(body);
            } catch (MalformedCodeException e) {
                if (syntax.offset() >= fault.offset()) {
                    return fault;
                }
                context.enter(Section.CODE.text);
                context.entry(function);
                return e;
            }
            function++;
        }
        return fault;
    }

    int importedFunctions() {
        return counts[ExternKind.FUNC.ordinal()] - functions.length;
    }

    void header() {
        int magic = in.fixed32();
        if (magic != MAGIC_NUMBER) {
            throw new MalformedCodeException(MAGIC, 0);
        }
        int version = in.fixed32();
        if (version != VERSION_NUMBER) {
            throw new MalformedCodeException(
                    VERSION, 4, Integer.toUnsignedString(version), ForeignProposal.ofVersion(version));
        }
    }

    private void sections() {
        int previous = -1;
        while (in.hasNext()) {
            context.enter("module");
            context.step(1);
            int at = in.position();
            int id = in.u8();
            Section section = Section.of(id);
            boolean known = section == null ? id == Section.CUSTOM_ID : isOn(section);
            if (!known) {
                throw new MalformedCodeException(
                        SECTION_ID, at, Integer.toString(id), section != null ? EXCEPTIONS : ForeignProposal.ofSection(id));
            }
            Range range = in.sized();
            if (section == null) {
                custom(range, previous < 0 ? 0 : Section.values()[previous].id);
                continue;
            }
            if (section.ordinal() <= previous) {
                throw new MalformedCodeException(SECTION_ORDER, at, section.text + " section");
            }
            previous = section.ordinal();
            in.reset(range.start(), binary.length);
            context.enter(section.text);
            contents(section, range);
            context.endOfSection(range.end());
        }
    }

    private boolean isOn(Section section) {
        return section != Section.TAG || context.has(EXCEPTIONS);
    }

    /** Reads the name of a custom section, and keeps where its contents are. */
    void custom(Range range, int place) {
        context.enter("custom");
        in.reset(range.start(), range.end());
        String name = context.name();
        customSections.add(new CustomSection(name, new Range(in.position(), range.end()), place));
        in.reset(range.end(), binary.length);
    }

    /** Reads one section, which {@link #in} is at the start of. */
    void contents(Section section, Range range) {
        switch (section) {
            case TYPE -> types.section();
            case IMPORT -> imports();
            case FUNCTION -> functions();
            case TABLE -> each(() -> {
                tables.add(table());
                grow(ExternKind.TABLE, 1);
            });
            case MEMORY -> each(() -> {
                memories.add(types.memory());
                grow(ExternKind.MEMORY, 1);
            });
            case TAG -> each(() -> {
                tags.add(types.tag());
                grow(ExternKind.TAG, 1);
            });
            case GLOBAL -> each(() -> {
                globals.add(new Global(types.global(), context.expr()));
                grow(ExternKind.GLOBAL, 1);
            });
            case EXPORT -> exports();
            case START -> start = in.index();
            case ELEMENT -> elements = segments.elements();
            case DATA_COUNT -> dataCount = in.index();
            case CODE -> {
                codeSection = range;
                bodies.section(importedFunctions());
            }
            case DATA -> data = segments.data();
        }
    }

    private void each(Runnable entry) {
        int count = in.count();
        for (int i = 0; i < count; i++) {
            context.entry(i);
            entry.run();
        }
    }

    /** Counts entries of an index space against its limit. */
    private void grow(ExternKind kind, int by) {
        counts[kind.ordinal()] += by;
        Limit limit = switch (kind) {
            case FUNC -> Limit.FUNCTIONS;
            case TABLE -> Limit.TABLES;
            case MEMORY -> Limit.MEMORIES;
            case GLOBAL -> Limit.GLOBALS;
            case TAG -> Limit.TAGS;
        };
        context.check(limit, counts[kind.ordinal()]);
    }

    private void imports() {
        int count = context.count(Limit.IMPORTS);
        for (int i = 0; i < count; i++) {
            context.entry(i);
            int offset = in.position();
            String module = context.name();
            String name = context.name();
            ExternType type = externType();
            grow(type.kind(), 1);
            imports.add(new Import(module, name, type, offset));
        }
    }

    private ExternType externType() {
        int at = in.position();
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new ExternType.Func(in.index());
            case 1 -> new ExternType.Table(types.table());
            case 2 -> new ExternType.Memory(types.memory());
            case 3 -> new ExternType.Global(types.global());
            case 4 -> {
                if (!context.has(EXCEPTIONS)) {
                    throw new MalformedCodeException(IMPORT_KIND, at, "4 (a tag)", EXCEPTIONS);
                }
                yield new ExternType.Tag(types.tag());
            }
            default -> throw new MalformedCodeException(
                    IMPORT_KIND, at, Integer.toString(kind), ForeignProposal.ofImportKind(kind));
        };
    }

    private void functions() {
        int count = in.count();
        grow(ExternKind.FUNC, count);
        functions = new int[count];
        for (int i = 0; i < count; i++) {
            context.step(1);
            functions[i] = in.index();
        }
    }

    private Table table() {
        if (in.peek() != TABLE_WITH_INIT) {
            return new Table(types.table(), null);
        }
        in.u8();
        int at = in.position();
        if (in.u8() != 0) {
            throw new MalformedCodeException(ZERO_BYTE, at);
        }
        TableType type = types.table();
        return new Table(type, context.expr());
    }

    private void exports() {
        int count = context.count(Limit.EXPORTS);
        for (int i = 0; i < count; i++) {
            context.entry(i);
            int offset = in.position();
            String name = context.name();
            int at = in.position();
            int kind = in.u8();
            if (kind >= counts.length) {
                throw new MalformedCodeException(EXPORT_KIND, at, Integer.toString(kind));
            }
            exports.add(new Export(name, ExternKind.values()[kind], in.index(), offset));
        }
    }

    private void lengthsAgree() {
        context.enter("module");
        int found = bodies.bodies.size();
        if (functions.length != found) {
            String detail = found + " bodies for " + functions.length + " functions";
            throw new MalformedCodeException(CODE_COUNT, binary.length, detail);
        }
        if (dataCount >= 0 && dataCount != data.size()) {
            String detail = "count " + dataCount + ", segments " + data.size();
            throw new MalformedCodeException(DATA_COUNT, binary.length, detail);
        }
    }

    private Names names() {
        for (CustomSection section : customSections) {
            if (section.name().equals(DecodeNames.SECTION)) {
                return DecodeNames.decode(context, section.contents(), counts[ExternKind.FUNC.ordinal()]);
            }
        }
        return Names.NONE;
    }
}
