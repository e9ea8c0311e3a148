package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.DATA_FLAGS;
import static org.sallyport.wasm.Malformed.ELEMENT_FLAGS;
import static org.sallyport.wasm.Malformed.ELEMENT_KIND;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.WasmModule.DataSegment;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Expr;
import org.sallyport.wasm.WasmModule.Mode;

/** Element and data segments (WebAssembly 3.0, 5.5.12 and 5.5.14). */
final class DecodeSegments {
    /** What bare function indices make: references that are never null. */
    static final RefType FUNCTIONS = new RefType(false, HeapType.Abstract.FUNC);

    // The bits of an element segment's flags. With NOT_ACTIVE the second bit tells declarative from passive,
    // else whether a table index (and a type) follows.
    private static final int NOT_ACTIVE = 1;
    private static final int EXPLICIT = 2;
    private static final int EXPRESSIONS = 4;

    private static final Mode PASSIVE = new Mode.Passive();
    private static final Mode DECLARATIVE = new Mode.Declarative();

    private final Context context;
    private final ByteReader in;

    DecodeSegments(Context context) {
        this.context = context;
        in = context.in;
    }

    List<ElementSegment> elements() {
        int count = context.count(Limit.ELEMENT_SEGMENTS);
        List<ElementSegment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            context.entry(i);
            segments.add(element());
        }
        return segments;
    }

    private ElementSegment element() {
        int offset = in.position();
        int flags = in.index();
        if (flags > (NOT_ACTIVE | EXPLICIT | EXPRESSIONS)) {
            throw new MalformedCodeException(ELEMENT_FLAGS, offset, Integer.toString(flags));
        }
        Mode mode = elementMode(flags);
        boolean typed = (flags & (NOT_ACTIVE | EXPLICIT)) != 0;
        if ((flags & EXPRESSIONS) != 0) {
            RefType type = typed ? in.refType() : RefType.FUNCREF;
            return new ElementSegment(type, mode, new int[0], expressions(), offset);
        }
        if (typed) {
            elementKind();
        }
        return new ElementSegment(FUNCTIONS, mode, functions(), List.of(), offset);
    }

    private Mode elementMode(int flags) {
        if ((flags & NOT_ACTIVE) != 0) {
            return (flags & EXPLICIT) != 0 ? DECLARATIVE : PASSIVE;
        }
        int table = (flags & EXPLICIT) != 0 ? in.index() : 0;
        return new Mode.Active(table, context.expr());
    }

    private void elementKind() {
        int at = in.position();
        int kind = in.u8();
        if (kind != 0) {
            throw new MalformedCodeException(ELEMENT_KIND, at, "0x" + Integer.toHexString(kind));
        }
    }

    private int[] functions() {
        int[] functions = new int[context.count(Limit.SEGMENT_ELEMENTS)];
        for (int i = 0; i < functions.length; i++) {
            context.step(1);
            functions[i] = in.index();
        }
        return functions;
    }

    private List<Expr> expressions() {
        int count = context.count(Limit.SEGMENT_ELEMENTS);
        List<Expr> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(context.expr());
        }
        return list;
    }

    List<DataSegment> data() {
        int count = context.count(Limit.DATA_SEGMENTS);
        List<DataSegment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            context.entry(i);
            int offset = in.position();
            Mode mode = dataMode(offset);
            segments.add(new DataSegment(mode, in.bytes(), offset));
        }
        return segments;
    }

    private Mode dataMode(int offset) {
        return switch (in.index()) {
            case 0 -> new Mode.Active(0, context.expr());
            case 1 -> PASSIVE;
            case 2 -> {
                int memory = in.index();
                yield new Mode.Active(memory, context.expr());
            }
            default -> throw new MalformedCodeException(DATA_FLAGS, offset);
        };
    }
}
